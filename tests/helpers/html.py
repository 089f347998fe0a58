"""HTML as a tree, which selectolax reads as browsers do."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode


def tree(html: str) -> LexborHTMLParser:
    """Return the parsed document. A fragment of a page becomes its body."""
    return LexborHTMLParser(html)


def select(html: str, selector: str) -> list[LexborNode]:
    """Return the elements that a CSS selector matches, in document order."""
    return tree(html).css(selector)


def the(html: str, selector: str) -> LexborNode:
    """Return the only element that a CSS selector matches.

    Raises:
        AssertionError: there is none, or more than one.
    """
    elements = select(html, selector)
    assert len(elements) == 1, (selector, len(elements), html)
    return elements[0]


def text_of(element: LexborNode, apart: Collection[str] = ("td", "th")) -> str:
    """Return an element's text on one line, with single spaces.

    Args:
        element: the element.
        apart: the names of elements whose text is a word of its own.
    """
    return " ".join("".join(_pieces(element, apart)).split())


def texts(html: str, selector: str) -> list[str]:
    """Return the text of each element that a CSS selector matches."""
    return [text_of(element) for element in select(html, selector)]


def attributes(html: str, selector: str, name: str) -> list[str]:
    """Return this attribute of each element that a CSS selector matches; empty where it is missing."""
    return [element.attributes.get(name) or "" for element in select(html, selector)]


def _pieces(node: LexborNode, apart: Collection[str]) -> Iterator[str]:
    space = " " if node.tag in apart else ""
    yield space
    for child in node.iter(include_text=True):
        if child.is_text_node:
            yield child.text_content or ""
        else:
            yield from _pieces(child, apart)
    yield space


def element_after(element: LexborNode) -> LexborNode | None:
    """Return the next sibling that is an element. Text between the two must be blank."""
    following = element.next
    while following is not None and following.is_text_node and not (following.text_content or "").strip():
        following = following.next
    return following
