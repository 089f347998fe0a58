"""What a check keeps in mind to tell at its end."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from fencepost.check.judge import StepResult
from fencepost.faces.cli.report import Report
from fencepost.verdicts import Verdict


@pytest.mark.parametrize(("keeps_all", "kept"), [(False, [Verdict.FAILED]), (True, [Verdict.PASSED, Verdict.FAILED])])
def test_it_keeps_what_went_wrong_and_the_rest_only_to_rewrite_it(keeps_all: bool, kept: list[Verdict]) -> None:
    job: Any = SimpleNamespace(name="docs/page.md on debian-12")
    snippet: Any = SimpleNamespace(id="step-1")
    report = Report(Console(file=io.StringIO()), keeps_all=keeps_all)
    for verdict in (Verdict.PASSED, Verdict.FAILED):
        report.step_ends(job, StepResult(snippet, verdict, output="x" * 1000))
    assert [result.verdict for _, result in report.results] == kept
