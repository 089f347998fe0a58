"""The output of a program in a page: only text reaches the browser."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable

from fencepost.record.model import FailureRecord
from fencepost.render.html import joined, link_to_step, prose, tag
from fencepost.render.html import text as as_markup
from fencepost.render.output import MOST_CHARACTERS, MOST_LINES, render_failure, render_output
from fencepost.terminal import as_on_screen, harmless, lines_of, on_one_line
from trials.fuzzing.taking import Bytes, holds, same, text
from trials.fuzzing.target import ROOT, Target

_OURS = re.compile(
    r"</?(?:p|pre|samp|a|dl|dt|dd|del|ins|span|code)"
    r"(?: (?:class|href|tabindex|title|data-search-exclude)=\"[^\"<>]*\")*>"
)
_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def one(data: bytes) -> None:
    """Try an output by itself, and in one of the places where a page shows it."""
    taken = Bytes(data)
    place = taken.number(len(PLACES))
    output = text(taken.rest())
    lines = lines_of(output)
    holds(not any("\n" in line or line != line.rstrip() for line in lines), lines)
    same(lines_of("\n".join(lines)), lines)
    shown = as_on_screen(output)
    nothing_steers(shown)
    same(harmless(shown), shown)
    same(html.unescape(as_markup(output)), harmless(output))
    holds(on_one_line(output) == "" or on_one_line(output).isprintable(), output)
    first, second, *_ = [*output.split("\x1d"), output]
    markup = PLACES[place](output, first, second)
    nothing_steers(markup)
    escaped(markup)


def an_output(output: str, first: str, second: str) -> str:
    """Return an output as shown under its step; check that it isn't too long."""
    markup = render_output(output, first, lambda: second)
    samp = re.search(r"<samp>([^<]*)</samp>", markup)
    holds(samp and samp[1].count("\n") <= MOST_LINES + 4 and len(html.unescape(samp[1])) < MOST_CHARACTERS + 99, samp)
    return markup


def a_failure(_output: str, first: str, second: str) -> str:
    """Return an output as shown under a step that failed."""
    return render_failure(FailureRecord(file=first, line=len(first), command=second, expected=first, actual=second))


PLACES: tuple[Callable[[str, str, str], str], ...] = (
    an_output,
    a_failure,
    lambda output, first, second: link_to_step(first, second, title=output),
    lambda output, first, second: joined([prose(output), tag("p", first, class_=output, href=second)]),
)


def nothing_steers(shown: str) -> None:
    """Check that there is no control character, and none that changes the direction of text."""
    holds(not _STEERS.search(shown), shown)


def escaped(markup: str) -> None:
    """Check that nothing but our own elements could be markup."""
    left = _OURS.sub("", markup)
    holds(not re.search("[<>\"']", left), left, markup)
    holds(not re.search(r"&(?!amp;|lt;|gt;|quot;|#x27;)", left), left)


def seeds() -> Iterable[bytes]:
    """Yield the sample snippets as output, and some control sequences."""
    for path in sorted((ROOT / "tests/session/snippets").glob("*.sh")):
        yield b"\x00" + path.read_bytes()[:400]
    for place in range(len(PLACES)):
        yield (
            bytes([place])
            + "\x1b[1;31mred\x1b[0m\x1b]0;title\x07 0 %\r100 %\na\x08b_\x08_\u202eabc<script>`a` \x9b1m\n".encode()
        )
        yield bytes([place]) + b"docs/a b.md\x1d<a href='x'>\"&lt;\n1\n2\n"
    yield b"\x00" + b"line\n" * 60 + b"x" * 200


TARGET = Target(
    name="output",
    says="No markup and no control character of an output survives; the text shown is the same as the output.",
    code=("render/output.py", "render/html.py", "terminal.py", "screen.py", "columns.py"),
    words=(
        b"<script>",
        b"</samp>",
        b"&lt;",
        b"\x1b[",
        b"\x1b]0;",
        b"\x07",
        b"\x08",
        b"\r",
        b"\x1b[K",
        b"\x1b[3D",
        b"\x1b[A",
        b"`",
        b'"',
        b"'",
        b"javascript:",
        b"\x1d",
    )
    + ("\u202e".encode(), "\u2028".encode(), b"\xed\xa0\x80", b"\x9b"),
    seeds=seeds,
    one=one,
    longest=700,
)
