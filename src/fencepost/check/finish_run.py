"""Finishes a run: notes the packages that it has installed, makes its record, and writes it."""

from __future__ import annotations

from collections.abc import Callable

from fencepost.check.known_packages import KnownPackages
from fencepost.check.page_run import PageRun
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.verdicts import Verdict


def finish_run(
    run: PageRun, store: RecordStore, packages: KnownPackages, is_stopped: Callable[[], bool] = lambda: False
) -> Record:
    """Make the record of a run whose steps are done, and write it unless the previous record is worth more.

    Call it while the run's machine still exists.

    Args:
        run: the run.
        store: where its record goes.
        packages: the packages of the machines' images.
        is_stopped: returns whether the check was stopped; then nothing is written.

    Raises:
        EngineError, SiteError: when the record can't be written.
    """
    if not is_stopped():
        # Needed without a network too: reports explain a change of image by its packages.
        packages.ask([run.job])
        if run.job.page.front_matter.network:
            run.note_packages(packages.of(run.job))
    record = run.record()
    if not is_stopped() and _is_worth_more(run, record, store):
        store.write(record)
    return record


def _is_worth_more(run: PageRun, record: Record, store: RecordStore) -> bool:
    """Return whether a record is worth more than the previous one."""
    if run.job.lacking:
        before = store.read(record.key)
        return before is None or before.verdict is Verdict.SKIPPED
    # An error says nothing about the page: keep the previous record.
    return record.verdict is not Verdict.ERROR
