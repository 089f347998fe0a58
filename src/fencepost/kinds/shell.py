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

# A command that may end the shell or leave the sourced text; not an `exec` that only redirects.
_LEAVES = re.compile(
    r"(?:^|[;&|({]|\b(?:then|do|else)\b)[ \t]*\\?(?P<word>exit|return|exec(?=[ \t]+[^<>\d&{\s]))\b"
    r"(?:[ \t]+(?P<status>\d{1,3})\b)?"
)
_REDEFINES_BUILTIN = re.compile(r"(?:^|[\s;&|({])(?:function\s+builtin\b|builtin\s*\(\s*\))")


class ShellKind(CodeKind):
    """Commands that run at the top level of the page's bash, up to the first one that fails."""

    name = "shell"
    languages = ("bash", "sh", "shell")
    is_bash = True

    def check(self, source: str, attributes: Attributes) -> None:
        """Refuse a fence that redefines what the session relies on."""
        check_builtin(source)

    def unfinished(self, source: str) -> Mistake | None:
        """Return the command that a fence begins and doesn't end."""
        if not (open_ := open_at_the_end(source)):
            return None
        message = f"the fence ends before this command does: bash waits for {open_.wants}"
        fix = "write the rest of it, or show it with { .notest }" + fix_for_tabs(open_.wants)
        return Mistake(open_.line, message, fix)

    def commands(self, source: str) -> Sequence[Command]:
        """Return all of it as one command."""
        return [Command(0, source, (), 0)]

    def execute(self, snippet: Snippet, context: StepContext) -> Outcome:
        """Run it in the page's shell."""
        return context.session.run_shell(snippet.source, line=snippet.index, seconds=context.seconds)

    def guess_line(self, snippet: Snippet, outcome: Outcome, output: str) -> int:
        """Return the line as for all code, or a line that may have left, or the last: `false && true` runs no trap."""
        if index := super().guess_line(snippet, outcome, output):
            return index
        if outcome.returned_early or outcome.ending is Ending.SESSION_ENDED:
            return _line_that_leaves(snippet, outcome)
        if outcome.ending is Ending.DONE:
            return snippet.index + snippet.source.rstrip().count("\n")
        return 0

    def script(self, snippet: Snippet) -> Sequence[str]:
        """Return its text."""
        return [snippet.source]


def _line_that_leaves(snippet: Snippet, outcome: Outcome) -> int:
    """Return the number of the only line whose `exit`, `exec` or `return` may have left the snippet; 0 if unclear."""
    words = {"return"} if outcome.returned_early else {"exit", "exec"}
    candidates: dict[int, bool] = {}
    for offset, line in enumerate(snippet.source.split("\n")):
        for match in _LEAVES.finditer(line) if not line.lstrip().startswith("#") else ():
            if match["word"] in words and (match["status"] is None or int(match["status"]) == outcome.status):
                candidates[offset] = candidates.get(offset, False) or match.start() == match.start("word") == 0
    offsets = [*candidates]
    if len(offsets) > 1:
        # A function's own `return` is indented, or comes after other words.
        offsets = [offset for offset, at_line_start in candidates.items() if at_line_start]
    return snippet.index + offsets[0] if len(offsets) == 1 else 0


def fix_for_tabs(wants: str) -> str:
    """Return what to do if bash waits for a line after tabs; empty otherwise."""
    if "after tabs" not in wants:
        return ""
    return "; a site shows tabs as spaces, unless pymdownx.superfences has `preserve_tabs: true`"


def check_builtin(source: str) -> None:
    """Refuse code that redefines `builtin`.

    Raises:
        AttributeProblem: for such code.
    """
    if _REDEFINES_BUILTIN.search(source):
        raise AttributeProblem(
            "the fence redefines `builtin`, which the session needs to see that a step has ended",
            "show it with { .notest }, or run it in a shell of its own: bash -c '...'",
        )


SHELL = ShellKind()
