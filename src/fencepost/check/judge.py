"""From what a snippet did to a verdict: did it do what the page says?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from fencepost.check.bash_says import command_given_up, here_document_never_closed
from fencepost.page.snippet import Snippet
from fencepost.session.outcome import Ending, Outcome
from fencepost.transcript.parse import Command
from fencepost.verdicts import Verdict

# A command that may end the shell, or leave what is sourced; not an `exec` that only redirects.
_LEAVES = re.compile(
    r"(?:^|[;&|({]|\b(?:then|do|else)\b)[ \t]*\\?(?P<word>exit|return|exec(?=[ \t]+[^<>\d&{\s]))\b"
    r"(?:[ \t]+(?P<status>\d{1,3})\b)?"
)
_NO_SUCH_COMMAND = (126, 127)
_SIGNALS = 128
# The highest status that a program chooses by itself; above it the shell speaks.
ORDINARY = 125


@dataclass(frozen=True)
class Failure:
    """Where a step went wrong, for the author.

    Attributes:
        file: the file to edit.
        line: the line in it.
        command: the command that failed, or the line's text.
        expected: what should have come.
        actual: what came.
    """

    file: str
    line: int
    command: str = ""
    expected: str = ""
    actual: str = ""


@dataclass(frozen=True)
class Note:
    """A warning for the author about a step, whatever its verdict; it changes none.

    Attributes:
        file: the file to look into.
        line: the line in it.
        text: what is doubtful there, and what to do about it, on one line.
    """

    file: str
    line: int
    text: str


@dataclass(frozen=True)
class StepResult:
    """What became of one step.

    Attributes:
        snippet: the step.
        verdict: what became of it.
        exit: its exit status, where one is known.
        seconds: how long it took.
        output: what it printed, as text.
        reason: why it has this verdict, in words, where the verdict alone doesn't say it.
        failure: where it went wrong, if it did.
        printed: for a transcript, the output of each of its commands that ended as the page says.
        differs: whether it failed in nothing but what a transcript printed.
        unmeant: whether it failed as no page can mean it that says that a transcript is broken.
        notes: warnings for the author.
        empty: whether nothing in it runs; it is skipped then, and doesn't count.
    """

    snippet: Snippet
    verdict: Verdict
    exit: int | None = None
    seconds: float = 0.0
    output: str = ""
    reason: str = ""
    failure: Failure | None = None
    printed: tuple[tuple[Command, str], ...] = field(default=(), compare=False)
    differs: bool = False
    unmeant: bool = False
    notes: tuple[Note, ...] = ()
    empty: bool = False

    def taken_over_by(self, snippet: Snippet) -> StepResult:
        """The result of the same step of an edited page; notes within its fence move along."""
        then, now = self.snippet.opening, snippet.opening
        notes = (
            replace(note, line=note.line + now.line - then.line) if note.file == then.file else note
            for note in self.notes
        )
        return replace(self, snippet=snippet, notes=tuple(notes))


def judge(
    snippet: Snippet, outcome: Outcome, limit_seconds: float, limit_mib: int, earlier: Iterable[Snippet] = ()
) -> StepResult:
    """The verdict of a shell, Python or file snippet.

    Args:
        snippet: the step.
        outcome: what it did.
        limit_seconds: the time that it had.
        limit_mib: the output that it might write.
        earlier: the page's steps, for a failure in a function that another one has defined.
    """
    output = outcome.output.decode("utf-8", "replace")
    expected = snippet.attributes.exit or 0

    def result(verdict: Verdict, reason: str = "", actual: str = "", index: int | None = None) -> StepResult:
        failure = None
        if verdict in {Verdict.FAILED, Verdict.TIMED_OUT} and snippet.runner == "file":
            # The command that writes it is ours, and stands on no page.
            at, what = snippet.opening, f'file="{snippet.attributes.file}"'
            failure = Failure(at.file, at.line, what, f"exit status {expected}", actual or reason)
        elif verdict in {Verdict.FAILED, Verdict.TIMED_OUT}:
            index = outcome.line or _guess_line(snippet, outcome, output) if index is None else index
            home = snippet if snippet.holds(index) else _holder(earlier, index) or snippet
            failure = _failure(home, index, outcome.command, f"exit status {expected}", actual or reason)
        return StepResult(snippet, verdict, outcome.status, outcome.seconds, output, reason, failure)

    if outcome.ending is Ending.LOST:
        return result(Verdict.ERROR, "the machine was gone in the middle of this step")
    if outcome.ending is Ending.TIMED_OUT:
        return result(Verdict.TIMED_OUT, f"still running after {limit_seconds:g} s")
    if outcome.ending is Ending.FLOODED:
        return result(Verdict.FAILED, f"printed more than {limit_mib} MiB")
    if outcome.ending is Ending.SESSION_ENDED:
        return result(Verdict.FAILED, _how_it_ended(snippet, outcome))
    if outcome.returned_early:
        if left_open := here_document_never_closed(output):
            reason = f"a here-document is never closed: no line is `{left_open.end}` alone"
            return result(Verdict.FAILED, reason, index=left_open.line)
        where = "`sys.exit()`" if snippet.runner == "python" else "`return` outside any function"
        return result(Verdict.FAILED, f"left before its end, at a {where}")
    status = outcome.status or 0
    if told := given_up(snippet, outcome, output):
        reason = "bash gave a command up and went on behind it"
        return result(Verdict.FAILED, reason, told, _line_spoken_of(snippet, told))
    if outcome.unreadable and status == expected and not snippet.attributes.known_broken:
        return result(Verdict.FAILED, "can't be parsed, so that none of it has run", "nothing that can be parsed")
    if snippet.attributes.known_broken:
        verdict, reason = _known_broken(snippet, outcome, output)
        return result(verdict, reason, f"exit status {status}")
    if status != expected:
        where = f", at {outcome.place}" if outcome.place else ""
        return result(Verdict.FAILED, f"exit status {status}" + (f", not {expected}" if expected else "") + where)
    return result(Verdict.PASSED)


def _known_broken(snippet: Snippet, outcome: Outcome, output: str) -> tuple[Verdict, str]:
    """A page may say that a step is broken; it holds only for an ordinary failure, the one that is meant."""
    attributes, status = snippet.attributes, outcome.status or 0
    if status == 0:
        return Verdict.UNEXPECTEDLY_WORKS, f"the page says that it is broken ({attributes.reason}), but it works"
    if outcome.unreadable:
        return Verdict.FAILED, "can't be parsed, which is not how it is said to be broken"
    if attributes.exit is not None and status != attributes.exit:
        return Verdict.FAILED, f"exit status {status}, but it is said to be broken with {attributes.exit}"
    if attributes.exit is None and status in _NO_SUCH_COMMAND:
        return Verdict.FAILED, f"exit status {status}: no such command, which is not how it is said to be broken"
    if attributes.exit is None and status > ORDINARY:
        return Verdict.FAILED, f"exit status {status}: ended by a signal, which is not how it is said to be broken"
    if attributes.match and attributes.match not in _without_quoted_source(snippet, output):
        return Verdict.FAILED, f"broken, but not as the page says: `{attributes.match}` is not in its output"
    return Verdict.KNOWN_BROKEN, attributes.reason


def _without_quoted_source(snippet: Snippet, output: str) -> str:
    """An output without the lines in which a traceback quotes the step: those are the page's own words."""
    if snippet.runner != "python":
        return output
    source = {line.strip() for line in snippet.source.split("\n")}
    return "\n".join(line for line in output.split("\n") if line.strip() not in source)


def given_up(snippet: Snippet, outcome: Outcome, output: str) -> str:
    """What bash said of a command that it gave up, in a step that ended well all the same; empty otherwise."""
    return command_given_up(output) if outcome.status == 0 and snippet.runner != "python" else ""


def _how_it_ended(snippet: Snippet, outcome: Outcome) -> str:
    if outcome.never_started:
        return f"the page's shell can't start its `python3` (exit status {outcome.status})"
    what = "its Python" if snippet.runner == "python" else "its shell"
    if outcome.status is None:
        return f"ended {what}"
    signal = outcome.status - _SIGNALS
    how = f"killed by signal {signal}" if signal > 0 else f"exit status {outcome.status}"
    return f"ended {what} ({how})"


def _holder(snippets: Iterable[Snippet], index: int) -> Snippet | None:
    return next((snippet for snippet in snippets if snippet.holds(index)), None)


def _failure(snippet: Snippet, index: int, command: str, expected: str, actual: str) -> Failure:
    lines = snippet.source.split("\n")
    # bash counts a command that goes on over several lines by one of its later ones.
    while snippet.holds(index - 1) and lines[index - 1 - snippet.index].endswith("\\"):
        index -= 1
    origin = snippet.origin_at(index)
    quoted = lines[index - snippet.index].strip() if snippet.holds(index) else ""
    return Failure(origin.file, origin.line, quoted or command, expected, actual)


def _guess_line(snippet: Snippet, outcome: Outcome, output: str) -> int:
    """The index of the line that failed, where bash itself told none; 0 for no idea.

    Errors that end the shell (an unset variable under `set -u`, `${x:?}`, a syntax error) run no trap, but leave a
    message. And the last command of all may fail and stop nothing: `false && true`.
    """
    if index := _line_spoken_of(snippet, output.rstrip().rpartition("\n")[2]):
        return index
    if snippet.runner == "shell" and (outcome.returned_early or outcome.ending is Ending.SESSION_ENDED):
        return _line_that_leaves(snippet, outcome)
    if snippet.runner == "shell" and outcome.ending is Ending.DONE:
        return snippet.index + snippet.source.rstrip().count("\n")
    return 0


def _line_that_leaves(snippet: Snippet, outcome: Outcome) -> int:
    """The index of the one line whose `exit`, `exec` or `return` may have left the snippet; 0 for none, or several."""
    words = {"return"} if outcome.returned_early else {"exit", "exec"}
    found: dict[int, bool] = {}
    for offset, line in enumerate(snippet.source.split("\n")):
        for match in _LEAVES.finditer(line) if not line.lstrip().startswith("#") else ():
            if match["word"] in words and (match["status"] is None or int(match["status"]) == outcome.status):
                found[offset] = found.get(offset, False) or match.start() == match.start("word") == 0
    # A function's own `return` is indented, or behind other words.
    first = [offset for offset, at_the_start in found.items() if at_the_start] if len(found) > 1 else [*found]
    return snippet.index + first[0] if len(first) == 1 else 0


def _line_spoken_of(snippet: Snippet, told: str) -> int:
    """The index of the first line with what a message of bash's begins with; 0 for none."""
    if match := re.match(r"bash: (?:line \d+: )?([^:\n]+)(?:: |\n)", told):
        for offset, line in enumerate(snippet.source.split("\n")):
            if match[1] in line:
                return snippet.index + offset
    return 0
