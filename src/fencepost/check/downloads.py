"""Finds downloads whose failure bash ignores: `bash -c "$(curl ...)"` passes without a network, and does nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from fencepost.fence.snippet import Snippet
from fencepost.kinds.registry import kind_of
from fencepost.kinds.result import Note
from fencepost.transcript.parse import TranscriptProblem

# The tokens outside of double quotes, and those inside. Single quotes, comments and here-documents with a quoted end
# are tokens as a whole, because this bash runs nothing in them.
_OUTSIDE = re.compile(
    r"""\\.|'[^']*'|"|\$\(|[<>]\(|[()`]|(?<![^\s;&|()])\#[^\n]*"""
    r"""|<<-?[ \t]*(?:'(?P<end>[^'\n]+)'|"(?P<also>[^"\n]+)"|\\(?P<or>\w+))""",
    re.DOTALL,
)
_INSIDE = re.compile(r'\\.|"|\$\(|`', re.DOTALL)
_DOWNLOAD = re.compile(
    r"(?:^|[;&|\n({`]|\b(?:if|then|else|do|while)[ \t])[ \t]*(?:(?:sudo|command|exec|env|time)[ \t]+)*"
    r"(?:[\w./]+/)?(?P<program>curl|wget)[ \t](?P<words>(?:\\\n|[^;&|\n()`])*)"
)
# An assignment's status is that of the substitution. `export NAME=$(...)` has its own.
_ASSIGNMENT = re.compile(r"(?:^|[;&|({!\n]|\b(?:if|then|do|else|while|until)[ \t])[ \t]*\w+\+?=[\"']?\Z")
# The characters around a download in which to look for code that handles its failure.
_AROUND = 500
_VALUE = re.compile(r"""^[ \t]*(?:export[ \t]+|local[ \t]+|readonly[ \t]+)?(\w+)=["']?([^\s"';]+)""", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
# A host on the internet. An IP address, or a name without a dot, may be a machine that the page itself has started.
_HOST = re.compile(
    r"(?P<scheme>(?:https?|ftp)://)?(?P<host>(?:[\w-]+\.)+[a-z]{2,})(?::\d+)?(?:[/?#].*)?", re.IGNORECASE
)
_OWN = re.compile(r"\.(?:localhost|localdomain|local|internal|test|lan|home)\Z", re.IGNORECASE)
# Options whose next word isn't an address.
_TAKES_A_WORD = re.compile(r"--[\w-]+|-\w*[oOdHuTFAbceEKmwxXzCDPU]")


def dropped_downloads(snippet: Snippet, steps: Iterable[Snippet]) -> tuple[Note, ...]:
    """Return a note for each download from the internet in a substitution, whose failure bash would ignore.

    Args:
        snippet: a step that passed, on a page without a network.
        steps: the page's steps, for the values of variables.
    """
    notes: dict[int, Note] = {}
    for first, source in _commands(snippet):
        if "curl" not in source and "wget" not in source:
            continue
        values = dict(value for step in steps for value in _VALUE.findall(step.source))
        for offset, program, opening in _downloads(source, values):
            at = snippet.origin_at(first + source.count("\n", 0, offset))
            text = (
                f"bash drops the status of `{program}` inside `{opening}`, and this page has no network: add "
                "`network: true` to its front matter, or download into a file first"
            )
            notes[at.line] = Note(at.file, at.line, text)
    return tuple(notes.values())


def _commands(snippet: Snippet) -> Iterator[tuple[int, str]]:
    """Yield the commands for bash, each with the number of its first line in the expanded page."""
    with suppress(TranscriptProblem):
        for command in kind_of(snippet).commands(snippet.source):
            # The page expects a failure where it shows another status.
            if not command.status:
                yield snippet.index + command.offset, command.source


def _downloads(source: str, values: dict[str, str]) -> Iterator[tuple[int, str, str]]:
    """Yield the offset of each download whose status is dropped, its program, and the form of the substitution."""
    substitutions = sorted(_substitutions(source), reverse=True)
    around: list[tuple[int, int, str]] = []
    for match in _DOWNLOAD.finditer(source):
        offset = match.start("program")
        while substitutions and substitutions[-1][0] < offset:
            around.append(substitutions.pop())
        while around and around[-1][1] <= offset:
            around.pop()
        if not around:
            continue
        start, end, opening = around[-1]
        assigned = opening == "$(" and _ASSIGNMENT.search(source, max(0, start - _AROUND), start)
        handled = source.find("||", match.end(), min(end, match.end() + _AROUND)) >= 0
        words = _VARIABLE.sub(lambda name: values.get(name[1], name[0]), match["words"])
        if not assigned and not handled and _is_on_the_internet(words):
            yield offset, match["program"], "`...`" if opening == "`" else f"{opening}...)"


def _is_on_the_internet(words: str) -> bool:
    before = ""
    for word in (word.strip("\"'") for word in words.split()):
        match = _HOST.fullmatch(word)
        if match and not _OWN.search(match["host"]) and (match["scheme"] or not _TAKES_A_WORD.fullmatch(before)):
            return True
        before = word
    return False


def _substitutions(source: str) -> Iterator[tuple[int, int, str]]:
    """Yield the start, the end and the opening token of each substitution."""
    opened: list[tuple[str, int]] = []
    position = 0
    while match := (_INSIDE if opened and opened[-1][0] == '"' else _OUTSIDE).search(source, position):
        token, position = match[0], match.end()
        innermost = opened[-1][0] if opened else ""
        if token.startswith("<<"):
            word = match["end"] or match["also"] or match["or"]
            body = re.compile(rf"^\t*{re.escape(word)}$", re.MULTILINE).search(source, source.find("\n", position) + 1)
            position = body.end() if body else len(source)
        elif token == innermost and token in '"`':
            _, start = opened.pop()
            if token == "`":
                yield start, match.start(), token
        elif token in {'"', "`", "$(", "<(", ">(", "("}:
            opened.append((token, match.start()))
        elif token == ")" and innermost.endswith("("):
            _, start = opened.pop()
            if innermost != "(":
                yield start, match.start(), innermost
