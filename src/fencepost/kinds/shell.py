"""Steps for bash."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fencepost.bash.completeness import open_at_the_end
from fencepost.kinds.code import CodeKind
from fencepost.kinds.kind import Mistake, StepContext
from fencepost.page.attributes import AttributeProblem, Attributes
from fencepost.page.snippet import Snippet
from fencepost.session.outcome import Ending, Outcome
from fencepost.transcript.parse import Command

_REDEFINES_BUILTIN = re.compile(r"(?:^|[\s;&|({])(?:function\s+builtin\b|builtin\s*\(\s*\))")


class ShellKind(CodeKind):
    """Commands that run at the top level of the page's bash, up to the first that fails."""

    name = "shell"
    languages = ("bash", "sh", "shell")
    is_bash = True

    def check(self, source: str, attributes: Attributes) -> None:
        """No fence may redefine what the session itself relies on."""
        judge_builtin(source)

    def unfinished(self, source: str) -> Mistake | None:
        """The command in whose midst a fence ends."""
        if not (open_ := open_at_the_end(source)):
            return None
        what = f"the fence ends before this command does: bash waits for {open_.wants}"
        return Mistake(open_.line, what, "write the rest of it, or show it with { .notest }")

    def commands(self, source: str) -> Sequence[Command]:
        """All of it, as one."""
        return [Command(0, source, (), 0)]

    def execute(self, snippet: Snippet, context: StepContext) -> Outcome:
        """Runs it in the page's shell."""
        return context.session.run_shell(snippet.source, line=snippet.index, seconds=context.seconds)

    def guess_line(self, snippet: Snippet, outcome: Outcome, output: str) -> int:
        """As for all code. And the last command of all may fail and stop nothing: `false && true`."""
        if index := super().guess_line(snippet, outcome, output):
            return index
        if outcome.ending is Ending.DONE and not outcome.returned_early:
            return snippet.index + snippet.source.rstrip().count("\n")
        return 0

    def script(self, snippet: Snippet) -> Sequence[str]:
        """Its text."""
        return [snippet.source]


def judge_builtin(source: str) -> None:
    """Refuses code that redefines `builtin`.

    Raises:
        AttributeProblem: for such code.
    """
    if _REDEFINES_BUILTIN.search(source):
        raise AttributeProblem(
            "the fence redefines `builtin`, by which a session learns that a step has ended",
            "show it with { .notest }, or run it in a shell of its own: bash -c '...'",
        )


SHELL = ShellKind()
