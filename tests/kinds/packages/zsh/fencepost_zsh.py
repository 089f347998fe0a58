"""Steps for zsh.

Each step starts a zsh of its own from the page's shell: it finds the page's directory and exported variables, and what
it changes of them ends with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from fencepost.fence.snippet import Snippet
from fencepost.kinds.code import CodeKind
from fencepost.kinds.kind import StepContext, here_document
from fencepost.session.outcome import Ending, Outcome

# Ends at the first failing command, and says on which line that is.
_CHECKED = "zsh -fec 'TRAPZERR() { print -ru2 \"zsh failed at ${funcfiletrace[1]}\" }; . /dev/stdin'"
_FAILED_AT = re.compile(rb"zsh failed at /dev/stdin:(\d{1,6})\n\Z")


class ZshKind(CodeKind):
    """Commands for zsh, up to the first that fails."""

    name = "zsh"
    languages = ("zsh",)
    prompt = "% "
    interpreter = "its zsh"

    def execute(self, snippet: Snippet, context: StepContext) -> Outcome:
        """Runs it in a new zsh."""
        source = "\n".join(here_document(_CHECKED, snippet.source, "ZSH"))
        outcome = context.session.run_shell(source, line=snippet.index, seconds=context.seconds)
        if outcome.ending is not Ending.DONE or not outcome.status:
            return outcome
        place = _FAILED_AT.search(outcome.output)
        # bash's own trap names the line on which zsh was started.
        line = snippet.index + int(place[1]) - 1 if place else 0
        return replace(outcome, output=_FAILED_AT.sub(b"", outcome.output), line=line, command="", returned_early=False)

    def script(self, snippet: Snippet) -> Iterable[str]:
        """The same without the report of the line."""
        return here_document("zsh -fe /dev/stdin", snippet.source, "ZSH")


ZSH = ZshKind()
