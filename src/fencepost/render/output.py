"""What a step printed, folded beneath it, and what was expected where it failed."""

from __future__ import annotations

import functools
from collections.abc import Callable

from fencepost.record.model import FailureRecord
from fencepost.render.html import Html, joined, prose, tag
from fencepost.render.wording import counted
from fencepost.terminal import as_on_screen
from fencepost.transcript.difference import Part, difference
from fencepost.transcript.hints import hints

# A page is there to be read: of more than this, the beginning and the end are shown.
MOST_LINES = 40
MOST_CHARACTERS = 4000
_LAST_LINES = 12
_LAST_CHARACTERS = 1200
_MARKUP = {Part.MISSING.value: "del", Part.MORE.value: "ins"}


def render_output(output: str, caption: str = "", whole: Callable[[], str | None] | None = None) -> Html:
    """An output, cut to what a page can bear.

    Args:
        output: what was printed, as recorded.
        caption: whose output it is, where there are several.
        whole: tells the way to all of it, should it be cut.
    """
    shown, is_whole = shown_output(output)
    parts = [tag("p", caption, class_="fencepost-caption", data_search_exclude=True)] if caption else []
    # `samp` and not `code`: Material would give it a copy button, and look for annotations in it.
    parts.append(tag("pre", tag("samp", shown), tabindex="0"))
    if not is_whole and whole and (way := whole()):
        link = tag("a", "The whole output", href=way)
        parts.append(tag("p", link, class_="fencepost-caption", data_search_exclude=True))
    return joined(parts)


# A page shows an output, and a search finds it.
@functools.lru_cache(maxsize=64)
def shown_output(output: str) -> tuple[str, bool]:
    """An output as a page shows it, and whether that is all of it."""
    text = as_on_screen(output)
    shown = shortened(text)
    return shown, shown == text


def shortened(text: str) -> str:
    """The text, or its beginning and its end with a note of what was left out between them."""
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        left_out = len(lines) - MOST_LINES
        head, tail = lines[: MOST_LINES - _LAST_LINES], lines[-_LAST_LINES:]
        text = "\n".join([*head, f"[... {counted(left_out, 'line')} not shown here ...]", *tail])
    if len(text) > MOST_CHARACTERS:
        beginning, end = text[: MOST_CHARACTERS - _LAST_CHARACTERS], text[-_LAST_CHARACTERS:]
        left_out = len(text) - MOST_CHARACTERS
        text = f"{beginning}\n[... {counted(left_out, 'character')} not shown here ...]\n{end}"
    return text


def render_failure(failure: FailureRecord) -> Html:
    """Where a step went wrong: the command, what the page says, and what came."""
    parts = []
    if failure.command:
        parts += [tag("dt", "Command"), tag("dd", tag("pre", tag("samp", shortened(as_on_screen(failure.command)))))]
    both = failure.expected and failure.actual
    lines = both and "\n" in f"{failure.expected}{failure.actual.rstrip()}"
    if lines:
        parts += [tag("dt", "Difference"), tag("dd", _difference(failure))]
    for name, value in () if lines else (("Expected", failure.expected), ("Actual", failure.actual)):
        shown = shortened(as_on_screen(value))
        parts += [tag("dt", name), tag("dd", tag("pre", tag("samp", shown)) if shown else "nothing")]
    for hint in hints(failure.expected, failure.actual, failure.line):
        parts += [tag("dt", "Hint"), tag("dd", prose(hint))]
    where = f"{failure.file}, line {failure.line}" if failure.line else failure.file
    parts += [tag("dt", "Written in"), tag("dd", where)] if where else []
    return tag("dl", *parts, class_="fencepost-failure", data_search_exclude=True)


def _difference(failure: FailureRecord) -> Html:
    """Line by line: what the page shows and didn't come, what came instead."""
    lines = difference(failure.expected.split("\n"), failure.actual)
    told = shortened(as_on_screen("\n".join(f"{part}{line}" for part, line in lines))).split("\n")
    marked = [tag(_MARKUP[line[:1]], line) if line[:1] in _MARKUP else tag("span", line) for line in told]
    return tag("pre", tag("samp", joined(marked, "\n")), tabindex="0")
