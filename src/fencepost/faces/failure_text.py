"""The report of a failed step for its author: page, line, command, difference, and what to type next."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from fencepost.check.job import Job
from fencepost.faces.safe_text import shown, shown_on_one_line
from fencepost.kinds.registry import kind_of
from fencepost.kinds.result import StepResult
from fencepost.record.change import Change
from fencepost.terminal import lines_of
from fencepost.transcript.difference import Part, difference
from fencepost.transcript.hints import hints
from fencepost.verdicts import Verdict

_CONTEXT_LINES = 2
_OUTPUT_LINES = 30


def failure_text(job: Job, result: StepResult, files: Mapping[str, list[str]], change: Change | None = None) -> str:
    """Return several lines about a step that isn't as documented.

    Args:
        job: the page and its machine.
        result: the step's result.
        files: the lines of the site's files, by name, to quote from.
        change: the changes since the page was last green, if they are known.
    """
    snippet, failure = result.snippet, result.failure
    at = f"{failure.file}:{failure.line}" if failure else f"{snippet.opening.file}:{snippet.opening.line}"
    name = f"{shown_on_one_line(at)}: {result.verdict}: step `{snippet.id}` on {job.definition.name}"
    lines = [f"{name}: {result.reason or result.verdict}"]
    if failure and result.verdict is not Verdict.ERROR:
        lines += ["", *_excerpt(files.get(failure.file, []), failure.line)]
        if failure.command and not _in_excerpt(files.get(failure.file, []), failure.line, failure.command):
            lines += ["", f"  command:  {failure.command}"]
        lines += ["", *_expected_and_got(failure.expected, failure.actual)]
        lines += [f"  hint:      {hint}" for hint in hints(failure.expected, failure.actual, failure.line)]
    if result.output.strip() and not (failure and kind_of(snippet).is_transcript and failure.actual in result.output):
        lines += ["", "  output:", *_tail(result.output)]
    if change:
        lines += ["", f"  last green:    {change.green.started:%Y-%m-%d %H:%M} UTC. Since then:"]
        lines += [f"    {shown_on_one_line(line)}" for line in change.lines()]
    if result.verdict is not Verdict.ERROR:
        where = shown_on_one_line(shlex.join([job.page.name, "--machine", job.definition.name]))
        lines += ["", f"  run it again:  fencepost check {where}", f"  look around:   fencepost shell {where}"]
        if result.differs:
            lines.append(f"  rewrite it:    fencepost check {where} --update")
    return shown("\n".join(lines))


def lines_to_quote(folder: Path, files: Iterable[str]) -> dict[str, list[str]]:
    """Return the lines of those of a site's files that exist, by name."""
    paths = {file: folder / file for file in files}
    return {
        file: path.read_text("utf-8-sig", errors="replace").split("\n")
        for file, path in paths.items()
        if path.is_file()
    }


def _excerpt(lines: list[str], line: int) -> list[str]:
    return [f"  {'>' if number == line else ' '} {number:>4} | {text}" for number, text in _around(lines, line)]


def _in_excerpt(lines: list[str], line: int, command: str) -> bool:
    """Return whether the excerpt shows the command already."""
    first = command.split("\n", maxsplit=1)[0].strip()
    return any(first in text for _, text in _around(lines, line))


def _around(lines: list[str], line: int) -> list[tuple[int, str]]:
    first = max(1, line - _CONTEXT_LINES)
    return [(number, lines[number - 1]) for number in range(first, min(len(lines), line + _CONTEXT_LINES) + 1)]


def _expected_and_got(expected: str, actual: str) -> list[str]:
    lines = lines_of(actual)
    if "\n" not in expected and len(lines) <= 1:
        return [f"  expected:  {expected}", f"  but got:   {''.join(lines) or 'nothing'}"]
    if not lines:
        return ["  expected:", *_tail(expected), "  but got:   nothing"]
    return ["  expected (-), but got (+):", *_difference(difference(expected.split("\n"), actual))]


def _difference(parts: Sequence[tuple[Part, str]]) -> list[str]:
    """Return the lines that differ, with some context."""
    changes = [number for number, (part, _) in enumerate(parts) if part is not Part.FITS]
    near = {number for change in changes for number in range(change - _CONTEXT_LINES, change + _CONTEXT_LINES + 1)}
    shown_lines: list[str] = []
    left_out = 0
    for number, (part, line) in enumerate(parts):
        if number in near and len(shown_lines) < _OUTPUT_LINES:
            shown_lines += [*_left_out(left_out), f"    {part} {line}".rstrip()]
            left_out = 0
        else:
            left_out += 1
    return [*shown_lines, *_left_out(left_out)]


def _left_out(count: int) -> list[str]:
    return [f"      ({count} line{'s' * (count > 1)} not shown here)"] if count else []


def _tail(text: str) -> list[str]:
    lines = lines_of(text)
    cut = [f"    ({len(lines) - _OUTPUT_LINES} lines before)"] if len(lines) > _OUTPUT_LINES else []
    return cut + [f"    {line}" for line in lines[-_OUTPUT_LINES:]]
