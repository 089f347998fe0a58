"""Decides whether a page has to be run again."""

from __future__ import annotations

from datetime import timedelta

from fencepost import __version__
from fencepost.check.job import Job, inputs_digest
from fencepost.record.model import Record, is_from_the_future, now
from fencepost.settings import Settings
from fencepost.verdicts import Verdict


def why_to_run(job: Job, record: Record | None, settings: Settings, max_age_days: float | None = None) -> str:
    """Return the reason why a page must be run again; empty if its record still holds.

    Args:
        job: the page and its machine.
        record: its last record, if any.
        settings: the site's settings.
        max_age_days: the age from which a record holds no longer; `None` for no limit.
    """
    if record is None:
        return "never run here"
    changed = record.steps_sha256 != job.page.digest_on(job.definition.name)
    if job.lacking and record.verdict is not Verdict.SKIPPED and not changed:
        # Keep the result of a computer that could run it.
        return ""
    if is_from_the_future(record.started):
        # Otherwise readers would see a verdict that doesn't age.
        return f"its record is dated {record.started:%Y-%m-%d}, in the future: a clock was wrong"
    if record.verdict.is_red:
        return f"it was {record.verdict} the last time"
    if changed:
        return "its steps changed"
    if record.image != job.image.id:
        return "the machine's image changed"
    if record.inputs_sha256 != inputs_digest(job, settings):
        return "its machine's settings or limits changed"
    if record.fencepost != __version__:
        return f"Fencepost changed from {record.fencepost} to {__version__}"
    if max_age_days is not None and now() - record.started > timedelta(days=max_age_days):
        return f"older than {max_age_days:g} days"
    return ""
