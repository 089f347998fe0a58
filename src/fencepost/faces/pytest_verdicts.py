"""Report a step's verdict to pytest."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from fencepost.check.job import Job
from fencepost.faces.failure_text import failure_text, lines_to_quote
from fencepost.faces.safe_text import shown
from fencepost.kinds.result import StepResult
from fencepost.terminal import lines_of
from fencepost.verdicts import Verdict


class EngineTroubleError(Exception):
    """The verdict is `error`: pytest shows an error, not a failure of the step."""


class StepFailedError(Exception):
    """The step isn't as documented; the exception's text is the whole report."""


class StepWarning(UserWarning):
    """A note for the author of a step, whatever its verdict."""


def report_verdict(item: pytest.Item, job: Job, result: StepResult, folder: Path) -> None:
    """Report a step's verdict, output and warnings to pytest; unless it passed, by raising an exception.

    Args:
        item: the step's item, which is being run.
        job: its page and machine.
        result: its result.
        folder: the site's folder.
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
        files = [result.failure.file] if result.failure else []
        raise StepFailedError(failure_text(job, result, lines_to_quote(folder, files)))


def _warn(result: StepResult, folder: Path) -> None:
    with warnings.catch_warnings():
        # Not as errors under `-W error`: a note doesn't change the verdict.
        warnings.simplefilter("always", StepWarning)
        for note in result.notes:
            warnings.warn_explicit(shown(note.text), StepWarning, str(folder / note.file), note.line)
