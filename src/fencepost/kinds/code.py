"""A step that is one piece of code with one exit status, and its verdict."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from fencepost.fence.snippet import Snippet
from fencepost.kinds.bash_errors import abandoned_command, here_document_never_closed, with_file_lines
from fencepost.kinds.kind import StepContext, StepKind
from fencepost.kinds.result import Failure, StepResult
from fencepost.session.outcome import Ending, Outcome
from fencepost.verdicts import Verdict

_NO_SUCH_COMMAND = (126, 127)
_SIGNALS = 128
_NOT_AS_SAID = "broken, but not as the page says"
# The highest exit status that a program usually chooses itself; the shell uses higher ones.
ORDINARY = 125


class CodeKind(StepKind):
    """A step that is one piece of code. `execute` runs it, and its exit status decides the verdict.

    Attributes:
        interpreter: the name in messages for what runs the code and may end with it.
        early_end: the name in messages for what leaves the code before its end with status 0.
    """

    interpreter = "its shell"
    early_end = "`return` outside any function"

    @abstractmethod
    def execute(self, snippet: Snippet, context: StepContext) -> Outcome:
        """Run the code of a step.

        Raises:
            EngineError: if the machine or its engine fails.
        """

    def run(self, snippet: Snippet, context: StepContext) -> StepResult:
        """Run the code, and judge its outcome."""
        outcome = self.execute(snippet, context)
        result = self.judge(snippet, outcome, context)
        if outcome.note and result.verdict is not Verdict.KNOWN_BROKEN:
            result = replace(result, reason="; ".join(filter(None, (result.reason, outcome.note))))
        return replace(result, output=with_file_lines(result.output, lambda index: snippet.origin_at(index).line))

    def judge(self, snippet: Snippet, outcome: Outcome, context: StepContext) -> StepResult:
        """Return the verdict of a step: whether it did what the page says."""
        output = outcome.output.decode("utf-8", "replace")
        expected = snippet.attributes.exit or 0

        def result(verdict: Verdict, reason: str = "", actual: str = "", index: int | None = None) -> StepResult:
            failure = None
            if verdict in {Verdict.FAILED, Verdict.TIMED_OUT}:
                index = outcome.line or self.guess_line(snippet, outcome, output) if index is None else index
                failure = self.failure(snippet, index, outcome.command, actual or reason, context.steps)
            return StepResult(snippet, verdict, outcome.status, outcome.seconds, output, reason, failure)

        if outcome.ending is Ending.LOST:
            return result(Verdict.ERROR, "the machine went away during this step")
        if outcome.ending is Ending.TIMED_OUT:
            return result(Verdict.TIMED_OUT, f"still running after {context.seconds:g} s")
        if outcome.ending is Ending.FLOODED:
            return result(Verdict.FAILED, f"printed more than {context.limit_mib} MiB")
        if outcome.ending is Ending.SESSION_ENDED:
            return result(Verdict.FAILED, self._how_it_ended(outcome))
        if outcome.returned_early:
            if left_open := here_document_never_closed(output):
                reason = f"a here-document is never closed: no line after it is just `{left_open.end}`"
                return result(Verdict.FAILED, reason, index=left_open.line)
            return result(Verdict.FAILED, f"left before its end, at a {self.early_end}")
        status = outcome.status or 0
        if message := self.given_up(outcome, output):
            reason = "bash abandoned a command and went on after it"
            return result(Verdict.FAILED, reason, message, _line_named_in(snippet, message))
        if outcome.unreadable and status == expected and not snippet.attributes.known_broken:
            return result(Verdict.FAILED, "can't be parsed, so none of it has run", "nothing that can be parsed")
        if snippet.attributes.known_broken:
            verdict, reason = self._known_broken(snippet, outcome, output)
            return result(verdict, reason, f"exit status {status}")
        if status != expected:
            where = f", at {outcome.place}" if outcome.place else ""
            return result(Verdict.FAILED, f"exit status {status}" + (f", not {expected}" if expected else "") + where)
        return result(Verdict.PASSED)

    def failure(self, snippet: Snippet, index: int, command: str, actual: str, steps: Sequence[Snippet]) -> Failure:
        """Return where a step went wrong.

        Args:
            snippet: the step.
            index: the number of the line in the expanded page; 0 if unknown.
            command: the command that failed; empty if unknown.
            actual: what happened, to be shown.
            steps: all steps of the page.
        """
        home = snippet if snippet.holds(index) else next((step for step in steps if step.holds(index)), snippet)
        lines = home.source.split("\n")
        # For a command of several lines, bash names one of the later ones.
        while home.holds(index - 1) and lines[index - 1 - home.index].endswith("\\"):
            index -= 1
        origin = home.origin_at(index)
        quoted = lines[index - home.index].strip() if home.holds(index) else ""
        return Failure(
            origin.file, origin.line, quoted or command, f"exit status {snippet.attributes.exit or 0}", actual
        )

    def given_up(self, outcome: Outcome, output: str) -> str:
        """Return bash's message about a command that it abandoned although the step ended with 0; empty if none."""
        return abandoned_command(output) if outcome.status == 0 else ""

    def printed_by(self, snippet: Snippet, output: str) -> str:
        """Return the part of an output that the code printed, without quotes of the code itself."""
        return output

    def guess_line(self, snippet: Snippet, outcome: Outcome, output: str) -> int:
        """Return the line that failed if the outcome names none, as a number in the expanded page; 0 if unknown.

        Errors that end bash (an unset variable under `set -u`, `${x:?}`, a syntax error) run no trap, but leave a
        message.
        """
        return _line_named_in(snippet, output.rstrip().rpartition("\n")[2])

    def _known_broken(self, snippet: Snippet, outcome: Outcome, output: str) -> tuple[Verdict, str]:
        """Return the verdict and reason of a known-broken step, which must fail in an ordinary way, as announced."""
        attributes, status = snippet.attributes, outcome.status or 0
        if status == 0:
            return Verdict.UNEXPECTEDLY_WORKS, f"the page says that it is broken ({attributes.reason}), but it works"
        if outcome.unreadable:
            return Verdict.FAILED, f"{_NOT_AS_SAID}: it can't be parsed"
        if attributes.exit is not None and status != attributes.exit:
            return Verdict.FAILED, f"{_NOT_AS_SAID}: exit status {status}, not {attributes.exit}"
        if attributes.exit is None and status in _NO_SUCH_COMMAND:
            return Verdict.FAILED, f"{_NOT_AS_SAID}: no such command (exit status {status})"
        if attributes.exit is None and status > ORDINARY:
            return Verdict.FAILED, f"{_NOT_AS_SAID}: ended by a signal (exit status {status})"
        if attributes.match and attributes.match not in self.printed_by(snippet, output):
            return Verdict.FAILED, f"{_NOT_AS_SAID}: `{attributes.match}` is not in its output"
        return Verdict.KNOWN_BROKEN, attributes.reason

    def _how_it_ended(self, outcome: Outcome) -> str:
        if outcome.never_started:
            return f"the page's shell can't start its `python3` (exit status {outcome.status})"
        if outcome.status is None:
            return f"ended {self.interpreter}"
        signal = outcome.status - _SIGNALS
        how = f"killed by signal {signal}" if signal > 0 else f"exit status {outcome.status}"
        return f"ended {self.interpreter} ({how})"


def _line_named_in(snippet: Snippet, message: str) -> int:
    """Return the number of the first line that has the subject of bash's message in it; 0 if there is none."""
    if match := re.match(r"bash: (?:line \d+: )?([^:\n]+)(?:: |\n)", message):
        for offset, line in enumerate(snippet.source.split("\n")):
            if match[1] in line:
                return snippet.index + offset
    return 0
