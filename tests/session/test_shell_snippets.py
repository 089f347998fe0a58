"""bash snippets, a file each, in which every `#=` starts a snippet and states the expected outcome.

    #= status: 1, line: 3, output: "hello\n"
    echo hello
    false
    #= typed: true, output: "typed at a prompt\n"
    echo typed at a prompt

Line numbers are those of the file. `like` is a regular expression, for output that differs between versions of bash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from fencepost.session.outcome import Outcome
from fencepost.session.shell import ShellSession
from tests.helpers.host_machine import LIMIT, host_machine

SAMPLES = sorted((Path(__file__).parent / "snippets").glob("*.sh"))


@dataclass
class Sample:
    """One snippet of a file: its text, the line where it begins, its time, and what is expected."""

    source: str
    line: int
    seconds: float
    typed: bool
    expected: dict[str, Any]


def read_samples(path: Path) -> list[Sample]:
    lines = path.read_bytes().decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")
    heads = [index for index, line in enumerate(lines) if line.startswith("#=")]
    samples = []
    for head, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        expected = {"status": 0, "line": 0, "ending": "DONE", **yaml.safe_load("{" + lines[head][2:] + "}")}
        if "like" not in expected:
            expected.setdefault("output", "")
        seconds = expected.pop("seconds", 20)
        typed = expected.pop("typed", False)
        samples.append(Sample("\n".join(lines[head + 1 : end]), head + 2, seconds, typed, expected))
    return samples


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_snippet_does_what_its_file_says(path: Path, tmp_path: Path) -> None:
    with host_machine(tmp_path) as machine:
        session = ShellSession(machine.start(), LIMIT)
        session.start()
        for sample in read_samples(path):
            if not session.alive:
                session.start_again()
            run = session.run_typed if sample.typed else session.run
            assert_outcome(run(sample.source, line=sample.line, seconds=sample.seconds), sample)


def assert_outcome(outcome: Outcome, sample: Sample) -> None:
    told = {
        "status": outcome.status,
        "line": outcome.line,
        "ending": outcome.ending.name,
        "output": outcome.output.decode("utf-8", "replace"),
    }
    if outcome.returned_early:
        told["returned_early"] = True
    if "like" in sample.expected:
        assert re.search(sample.expected["like"], told.pop("output"))
        told["like"] = sample.expected["like"]
    assert told == sample.expected, sample.source
