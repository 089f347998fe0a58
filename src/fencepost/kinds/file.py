"""Fences with `file=`, of any language, which are written to a file on the machine."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from fencepost.fence.snippet import Snippet
from fencepost.kinds.code import CodeKind
from fencepost.kinds.kind import StepContext, here_document
from fencepost.kinds.result import Failure
from fencepost.session.bash_traps import quoted
from fencepost.session.outcome import Outcome


class FileKind(CodeKind):
    """A fence whose text is written to a file."""

    name = "file"

    def code_in(self, source: str) -> str | None:
        """Return `None`: even an empty fence is written."""
        return None

    def execute(self, snippet: Snippet, context: StepContext) -> Outcome:
        """Write the file."""
        path = snippet.attributes.file
        return context.session.write_file(path, snippet.source, line=snippet.index, seconds=context.seconds)

    def failure(self, snippet: Snippet, index: int, command: str, actual: str, steps: Sequence[Snippet]) -> Failure:
        """Return the opening fence as the place: the command that failed is ours, and not on the page."""
        at = snippet.opening
        expected = f"exit status {snippet.attributes.exit or 0}"
        return Failure(at.file, at.line, f'file="{snippet.attributes.file}"', expected, actual)

    def script(self, snippet: Snippet) -> Sequence[str]:
        """Return commands that write the file with `cat`."""
        path = snippet.attributes.file
        folder = quoted(posixpath.dirname(path) or ".")
        return [f"mkdir -p -- {folder}", *here_document(f"cat >{quoted(path)}", snippet.source, "END")]


FILE = FileKind()
