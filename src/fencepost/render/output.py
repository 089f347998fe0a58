"""The output of a step, and for a failed step what was expected."""

from __future__ import annotations

import functools
from collections.abc import Callable

from fencepost.record.model import FailureRecord
from fencepost.render.html import Html, joined, prose, tag
from fencepost.render.wording import counted
from fencepost.terminal import as_on_screen
from fencepost.transcript.difference import Part, difference
from fencepost.transcript.hints import hints

# Of a longer output a page shows only the beginning and the end.
MOST_LINES = 40
MOST_CHARACTERS = 4000
_LAST_LINES = 12
_LAST_CHARACTERS = 1200
_MARKUP = {Part.MISSING.value: "del", Part.MORE.value: "ins"}


def render_output(output: str, caption: str = "", whole: Callable[[], str | None] | None = None) -> Html:
    """Return an output, shortened if it is long.

    Args:
        output: the output as recorded.
        caption: the machines that it comes from, if the page shows several outputs.
        whole: returns the URL of the whole output; called if it was shortened.
    """
    shown, is_whole = shown_output(output)
    parts = [tag("p", caption, class_="fencepost-caption", data_search_exclude=True)] if caption else []
    # `samp`, not `code`: Material would add a copy button to `code`, and look for annotations in it.
    parts.append(tag("pre", tag("samp", shown), tabindex="0"))
    if not is_whole and whole and (url := whole()):
        link = tag("a", "The whole output", href=url)
        parts.append(tag("p", link, class_="fencepost-caption", data_search_exclude=True))
    return joined(parts)


# Cached: both the page and the search index need it.
@functools.lru_cache(maxsize=64)
def shown_output(output: str) -> tuple[str, bool]:
    """Return an output as a page shows it, and True if that is all of it."""
    text = as_on_screen(output)
    shown = shortened(text)
    return shown, shown == text


def shortened(text: str) -> str:
    """Return the text; of a long one the beginning and the end, with a note of how much is left out between them."""
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
    """Return the details of a failure: the command, what the page says, and what was printed."""
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
    """Return the failure's expected and actual lines as a diff."""
    lines = difference(failure.expected.split("\n"), failure.actual)
    shown = shortened(as_on_screen("\n".join(f"{part}{line}" for part, line in lines))).split("\n")
    marked = [tag(_MARKUP[line[:1]], line) if line[:1] in _MARKUP else tag("span", line) for line in shown]
    return tag("pre", tag("samp", joined(marked, "\n")), tabindex="0")
