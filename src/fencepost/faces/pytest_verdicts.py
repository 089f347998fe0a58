"""A step's verdict in pytest's words."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from fencepost.check.job import Job
from fencepost.faces.failure_text import failure_text
from fencepost.faces.safe_text import shown
from fencepost.kinds.result import StepResult
from fencepost.terminal import lines_of
from fencepost.verdicts import Verdict


class EngineTroubleError(Exception):
    """A verdict of `error`: shown as pytest's error, not as the step's failure."""


class StepFailedError(Exception):
    """A step that isn't as documented; its text is the whole report."""


class StepWarning(UserWarning):
    """What an author should look at in a step, whatever its verdict."""


def tell(item: pytest.Item, job: Job, result: StepResult, folder: Path) -> None:
    """Tells pytest what became of a step: what it printed, warnings, and by an exception anything but good news.

    Args:
        item: the step's item, which is being run.
        job: its page and machine.
        result: what became of it.
        folder: the site's.
    """
    item.user_properties.append(("verdict", str(result.verdict)))
    _warn(result, folder)
    if result.verdict is Verdict.PASSED and result.output:
        item.add_report_section("call", "output", shown("\n".join(lines_of(result.output))) + "\n")
    if result.verdict is Verdict.KNOWN_BROKEN:
        pytest.xfail(shown(result.reason))
    if result.verdict in {Verdict.BLOCKED, Verdict.SKIPPED}:
        pytest.skip(shown(result.reason))
    if result.verdict is Verdict.ERROR:
        raise EngineTroubleError(result.reason)
    if result.verdict is not Verdict.PASSED:
        raise StepFailedError(failure_text(job, result, _quoted(result, folder)))


def _warn(result: StepResult, folder: Path) -> None:
    with warnings.catch_warnings():
        # `-W error` turns warnings into failures, and a note changes no verdict.
        warnings.simplefilter("always", StepWarning)
        for note in result.notes:
            warnings.warn_explicit(shown(note.text), StepWarning, str(folder / note.file), note.line)


def _quoted(result: StepResult, folder: Path) -> dict[str, list[str]]:
    if not result.failure:
        return {}
    file = folder / result.failure.file
    text = file.read_text("utf-8-sig", errors="replace") if file.is_file() else ""
    return {result.failure.file: text.split("\n")}
