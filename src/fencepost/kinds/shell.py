"""Steps for bash."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fencepost.bash.completeness import open_at_the_end
from fencepost.fence.attributes import AttributeProblem, Attributes
from fencepost.fence.snippet import Snippet
from fencepost.kinds.code import CodeKind
from fencepost.kinds.kind import Mistake, StepContext
from fencepost.session.outcome import Ending, Outcome
from fencepost.transcript.parse import Command

# A command that may end the shell, or leave what is sourced; not an `exec` that only redirects.
_LEAVES = re.compile(
    r"(?:^|[;&|({]|\b(?:then|do|else)\b)[ \t]*\\?(?P<word>exit|return|exec(?=[ \t]+[^<>\d&{\s]))\b"
    r"(?:[ \t]+(?P<status>\d{1,3})\b)?"
)
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
        return Mistake(
            open_.line, what, "write the rest of it, or show it with { .notest }" + mend_of_tabs(open_.wants)
        )

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
        if outcome.returned_early or outcome.ending is Ending.SESSION_ENDED:
            return _line_that_leaves(snippet, outcome)
        if outcome.ending is Ending.DONE:
            return snippet.index + snippet.source.rstrip().count("\n")
        return 0

    def script(self, snippet: Snippet) -> Sequence[str]:
        """Its text."""
        return [snippet.source]


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


def mend_of_tabs(wants: str) -> str:
    """What helps where bash waits for a line behind tabs; empty elsewhere."""
    if "after tabs" not in wants:
        return ""
    return "; a site shows tabs as spaces, unless pymdownx.superfences has `preserve_tabs: true`"


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
