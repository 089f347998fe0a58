"""Console transcripts: commands typed at a prompt, each with its output."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from fencepost.fence.attributes import AttributeProblem, Attributes
from fencepost.fence.snippet import Snippet
from fencepost.kinds.code import ORDINARY
from fencepost.kinds.kind import Mistake, StepContext, StepKind, Typed
from fencepost.kinds.result import Failure, Note, StepResult
from fencepost.kinds.shell import SHELL, check_builtin, fix_for_tabs
from fencepost.session.bash_traps import quoted
from fencepost.session.outcome import Ending, Outcome
from fencepost.terminal import lines_of, on_one_line
from fencepost.transcript.like_commands import hint_for
from fencepost.transcript.match import PATTERN_SUFFIXES, first_bad_pattern, first_difference, matches
from fencepost.transcript.parse import Command, TranscriptProblem, parse_transcript
from fencepost.transcript.regular import TooLongError
from fencepost.verdicts import Verdict

_HIDES_A_STATUS = re.compile(r"[|;\n]")
_AT_A_PROMPT = "set +eE +o pipefail  # as at a prompt"
# A message of bash itself: in a script, such an error may end bash.
_BASH_COMPLAINS = re.compile(r"\\?bash: ")


class ConsoleKind(StepKind):
    """Commands that are typed at the prompt of the page's bash, with their output and status compared to the page.

    For other prompts, write a subclass, and set `name`, `languages` and `prompts`.
    """

    name = "console"
    languages = ("console",)
    is_transcript = True

    def check(self, source: str, attributes: Attributes) -> None:
        """Refuse `exit=`: the exit status is written below each command."""
        if attributes.exit is not None:
            raise AttributeProblem(
                "`exit=` doesn't belong on a console fence", "write the status below the command's output, as `[1]`"
            )
        check_builtin(source)

    def mistakes(self, source: str) -> Iterator[Mistake]:
        """Yield what is wrong in a transcript."""
        try:
            commands = self.commands(source)
        except TranscriptProblem as problem:
            fix = problem.fix or "use a bash fence for commands without output, or { .notest } to show it only"
            yield Mistake(problem.offset, problem.message, fix + fix_for_tabs(problem.message))
            return
        for command in commands:
            if wrong := first_bad_pattern(command.expected):
                fix = "fix it, or begin the line with a backslash to take it literally"
                yield Mistake(command.expected_offset + wrong[0], wrong[1], fix)

    def code_in(self, source: str) -> str | None:
        """Return what it types; `None` if it also shows outputs or statuses, or can't be read."""
        if not source.strip():
            return ""
        try:
            commands = self.commands(source)
        except TranscriptProblem:
            return None
        if any(command.expected or command.status for command in commands):
            return None
        return "\n".join(command.source for command in commands)

    def commands(self, source: str) -> list[Command]:
        """Return its commands, in order."""
        return parse_transcript(source, self.prompts)

    def run(self, snippet: Snippet, context: StepContext) -> StepResult:
        """Run its commands up to the first whose output or status isn't what the page shows."""
        total = 0.0
        screen: list[str] = []
        outputs: list[str] = []
        printed: list[tuple[Command, str]] = []
        result: StepResult | None = None
        notes: list[Note] = []
        for command in self.commands(snippet.source):
            outcome = context.session.run_typed(
                command.source,
                line=snippet.index + command.offset,
                seconds=max(0.1, context.seconds - total),
                watch=_hides_failures(command),
            )
            at = snippet.origin_at(snippet.index + command.offset)
            notes += [Note(at.file, at.line, _overlooked(*failure)) for failure in outcome.overlooked]
            total += outcome.seconds
            output = outcome.output.decode("utf-8", "replace")
            typed = snippet.source.split("\n")[command.offset : command.expected_offset]
            screen.append("\n".join(typed) + "\n" + output)
            outputs.append(output)
            judged = self._judge_command(snippet, command, outcome, output, context)
            printed_above = judged.verdict is Verdict.FAILED and any(typed[0] in lines_of(out) for out in outputs[:-1])
            if printed_above and not hint_for(snippet.source, command, self.prompts):
                hint = f"`{typed[0]}` was printed by a command above; if it is output, begin the line with a backslash"
                judged = replace(judged, reason=f"{judged.reason}; {hint}")
            if judged.verdict is Verdict.PASSED or judged.differs:
                printed.append((command, output))
            # The result is the first difference, unless a later command fails in a way that stops the page.
            if result is None or not result.differs or not (judged.differs or judged.verdict is Verdict.PASSED):
                result = judged
            if judged.verdict is not Verdict.PASSED and not (context.goes_on and judged.differs):
                break
        assert result is not None, "a transcript has a command"
        shown = "".join(text if text.endswith("\n") else text + "\n" for text in screen)
        result = replace(result, seconds=total, output=shown, printed=tuple(printed), notes=tuple(dict.fromkeys(notes)))
        return _as_the_page_says(result, "\n".join(outputs))

    def _judge_command(
        self, snippet: Snippet, command: Command, outcome: Outcome, output: str, context: StepContext
    ) -> StepResult:
        if outcome.ending is not Ending.DONE or outcome.returned_early or SHELL.given_up(outcome, output):
            outcome = replace(outcome, line=outcome.line or snippet.index + command.offset)
            judged = SHELL.judge(_plain(snippet), outcome, replace(context, steps=()))
            if command.status and judged.failure:
                expected = f"exit status {command.status}, without ending the shell"
                judged = replace(judged, failure=replace(judged.failure, expected=expected))
            return replace(judged, unmeant=True)
        at = snippet.origin_at(snippet.index + command.offset)
        typed = command.source.split("\n")[0]
        if outcome.status != command.status:
            failure = Failure(at.file, at.line, typed, f"exit status {command.status}", f"exit status {outcome.status}")
            reason = f"exit status {outcome.status}" + (f", not {command.status}" if command.status else "")
            if command.no_status:
                reason += f"; {command.no_status} below it is read as output: no exit status is above 255"
            elif hint := hint_for(snippet.source, command, self.prompts):
                reason += f"; {hint}"
            return StepResult(snippet, Verdict.FAILED, outcome.status, reason=reason, failure=failure)
        try:
            fits = not command.expected or matches(command.expected, output)
            differs = 0 if fits else min(first_difference(command.expected, output), len(command.expected) - 1)
        except TooLongError as problem:
            failure = Failure(at.file, at.line, typed, "\n".join(command.expected), output.rstrip("\n"))
            reason = str(problem)
            return StepResult(snippet, Verdict.FAILED, outcome.status, reason=reason, failure=failure, unmeant=True)
        if not fits:
            differing = snippet.origin_at(snippet.index + command.expected_offset + differs)
            expected = "\n".join(command.expected)
            failure = Failure(differing.file, differing.line, typed, expected, output.rstrip("\n"))
            reason = "its output is not what the page shows"
            if hint := hint_for(snippet.source, command, self.prompts):
                reason += f"; {hint}"
            return StepResult(snippet, Verdict.FAILED, outcome.status, reason=reason, failure=failure, differs=True)
        return StepResult(snippet, Verdict.PASSED, outcome.status)

    def typed(self, source: str, output: str) -> Iterator[Typed]:
        """Yield the commands that ran.

        The output repeats each of them as written in the page. A command that isn't in the output didn't run.
        """
        try:
            commands = self.commands(source)
        except TranscriptProblem:
            return
        lines = source.split("\n")
        echoes = ["\n".join(lines[command.offset : command.expected_offset]) + "\n" for command in commands]
        starts: list[int] = []
        position = 0
        for echo in echoes:
            # Only at the beginning of a line: elsewhere it is part of another command's output.
            at = 0 if not starts and output.startswith(echo) else output.find(f"\n{echo}", position)
            if at < 0:
                break
            start = at + bool(starts)
            starts.append(start)
            position = start + len(echo) - 1
        for number, start in enumerate(starts):
            end = starts[number + 1] if number + 1 < len(starts) else len(output)
            prompt = self.prompts.of(lines[commands[number].offset])
            # A terminal shows `> ` before a continuation line, even if the page doesn't.
            typed = commands[number].source.replace("\n", f"\n{self.further}")
            yield Typed(prompt, typed, output[start + len(echoes[number]) : end])

    def script(self, snippet: Snippet) -> Iterator[str]:
        """Yield its commands, each followed by a check of its exit status."""
        try:
            commands = self.commands(snippet.source)
        except TranscriptProblem as problem:
            yield f"# Left out: {on_one_line(problem.message)}"
            return
        yield _AT_A_PROMPT
        for command in commands:
            if command.status:
                yield from _script_of_failing(command)
            else:
                yield command.source
            yield f"ended_with {command.status}"
        yield "stop_at_failures"

    def shown(self, source: str) -> str:
        r"""Return the transcript without the ` (re)` and ` (glob)` after lines and the `\` before lines.

        Only a check needs these. A transcript that can't be read is returned unchanged.
        """
        lines = source.split("\n")
        with suppress(TranscriptProblem):
            for command in self.commands(source):
                for offset in range(command.expected_offset, command.expected_offset + len(command.expected)):
                    lines[offset] = _shown_line(lines[offset])
        return "\n".join(lines)

    def copied(self, source: str) -> str | None:
        """Return the commands without prompts and outputs, to be pasted into a shell."""
        try:
            return "\n".join(command.source for command in self.commands(source))
        except TranscriptProblem:
            return None


def _as_the_page_says(result: StepResult, printed: str) -> StepResult:
    """Return the result of a transcript, which must differ in status or output if it is marked as known to be broken.

    Args:
        result: the result of its commands.
        printed: the output of its commands, without the commands themselves.
    """
    attributes = result.snippet.attributes
    if not attributes.known_broken or result.verdict not in {Verdict.PASSED, Verdict.FAILED}:
        return result
    if result.verdict is Verdict.PASSED:
        reason = f"the page says that it is broken ({attributes.reason}), but it works"
        return replace(result, verdict=Verdict.UNEXPECTEDLY_WORKS, reason=reason)
    if (result.exit or 0) > ORDINARY or result.unmeant or attributes.match not in printed:
        return result
    return replace(result, verdict=Verdict.KNOWN_BROKEN, reason=attributes.reason, failure=None)


def _hides_failures(command: Command) -> bool:
    """Return whether a failure within the typed line could stay unseen, as the page shows neither output nor status."""
    return not command.expected and not command.status and bool(_HIDES_A_STATUS.search(command.source))


def _overlooked(status: int, command: str) -> str:
    failed = f"`{command}`" if command else "a command left of a `|`"
    return (
        f"{failed} ended with exit status {status}, which nothing on the page shows: at a prompt the status is that of "
        f"the last command; show the output, or give the command a line of its own with `[{status}]` below it"
    )


def _plain(snippet: Snippet) -> Snippet:
    """Return the snippet without attributes for its exit status, which don't apply to a transcript's commands."""
    return replace(snippet, attributes=replace(snippet.attributes, exit=None, known_broken=False))


def _script_of_failing(command: Command) -> Iterator[str]:
    complains = any(map(_BASH_COMPLAINS.match, command.expected))
    text = f"eval {quoted(command.source)}"
    yield f"({text})" if complains else text


def _shown_line(line: str) -> str:
    if line.startswith("\\"):
        return line[1:]
    stripped = line.rstrip()
    suffix = next((suffix for suffix in PATTERN_SUFFIXES if stripped.endswith(suffix)), "")
    return stripped.removesuffix(suffix) if suffix else line


CONSOLE = ConsoleKind()
