"""Write HTML with all text escaped: only `tag` and its like make markup."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from fencepost.terminal import harmless

_PLAIN = re.compile(r"[a-z0-9_-]+")
_VOID = frozenset({"br", "hr", "img"})
# Most strings need no escaping, and a large site has hundreds of thousands of them: skip these quickly.
_DELICATE = re.compile(r"[^\t\n !#-%(-;=?-~]")


class Html(str):
    """Finished markup. Any other `str` is text, and gets escaped."""

    __slots__ = ()


def text(value: str) -> Html:
    """Return text as markup: escaped, and without control characters."""
    return Html(escape(harmless(value)) if _DELICATE.search(value) else value)


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Join parts; escape those that aren't markup yet, and the separator too."""
    separator = between if isinstance(between, Html) else text(between)
    return Html(separator.join([part if isinstance(part, Html) else text(part) for part in parts]))


def tag(name: str, *children: str, **attributes: str | bool | None) -> Html:
    """Return an element.

    Args:
        name: its name.
        children: its contents, text or markup.
        attributes: an underscore at the end of a name is dropped (`class_`), others become hyphens. `None` and
            `False` omit the attribute; `True` gives `data-name="true"`, or the bare name of any other attribute.
    """
    attribute_text = "".join([_attribute(key, value) for key, value in attributes.items()]) if attributes else ""
    if name in _VOID:
        return Html(f"<{name}{attribute_text}>")
    inner = "".join([child if child.__class__ is Html else text(child) for child in children])
    return Html(f"<{name}{attribute_text}>{inner}</{name}>")


def prose(value: str) -> Html:
    """Return a sentence, such as a reason, with the words between backticks as code."""
    parts = value.split("`")
    # An odd number of backticks: they don't pair up, so they stay as they are.
    if len(parts) % 2 == 0:
        return text(value)
    return joined(tag("code", part) if number % 2 else part for number, part in enumerate(parts))


def link_to_step(step: str, *children: str, **attributes: str | bool | None) -> Html:
    """Return a link to a step of the same page."""
    anchor = step if _PLAIN.fullmatch(step) else quote(harmless(step), safe="-._~!$&'()*+,;=:@/?")
    return tag("a", *children, href=f"#{anchor}", **attributes)


def verbatim_attribute(name: str, value: str) -> Html:
    """Return an attribute, with a space in front, whose value a script reads back unchanged."""
    return Html(f' {name}="{escape(value)}"')


# Cached: the same few classes, titles and verdicts come again and again.
@functools.lru_cache(maxsize=4096)
def _attribute(key: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f' {name}="true"' if name.startswith("data-") else f" {name}"
    return f' {name}="{text(value)}"'
