"""Finds the outputs of transcripts that should show something else, and those that must be left as they are."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from fencepost.check.job import Job
from fencepost.errors import PageError
from fencepost.fence.snippet import Snippet
from fencepost.fence.traced_line import Origin
from fencepost.kinds.registry import kind_of
from fencepost.kinds.result import StepResult
from fencepost.transcript.parse import Command
from fencepost.transcript.update import TooMuchError, first_lost_command, updated

NEWLINE = "\n"


@dataclass(frozen=True)
class Output:
    """The output of a command at its place in a file.

    Attributes:
        file: the file.
        start: its first line, counted from 0.
        above: the lines of the command above it in that file, the last one first.
        included_to: the line after the part of the file that is included; 0 if the fence itself is in the file.
        shown: its lines in the page.
    """

    file: str
    start: int
    # Not compared: another page may have the command itself, and include the same output.
    above: tuple[str, ...] = field(compare=False)
    included_to: int
    shown: tuple[str, ...]


@dataclass
class Outcome:
    """The outputs in pages, compared with what was printed.

    Attributes:
        new_lines: what each output should show, each time with the name of the job that printed it.
        left: outputs of fences in which nothing may change.
        problems: outputs that can't be rewritten, and why.
    """

    new_lines: dict[Output, set[tuple[str, tuple[str, ...]]]] = field(default_factory=dict)
    left: set[Output] = field(default_factory=set)
    problems: list[PageError] = field(default_factory=list)


def outcome_of(results: Iterable[tuple[Job, StepResult]]) -> Outcome:
    """Compare the outputs in pages with what steps printed."""
    outcome = Outcome()
    for job, result in results:
        if result.snippet.attributes.known_broken:
            continue
        changes = []
        prompts = kind_of(result.snippet).prompts
        for command, printed in result.printed:
            if command.expected:
                try:
                    output = _output_of(result.snippet, command)
                    lines = tuple(updated(command.expected, printed, prompts))
                except PageError as problem:
                    outcome.problems.append(problem)
                except TooMuchError:
                    message = (
                        f"this output is too long to be compared with the {printed.count(NEWLINE)} lines that were "
                        "printed: it is left as it is"
                    )
                    outcome.problems.append(PageError(message, "show less of it", output.file, output.start + 1))
                else:
                    outcome.new_lines.setdefault(output, set()).add((job.name, lines))
                    if lines != command.expected:
                        changes.append((command, lines))
        if changes and (lost := first_lost_command(result.snippet.source, changes, prompts)):
            _leave(outcome, result.snippet, *lost)
    return outcome


def _leave(outcome: Outcome, snippet: Snippet, text: str, offset: int) -> None:
    """Note that a fence is left as it is, because a line in it may be a command."""
    at = snippet.origin_at(snippet.index + offset)
    if not any((problem.file, problem.line) == (at.file, at.line) for problem in outcome.problems):
        message = f"`{text}` may be a command, and would be lost: nothing in this fence is changed"
        fix = "begin the line with a backslash if it is output; if it is a command, give it the prompt of the others"
        outcome.problems.append(PageError(message, fix, at.file, at.line))
    for command in kind_of(snippet).commands(snippet.source):
        if command.expected:
            with suppress(PageError):
                outcome.left.add(_output_of(snippet, command))


def sharing_lines(outputs: Iterable[Output]) -> list[list[Output]]:
    """Group outputs that have lines of a file in common."""
    groups: list[list[Output]] = []
    file, end = "", 0
    for output in sorted(outputs, key=lambda output: (output.file, output.start)):
        if output.file != file or output.start >= end:
            groups.append([])
            file, end = output.file, 0
        groups[-1].append(output)
        end = max(end, output.start + len(output.shown))
    return groups


def _output_of(snippet: Snippet, command: Command) -> Output:
    first = snippet.index + command.expected_offset
    origins = [snippet.origin_at(first + offset) for offset in range(len(command.expected))]
    here = origins[0]
    if origins != [Origin(here.file, here.line + offset) for offset in range(len(origins))]:
        raise PageError(
            "this output is put together from several places: it is left as it is", "", here.file, here.line
        )
    included_to = 0 if here.file == snippet.opening.file else _included_to(snippet, first)
    return Output(here.file, here.line - 1, _typed_above(snippet, command), included_to, command.expected)


def _typed_above(snippet: Snippet, command: Command) -> tuple[str, ...]:
    first = snippet.index + command.expected_offset
    here = snippet.origin_at(first)
    typed = snippet.source.split("\n")[command.offset : command.expected_offset]
    above: list[str] = []
    for back, text in enumerate(reversed(typed), 1):
        if snippet.origin_at(first - back) != Origin(here.file, here.line - back):
            break
        above.append(text)
    return tuple(above)


def _included_to(snippet: Snippet, index: int) -> int:
    last = snippet.origin_at(index)
    while snippet.origin_at(index + 1) == Origin(last.file, last.line + 1):
        index += 1
        last = snippet.origin_at(index)
    return last.line
