"""The end of a run, whoever has run it: what it has installed, its record, and whether that is worth keeping."""

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
    """Makes the record of a run whose steps are done, while its machine is there, and writes it if it says something.

    Args:
        run: the run.
        store: where its record goes.
        packages: what the machines had before.
        is_stopped: whether all is to end at once; then nothing is written.

    Raises:
        EngineError, SiteError: when the record can't be written.
    """
    if not is_stopped():
        # Also of a page without a network: what is told between two images are their packages.
        packages.ask([run.job])
        if run.job.page.front_matter.network:
            run.note_packages(packages.of(run.job))
    record = run.record()
    if not is_stopped() and _says_something(run, record, store):
        store.write(record)
    return record


def _says_something(run: PageRun, record: Record, store: RecordStore) -> bool:
    """Whether a record is worth more than the one before it."""
    if run.job.lacking:
        before = store.read(record.key)
        return before is None or before.verdict is Verdict.SKIPPED
    # An error says nothing about the page: what was known of it stays.
    return record.verdict is not Verdict.ERROR
