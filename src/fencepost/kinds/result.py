"""The result of one step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fencepost.fence.snippet import Snippet
from fencepost.transcript.parse import Command
from fencepost.verdicts import Verdict


@dataclass(frozen=True)
class Failure:
    """Where a step went wrong, for the author.

    Attributes:
        file: the file to edit.
        line: the line in it.
        command: the command that failed, or the line's text.
        expected: what should have happened.
        actual: what happened.
    """

    file: str
    line: int
    command: str = ""
    expected: str = ""
    actual: str = ""


@dataclass(frozen=True)
class Note:
    """A warning for the author about a step, which doesn't change its verdict.

    Attributes:
        file: the file.
        line: the line in it.
        text: what is doubtful there, and what to do about it, on one line.
    """

    file: str
    line: int
    text: str


@dataclass(frozen=True)
class StepResult:
    """The result of one step.

    Attributes:
        snippet: the step.
        verdict: its verdict.
        exit: its exit status, if known.
        seconds: how long it took.
        output: what it printed.
        reason: why it has this verdict, if the verdict alone doesn't say so.
        failure: where it went wrong, if it did.
        printed: for a transcript, the output of each of its commands that ended with the right exit status.
        differs: it only failed because a transcript's output differs.
        unmeant: it failed in a way that `.known-broken` can't mean, for instance by ending the shell.
        notes: warnings for the author.
        empty: nothing in it runs, so it is skipped and doesn't count.
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
        """Return this result for the same step of an edited page, with the line numbers of notes updated."""
        old, new = self.snippet.opening, snippet.opening
        notes = (
            replace(note, line=note.line + new.line - old.line) if note.file == old.file else note
            for note in self.notes
        )
        return replace(self, snippet=snippet, notes=tuple(notes))
