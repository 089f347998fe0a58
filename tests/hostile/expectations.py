"""Reads the verdict that a step of a hostile page must get from the comment above its fence.

    <!-- expect: failed, exit: 1, at: "false" -->
    <!-- expect on vm: failed or timed-out -->

After the verdict, a comment may give the `exit` status, the text of the line `at` which the step failed, and a part of
its `reason` or of the text that it `prints`. A step without a comment is an honest one, and must pass. A line
`@repeat N TEXT` stands for N lines of that text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from fencepost.record.model import Record, SnippetRecord

_COMMENT = re.compile(r"<!-- expect(?: on (?P<machine>\S+))?: (?P<told>.+) -->")
_FENCE = re.compile(r"(`{3,}|~{3,})\s*\S")
_REPEAT = re.compile(r"^@repeat (\d+) (.*)\n", re.MULTILINE)


@dataclass(frozen=True)
class Expected:
    """What must become of a step; empty for what doesn't matter."""

    verdicts: tuple[str, ...] = ("passed",)
    exit: str = ""
    at: str = ""
    reason: str = ""
    prints: str = ""

    def differences(self, step: SnippetRecord) -> list[str]:
        """In what a step is not as expected."""
        where = f"{step.id} (line {step.line})"
        told = f"{step.verdict}, exit {step.exit}, {step.reason}, {step.failure}, printed {step.output[-300:]!r}"
        found = []
        if step.verdict not in self.verdicts:
            found.append(f"{where}: {' or '.join(self.verdicts)} expected, but it is {told}")
        if self.exit and str(step.exit) != self.exit:
            found.append(f"{where}: exit {self.exit} expected, but it is {told}")
        if self.at and (not step.failure or step.failure.command != self.at):
            found.append(f"{where}: a failure at `{self.at}` expected, but it is {told}")
        if self.reason not in (step.reason or ""):
            found.append(f"{where}: the reason `{self.reason}` expected, but it is {told}")
        if self.prints not in step.output:
            found.append(f"{where}: {self.prints!r} expected in its output, but it is {told}")
        return found


def expanded(text: str) -> str:
    """A page's text, with the lines that it asks to repeat."""
    return _REPEAT.sub(lambda match: f"{match[2]}\n" * int(match[1]), text)


def expectations(text: str, machine: str) -> dict[int, Expected]:
    """What a page expects of its steps on a machine, by the lines of their opening fences, counted from 1."""
    found: dict[int, Expected] = {}
    pending: dict[str, Any] = {}
    open_fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.match(line)
        if open_fence:
            open_fence = "" if line.rstrip() == open_fence else open_fence
        elif comment := _COMMENT.fullmatch(line):
            if comment["machine"] in {None, machine}:
                pending = yaml.load(f"{{verdict: {comment['told']}}}", yaml.BaseLoader)
        elif fence:
            verdicts = tuple(pending.pop("verdict", "passed").split(" or "))
            found[number] = Expected(verdicts, **pending)
            pending, open_fence = {}, fence[1]
    return found


def page_differences(record: Record, expected: dict[int, Expected]) -> list[str]:
    """In what a page's record is not as the page says."""
    steps = {step.line: step for step in record.snippets}
    if steps.keys() != expected.keys():
        return [f"{record.page}: steps at the lines {sorted(expected)} expected, but they are at {sorted(steps)}"]
    return [f"{record.page}: {told}" for line, step in steps.items() for told in expected[line].differences(step)]
