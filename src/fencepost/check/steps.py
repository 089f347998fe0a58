"""Runs one step in a page's session, and judges it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fencepost.check.bash_says import with_file_lines
from fencepost.check.judge import ORDINARY, Failure, Note, StepResult, given_up, judge
from fencepost.page.snippet import Snippet
from fencepost.session.outcome import Ending, Outcome
from fencepost.session.page_session import PageSession
from fencepost.terminal import lines_of
from fencepost.transcript.like_commands import hint_for
from fencepost.transcript.match import first_difference, matches
from fencepost.transcript.parse import Command, parse_transcript
from fencepost.transcript.regular import TooLongError
from fencepost.verdicts import Verdict

_HIDES_A_STATUS = re.compile(r"[|;\n]")


@dataclass(frozen=True)
class StepRunner:
    """Runs the steps of one page.

    Attributes:
        session: the page's session.
        seconds: the time that a step has which doesn't say otherwise.
        limit_mib: the output that a step may write.
        steps: all steps of the page.
        goes_on: run a transcript to its end even where it prints something else than the page shows.
    """

    session: PageSession
    seconds: float
    limit_mib: int
    steps: Sequence[Snippet] = ()
    goes_on: bool = False

    def run(self, snippet: Snippet, values: Mapping[str, Any] | None = None) -> StepResult:
        """Runs a step, again if it asks for further tries, and tells what became of the last one.

        Args:
            snippet: the step.
            values: what a Python step finds in its globals, from pytest's fixtures.

        Raises:
            EngineError: when the machine or its engine fails.
        """
        seconds = snippet.attributes.timeout or self.seconds
        awaited = snippet.attributes.wait_for
        if awaited and not self.session.wait_for(awaited, seconds):
            reason = f"waited {seconds:g} s for {awaited}, in vain"
            failure = Failure(snippet.opening.file, snippet.opening.line, expected=awaited, actual=reason)
            return StepResult(snippet, Verdict.TIMED_OUT, reason=reason, failure=failure, seconds=seconds)
        result = self._once(snippet, seconds, values or {})
        tries = 1 + snippet.attributes.retry
        for number in range(2, tries + 1):
            # What is known to be broken and works would only find that it is done already.
            decided = not result.verdict.stops_the_page or result.verdict is Verdict.UNEXPECTEDLY_WORKS
            if decided or not self.session.alive:
                break
            result = self._once(snippet, seconds, values or {})
            if not result.verdict.stops_the_page:
                told = f"{result.verdict} only at try {number} of {tries}"
                note = Note(snippet.opening.file, snippet.opening.line, told)
                result = replace(result, notes=(*result.notes, note))
        return result

    def _once(self, snippet: Snippet, seconds: float, values: Mapping[str, Any]) -> StepResult:
        if snippet.runner == "console":
            return self._transcript(snippet, seconds)
        if snippet.runner == "python":
            outcome = self.session.run_python(snippet, seconds=seconds, values=values)
        elif snippet.runner == "file":
            outcome = self.session.write_file(
                snippet.attributes.file, snippet.source, line=snippet.index, seconds=seconds
            )
        else:
            outcome = self.session.run_shell(snippet.source, line=snippet.index, seconds=seconds)
        result = judge(snippet, outcome, seconds, self.limit_mib, self.steps)
        if outcome.note and result.verdict is not Verdict.KNOWN_BROKEN:
            result = replace(result, reason="; ".join(filter(None, (result.reason, outcome.note))))
        return replace(result, output=with_file_lines(result.output, lambda index: snippet.origin_at(index).line))

    def _transcript(self, snippet: Snippet, seconds: float) -> StepResult:
        """Runs a transcript's commands up to the first whose output or status isn't what the page shows."""
        total = 0.0
        screen: list[str] = []
        outputs: list[str] = []
        printed: list[tuple[Command, str]] = []
        result: StepResult | None = None
        notes: list[Note] = []
        for command in parse_transcript(snippet.source):
            outcome = self.session.run_typed(
                command.source,
                line=snippet.index + command.offset,
                seconds=max(0.1, seconds - total),
                watch=_hides_failures(command),
            )
            at = snippet.origin_at(snippet.index + command.offset)
            notes += [Note(at.file, at.line, _overlooked(status, what)) for status, what in outcome.overlooked]
            total += outcome.seconds
            output = outcome.output.decode("utf-8", "replace")
            typed = snippet.source.split("\n")[command.offset : command.expected_offset]
            screen.append("\n".join(typed) + "\n" + output)
            outputs.append(output)
            judged = self._judge_command(snippet, command, outcome, output, seconds)
            printed_above = judged.verdict is Verdict.FAILED and any(typed[0] in lines_of(out) for out in outputs[:-1])
            if printed_above and not hint_for(snippet.source, command):
                hint = f"`{typed[0]}` was printed by a command above; if it is output, begin the line with a backslash"
                judged = replace(judged, reason=f"{judged.reason}; {hint}")
            if judged.verdict is Verdict.PASSED or judged.differs:
                printed.append((command, output))
            # What stops the page outweighs a difference, and a difference what passed behind it.
            if result is None or not result.differs or not (judged.differs or judged.verdict is Verdict.PASSED):
                result = judged
            if judged.verdict is not Verdict.PASSED and not (self.goes_on and judged.differs):
                break
        assert result is not None, "a transcript has a command"
        shown = "".join(text if text.endswith("\n") else text + "\n" for text in screen)
        result = replace(result, seconds=total, output=shown, printed=tuple(printed), notes=tuple(dict.fromkeys(notes)))
        return self._as_the_page_says(result, "\n".join(outputs))

    def _judge_command(
        self, snippet: Snippet, command: Command, outcome: Outcome, output: str, seconds: float
    ) -> StepResult:
        if outcome.ending is not Ending.DONE or outcome.returned_early or given_up(snippet, outcome, output):
            outcome = replace(outcome, line=outcome.line or snippet.index + command.offset)
            judged = judge(_plain(snippet), outcome, seconds, self.limit_mib)
            if command.status and judged.failure:
                expected = f"exit status {command.status}, and a shell that lives on"
                judged = replace(judged, failure=replace(judged.failure, expected=expected))
            return replace(judged, unmeant=True)
        at = snippet.origin_at(snippet.index + command.offset)
        told = command.source.split("\n")[0]
        if outcome.status != command.status:
            failure = Failure(at.file, at.line, told, f"exit status {command.status}", f"exit status {outcome.status}")
            reason = f"exit status {outcome.status}" + (f", not {command.status}" if command.status else "")
            if command.no_status:
                reason += f"; {command.no_status} beneath it is taken for output: no status is above 255"
            elif hint := hint_for(snippet.source, command):
                reason += f"; {hint}"
            return StepResult(snippet, Verdict.FAILED, outcome.status, reason=reason, failure=failure)
        try:
            fits = not command.expected or matches(command.expected, output)
            differs = 0 if fits else min(first_difference(command.expected, output), len(command.expected) - 1)
        except TooLongError as problem:
            failure = Failure(at.file, at.line, told, "\n".join(command.expected), output.rstrip("\n"))
            reason = str(problem)
            return StepResult(snippet, Verdict.FAILED, outcome.status, reason=reason, failure=failure, unmeant=True)
        if not fits:
            beneath = snippet.origin_at(snippet.index + command.expected_offset + differs)
            expected = "\n".join(command.expected)
            failure = Failure(beneath.file, beneath.line, told, expected, output.rstrip("\n"))
            reason = "its output is not what the page shows"
            if hint := hint_for(snippet.source, command):
                reason += f"; {hint}"
            return StepResult(snippet, Verdict.FAILED, outcome.status, reason=reason, failure=failure, differs=True)
        return StepResult(snippet, Verdict.PASSED, outcome.status)

    def _as_the_page_says(self, result: StepResult, told: str) -> StepResult:
        """A transcript that is said to be broken must be so in its status or its output.

        Args:
            result: what became of it.
            told: what its commands printed, without what was typed: those are the page's own words.
        """
        attributes = result.snippet.attributes
        if not attributes.known_broken or result.verdict not in {Verdict.PASSED, Verdict.FAILED}:
            return result
        if result.verdict is Verdict.PASSED:
            reason = f"the page says that it is broken ({attributes.reason}), but it works"
            return replace(result, verdict=Verdict.UNEXPECTEDLY_WORKS, reason=reason)
        if (result.exit or 0) > ORDINARY or result.unmeant or attributes.match not in told:
            return result
        return replace(result, verdict=Verdict.KNOWN_BROKEN, reason=attributes.reason, failure=None)


def _hides_failures(command: Command) -> bool:
    """Whether a command that fails within the typed line would show in nothing that the page says of it."""
    return not command.expected and not command.status and bool(_HIDES_A_STATUS.search(command.source))


def _overlooked(status: int, what: str) -> str:
    failed = f"`{what}`" if what else "a command left of a `|`"
    return (
        f"{failed} ended with exit status {status}, which nothing on the page shows: at a prompt the status is that of "
        f"the last command; show the output, or give the command a line of its own with `[{status}]` beneath it"
    )


def _plain(snippet: Snippet) -> Snippet:
    """The snippet without what it says about its exit status: a transcript says that beneath its commands."""
    return replace(snippet, attributes=replace(snippet.attributes, exit=None, known_broken=False))
