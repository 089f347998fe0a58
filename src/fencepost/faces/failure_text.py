"""A failed step, told to the one who has to fix it: the page, the line, the command, what came, what to type next."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from fencepost.check.job import Job
from fencepost.faces.safe_text import shown, shown_on_one_line
from fencepost.kinds.registry import kind_of
from fencepost.kinds.result import StepResult
from fencepost.record.change import Change
from fencepost.terminal import lines_of
from fencepost.transcript.difference import Part, difference
from fencepost.transcript.hints import hints
from fencepost.verdicts import Verdict

_AROUND = 2
_OUTPUT_LINES = 30


def failure_text(job: Job, result: StepResult, files: Mapping[str, list[str]], change: Change | None = None) -> str:
    """Several lines about a step that isn't as documented.

    Args:
        job: the page and its machine.
        result: what became of the step.
        files: the lines of files of the site, by name, to quote from.
        change: what has changed since the page was last green, where that is known.
    """
    snippet, failure = result.snippet, result.failure
    at = f"{failure.file}:{failure.line}" if failure else f"{snippet.opening.file}:{snippet.opening.line}"
    name = f"{shown_on_one_line(at)}: {result.verdict}: step `{snippet.id}` on {job.definition.name}"
    told = [f"{name}: {result.reason or result.verdict}"]
    if failure and result.verdict is not Verdict.ERROR:
        told += ["", *_excerpt(files.get(failure.file, []), failure.line)]
        if failure.command and not _shown(files.get(failure.file, []), failure.line, failure.command):
            told += ["", f"  command:  {failure.command}"]
        told += ["", *_expected_and_got(failure.expected, failure.actual)]
        told += [f"  hint:      {hint}" for hint in hints(failure.expected, failure.actual, failure.line)]
    if result.output.strip() and not (failure and kind_of(snippet).is_transcript and failure.actual in result.output):
        told += ["", "  output:", *_tail(result.output)]
    if change:
        told += ["", f"  last green:    {change.green.started:%Y-%m-%d %H:%M} UTC. Since then:"]
        told += [f"    {shown_on_one_line(line)}" for line in change.lines()]
    if result.verdict is not Verdict.ERROR:
        where = shown_on_one_line(shlex.join([job.page.name, "--machine", job.definition.name]))
        told += ["", f"  run it again:  fencepost check {where}", f"  look around:   fencepost shell {where}"]
        if result.differs:
            told.append(f"  rewrite it:    fencepost check {where} --update")
    return shown("\n".join(told))


def _excerpt(lines: list[str], line: int) -> list[str]:
    return [f"  {'>' if number == line else ' '} {number:>4} | {text}" for number, text in _around(lines, line)]


def _shown(lines: list[str], line: int, command: str) -> bool:
    """Whether the excerpt has the command already."""
    first = command.split("\n", maxsplit=1)[0].strip()
    return any(first in text for _, text in _around(lines, line))


def _around(lines: list[str], line: int) -> list[tuple[int, str]]:
    first = max(1, line - _AROUND)
    return [(number, lines[number - 1]) for number in range(first, min(len(lines), line + _AROUND) + 1)]


def _expected_and_got(expected: str, actual: str) -> list[str]:
    lines = lines_of(actual)
    if "\n" not in expected and len(lines) <= 1:
        return [f"  expected:  {expected}", f"  but got:   {''.join(lines) or 'nothing'}"]
    if not lines:
        return ["  expected:", *_tail(expected), "  but got:   nothing"]
    return ["  expected (-), but got (+):", *_difference(difference(expected.split("\n"), actual))]


def _difference(parts: Sequence[tuple[Part, str]]) -> list[str]:
    """The lines that differ, with some around them."""
    changes = [number for number, (part, _) in enumerate(parts) if part is not Part.FITS]
    near = {number for change in changes for number in range(change - _AROUND, change + _AROUND + 1)}
    told: list[str] = []
    left_out = 0
    for number, (part, line) in enumerate(parts):
        if number in near and len(told) < _OUTPUT_LINES:
            told += [*_left_out(left_out), f"    {part} {line}".rstrip()]
            left_out = 0
        else:
            left_out += 1
    return [*told, *_left_out(left_out)]


def _left_out(count: int) -> list[str]:
    return [f"      ({count} line{'s' * (count > 1)} not shown here)"] if count else []


def _tail(text: str) -> list[str]:
    lines = lines_of(text)
    cut = [f"    ({len(lines) - _OUTPUT_LINES} lines before)"] if len(lines) > _OUTPUT_LINES else []
    return cut + [f"    {line}" for line in lines[-_OUTPUT_LINES:]]
