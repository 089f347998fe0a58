"""A page's Python and shell on this computer, step by step, and assertions about a step's outcome."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from fencepost.fence.attributes import Attributes
from fencepost.fence.snippet import Snippet
from fencepost.fence.traced_line import Origin
from fencepost.session.outcome import Ending, Outcome
from fencepost.session.page_session import PageSession
from tests.helpers.host_machine import HostMachine


@dataclass
class Steps:
    """Runs pieces of a page; the lines of Python are those of a file `page.md`, from 10 on."""

    session: PageSession
    machine: HostMachine

    def python(
        self, source: str, *, seconds: float = 20, first: int = 10, values: dict[str, Any] | None = None
    ) -> Outcome:
        source = dedent(source).strip("\n")
        self.restart_if_dead()
        snippet = python_snippet(source, [Origin("page.md", first + n) for n in range(source.count("\n") + 1)])
        return self.session.run_python(snippet, seconds=seconds, values=values or {})

    def shell(self, source: str) -> Outcome:
        self.restart_if_dead()
        return self.session.run_shell(source, line=10, seconds=20)

    def restart_if_dead(self) -> None:
        self.session.start()
        if not self.session.alive:
            self.session.start_again()


def python_snippet(source: str, origins: list[Origin]) -> Snippet:
    # In the expanded page it stands elsewhere than in its file.
    return Snippet("step", "python", "python", source, Origin("page.md", 9), tuple(origins), 100, Attributes())


def assert_passes(outcome: Outcome, output: str = "") -> None:
    assert outcome.output.decode("utf-8", "replace") == output
    assert (outcome.ending, outcome.status, outcome.line) == (Ending.DONE, 0, 0)
    assert not outcome.returned_early


def assert_fails(outcome: Outcome, offset: int, *, status: int = 1) -> None:
    """It failed in its line `offset`, counted from 1."""
    assert (outcome.ending, outcome.status) == (Ending.DONE, status)
    assert outcome.line == 100 + offset - 1
