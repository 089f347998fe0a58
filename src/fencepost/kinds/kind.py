"""A kind of step: one class in one file says all that Fencepost knows of a language or of a form of transcript."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fencepost.fence.attributes import Attributes
from fencepost.fence.snippet import Snippet
from fencepost.kinds.result import StepResult
from fencepost.session.page_session import PageSession
from fencepost.transcript.parse import BASH, Command, Prompts


@dataclass(frozen=True)
class StepContext:
    """What a step is run with.

    Attributes:
        session: the page's session, on its machine.
        seconds: the time that the step has.
        limit_mib: the output that it may write, in MiB.
        steps: all steps of the page: a failure may stand in a function that another one has defined.
        goes_on: run a transcript to its end even where it prints something else than the page shows.
        values: global names for a Python step, from pytest's fixtures: JSON values.
    """

    session: PageSession
    seconds: float
    limit_mib: int
    steps: Sequence[Snippet] = ()
    goes_on: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)


class Mistake(NamedTuple):
    """Something wrong in a fence's text: the line's offset, counted from 0, what it is, and the fix."""

    offset: int
    message: str
    fix: str


class Typed(NamedTuple):
    """A command as a terminal recording shows it: the prompt, what is typed, and what it printed."""

    prompt: str
    source: str
    output: str


class Statement(NamedTuple):
    """A statement at the top level of a fence.

    Attributes:
        start: the offset of its first line, counted from 0.
        end: the offset of the line after its last.
        broken: what to put in its place, to see what notices: the opposite of an assertion, nothing for anything else.
        asserts: True if it is an assertion.
    """

    start: int
    end: int
    broken: str
    asserts: bool = False


class StepKind(ABC):
    """How steps of one kind are recognised, checked, run, judged, recorded, written into a script and copied.

    Only `run` and `script` must be written; the other methods have an answer that suits most languages. A kind has no
    state: one object serves all pages.

    Attributes:
        name: the kind's own word, different from all others. Digests hold it: another name makes records stale.
        languages: the languages of its fences, in lower case.
        is_transcript: its fences show prompts and outputs: what a step prints repeats what was typed.
        is_bash: the page's bash runs the source itself, at its top level.
        takes_fixtures: its fences may ask for pytest's fixtures.
        prompt, further: what a recording shows in front of the first line that is typed, and of each one behind it.
        prompts: those of a transcript.
    """

    name: str
    languages: tuple[str, ...] = ()
    is_transcript: bool = False
    is_bash: bool = False
    takes_fixtures: bool = False
    prompt: str = "$ "
    further: str = "> "
    prompts: Prompts = BASH

    def check(self, source: str, attributes: Attributes) -> None:
        """Checks a fence that is to run, when its page is read.

        Raises:
            AttributeProblem: for what can't run, with the fix.
        """
        return

    def unfinished(self, source: str) -> Mistake | None:
        """The command in whose midst a fence ends; `None` where there is none, or where that can't be told."""
        return None

    def mistakes(self, source: str) -> Iterable[Mistake]:
        """What else keeps a fence from being run, found just before a check."""
        return ()

    def code_in(self, source: str) -> str | None:
        """The code in a fence, whose comments begin with `#`; `None` where something is known to run."""
        return source

    def commands(self, source: str) -> Sequence[Command]:
        """The commands for bash in a fence; empty for another language.

        Raises:
            TranscriptProblem: for a transcript that can't be read.
        """
        return ()

    def statements(self, source: str) -> Sequence[Statement]:
        """Return the statements in a fence that `fencepost mutate` can break; none for bash and for transcripts."""
        return ()

    @abstractmethod
    def run(self, snippet: Snippet, context: StepContext) -> StepResult:
        """Runs a step once, and judges it.

        Raises:
            EngineError: when the machine or its engine fails.
        """

    def typed(self, source: str, output: str) -> Iterable[Typed]:
        """What a recording shows of a step that ran; nothing for a recording of the output alone.

        Args:
            source: the fence's text.
            output: what it printed, as recorded.
        """
        return [Typed(self.prompt, source.rstrip("\n").replace("\n", f"\n{self.further}"), output)] if source else []

    def script_head(self) -> str:
        """Bash that the script of all steps needs once, ahead of steps of this kind: functions, for instance."""
        return ""

    @abstractmethod
    def script(self, snippet: Snippet) -> Iterable[str]:
        """The lines of bash that do the same as a step. They end with its exit status."""

    def shown(self, source: str) -> str:
        """What readers see of a fence, in as many lines."""
        return source

    def copied(self, source: str) -> str | None:
        """What a copy button copies; `None` for the whole fence as readers see it."""
        return None


def here_document(command: str, text: str, end: str) -> list[str]:
    """The lines of a command that reads a text, in bash.

    Args:
        command: the command.
        text: what it reads; a line end is added unless it is empty.
        end: the word that ends it, made longer where the text has it.
    """
    lines = text.split("\n") if text else []
    while end in lines:
        end += "_"
    return [f"{command} <<'{end}'", *lines, end]
