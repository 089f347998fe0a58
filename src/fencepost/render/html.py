"""A small writer of HTML that can't forget to escape: text becomes markup only by way of `tag`."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from fencepost.terminal import harmless

_PLAIN = re.compile(r"[a-z0-9_-]+")
_VOID = frozenset({"br", "hr", "img"})
# Most texts hold nothing that would have to be escaped; a large site has hundreds of thousands of them.
_DELICATE = re.compile(r"[^\t\n !#-%(-;=?-~]")


class Html(str):
    """Finished markup. Any other string is text, and gets escaped."""

    __slots__ = ()


def text(value: str) -> Html:
    """Text as markup: escaped, and with nothing in it that could steer a browser or a terminal."""
    return Html(escape(harmless(value)) if _DELICATE.search(value) else value)


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Several parts as one; those that aren't markup yet are escaped, and so is what goes between them."""
    return Html(_markup(between).join([part if isinstance(part, Html) else text(part) for part in parts]))


def tag(name: str, *children: str, **attributes: str | bool | None) -> Html:
    """An element.

    Args:
        name: its name.
        children: its contents, text or markup.
        attributes: an underscore at the end is dropped (`class_`), one inside becomes a hyphen. `None` and `False`
            leave the attribute out; `True` is written as `true` for `data_` and bare for others.
    """
    written = "".join([_attribute(key, value) for key, value in attributes.items()]) if attributes else ""
    if name in _VOID:
        return Html(f"<{name}{written}>")
    inner = "".join([child if child.__class__ is Html else text(child) for child in children])
    return Html(f"<{name}{written}>{inner}</{name}>")


def prose(value: str) -> Html:
    """A sentence in which words between backticks are code, as reasons have them."""
    parts = value.split("`")
    # Without a partner, a backtick is nothing but itself.
    if len(parts) % 2 == 0:
        return text(value)
    return joined(tag("code", part) if number % 2 else part for number, part in enumerate(parts))


def link_to_step(step: str, *children: str, **attributes: str | bool | None) -> Html:
    """A link to a step of the same page."""
    anchor = step if _PLAIN.fullmatch(step) else quote(harmless(step), safe="-._~!$&'()*+,;=:@/?")
    return tag("a", *children, href=f"#{anchor}", **attributes)


def verbatim_attribute(name: str, value: str) -> Html:
    """An attribute, with a space in front, whose value scripts read exactly as it is."""
    return Html(f' {name}="{escape(value)}"')


# The same few classes, titles and verdicts over and over.
@functools.lru_cache(maxsize=4096)
def _attribute(key: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f' {name}="true"' if name.startswith("data-") else f" {name}"
    return f' {name}="{text(value)}"'


def _markup(part: str) -> str:
    return part if isinstance(part, Html) else text(part)
