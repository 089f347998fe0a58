"""What became of one step."""

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
