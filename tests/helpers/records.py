"""Records for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fencepost.record.model import FailureRecord, Record, SnippetRecord
from fencepost.verdicts import Verdict


def a_step(name: str = "step-1", **told: Any) -> SnippetRecord:
    return SnippetRecord.model_validate(
        {
            "id": name,
            "language": "bash",
            "file": "docs/page.md",
            "line": 5,
            "source_sha256": "0" * 64,
            "verdict": "passed",
            "exit": 0,
            "seconds": 0.5,
            "output": "hello\n",
            "truncated": False,
            "reason": None,
            "failure": None,
            **told,
        }
    )


def a_failed_step(name: str = "step-2") -> SnippetRecord:
    failure = FailureRecord(
        file="docs/page.md", line=9, command="false", expected="exit status 0", actual="exit status 1"
    )
    return a_step(name, verdict="failed", exit=1, reason="exit status 1", failure=failure)


def a_record(*steps: SnippetRecord, **told: Any) -> Record:
    return Record.model_validate(
        {
            "page": "docs/posts/page.md",
            "machine": "debian-12",
            "image": "sha256:" + "1" * 64,
            "engine": "podman 4.3.1",
            "accelerator": None,
            "fencepost": "0.1.0",
            "started": datetime(2026, 11, 23, 14, 0, tzinfo=UTC),
            "seconds": 3.2,
            "verdict": Verdict.PASSED,
            "snippets": steps,
            **told,
        }
    )
