"""The base class for kinds of steps: a subclass holds all that Fencepost knows about a language or a transcript."""

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
        seconds: the time limit of the step.
        limit_mib: the limit for its output, in MiB.
        steps: all steps of the page, as a failure may be in a function that another step has defined.
        goes_on: run a transcript to its end even if an output isn't what the page shows.
        values: global names for a Python step, from pytest's fixtures: JSON values.
    """

    session: PageSession
    seconds: float
    limit_mib: int
    steps: Sequence[Snippet] = ()
    goes_on: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)


class Mistake(NamedTuple):
    """Something wrong in a fence's text: the offset of its line, counted from 0, what is wrong, and the fix."""

    offset: int
    message: str
    fix: str


class Typed(NamedTuple):
    """A command in a terminal recording: the prompt, what is typed, and what it printed."""

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

    Only `run` and `script` must be implemented; the defaults of the other methods suit most languages. A kind has no
    state, as one object is used for all pages.

    Attributes:
        name: the kind's unique name. It is part of digests, so changing it makes records stale.
        languages: the languages of its fences, in lower case.
        is_transcript: its fences show prompts and outputs, and a step's output repeats what was typed.
        is_bash: the source runs in the page's bash, at the top level.
        takes_fixtures: its fences may use pytest's fixtures.
        prompt, further: what a recording shows before the first line that is typed, and before each further line.
        prompts: the prompts of a transcript.
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
        """Check a fence that is to run, when its page is read.

        Raises:
            AttributeProblem: for a fence that can't run, with the fix.
        """
        return

    def unfinished(self, source: str) -> Mistake | None:
        """Return the command that a fence begins and doesn't end; `None` if there is none, or if that is unknown."""
        return None

    def mistakes(self, source: str) -> Iterable[Mistake]:
        """Return what else prevents a fence from running. This is called just before a check."""
        return ()

    def code_in(self, source: str) -> str | None:
        """Return the code in a fence, to see if it is only `#` comments; `None` if it surely does something."""
        return source

    def commands(self, source: str) -> Sequence[Command]:
        """Return the bash commands in a fence; none for another language.

        Raises:
            TranscriptProblem: for a transcript that can't be read.
        """
        return ()

    def statements(self, source: str) -> Sequence[Statement]:
        """Return the statements in a fence that `fencepost mutate` can break; none for bash and for transcripts."""
        return ()

    @abstractmethod
    def run(self, snippet: Snippet, context: StepContext) -> StepResult:
        """Run a step once, and judge it.

        Raises:
            EngineError: if the machine or its engine fails.
        """

    def typed(self, source: str, output: str) -> Iterable[Typed]:
        """Return what a recording shows of a step that ran; nothing to show only the output.

        Args:
            source: the fence's text.
            output: what it printed, as recorded.
        """
        return [Typed(self.prompt, source.rstrip("\n").replace("\n", f"\n{self.further}"), output)] if source else []

    def script_head(self) -> str:
        """Return bash code that the script of all steps needs once before steps of this kind, such as functions."""
        return ""

    @abstractmethod
    def script(self, snippet: Snippet) -> Iterable[str]:
        """Return bash lines that do the same as a step, and end with its exit status."""

    def shown(self, source: str) -> str:
        """Return what readers see of a fence, in the same number of lines."""
        return source

    def copied(self, source: str) -> str | None:
        """Return what a copy button copies; `None` for the whole fence as readers see it."""
        return None


def here_document(command: str, text: str, end: str) -> list[str]:
    """Return the bash lines for a command that reads a text from a here-document.

    Args:
        command: the command.
        text: the text; a line end is added unless it is empty.
        end: the word that ends the here-document; underscores are added if the text contains it as a line.
    """
    lines = text.split("\n") if text else []
    while end in lines:
        end += "_"
    return [f"{command} <<'{end}'", *lines, end]
