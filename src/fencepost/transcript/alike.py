r"""How two lines differ that look alike, a page's and an output's: by a `\`, spaces, an invisible character."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from fencepost.columns import tabs_as_spaces
from fencepost.transcript.match import ELLIPSIS, BadPattern, line_matches

_MOST_CHARACTERS = 500
_SUFFIXES = {" (re)": "regular expression", " (glob)": "glob"}
# Only somebody who means a pattern writes these.
_LIKE_A_PATTERN = {" (re)": re.compile(r"\\[dswS]|\.[*+]|\[[^]]+\][+*{]"), " (glob)": re.compile(r"\*")}
# Authors write these for something that they leave out.
_LEFT_OUT = ("[...]", "(...)", "<...>", "[…]", "(…)", "…")
_ALIKE: dict[int, str] = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\u00b4`"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"), '"'),
}
TABS = "a tab leads to the next multiple of 8 columns"


def why_alike(wanted: str, line: str) -> str:
    """How a line of a page and a line of output differ that look alike.

    Args:
        wanted: the line as the page has it.
        line: the line that came, as it is compared.

    Returns:
        Half a sentence; empty where they fit, and where the difference is plain to see.

    Raises:
        TooLongError: as `line_matches` does.
    """
    if max(len(wanted), len(line)) > _MOST_CHARACTERS or _fits(wanted, line):
        return ""
    why = _taken_otherwise(tabs_as_spaces(wanted).rstrip(), line) or _but_for_its_look(wanted, line)
    return f"{why}; {TABS}" if "\t" in wanted and "space" in why else why


def _taken_otherwise(shown: str, line: str) -> str:
    """What is special in the page's line, and isn't meant so; or is meant so, and isn't special."""
    if shown.startswith("\\"):
        if shown == line:
            literally = "a backslash in front (`\\`) takes the rest of a line literally"
            return f"{literally}, and isn't part of it: write `\\{line}`"
        if _fits(shown[1:], line):
            return "a backslash in front (`\\`) takes the rest of a line literally: without it, the line fits"
        return ""
    for suffix, kind in _SUFFIXES.items():
        if shown.endswith(suffix):
            if shown == line:
                return f"`{suffix}` at its end makes a line a {kind}: to take it literally, write `\\{line}`"
            if shown.removesuffix(suffix) == line:
                return (
                    f"it is a {kind}, in which some characters don't stand for themselves: without `{suffix}` it fits"
                )
            return ""
        if _LIKE_A_PATTERN[suffix].search(shown) and _fits(shown + suffix, line):
            return f"as a {kind} it fits: write `{suffix}` behind it"
    for word in _LEFT_OUT:
        elided = shown.replace(word, ELLIPSIS)
        if word in shown and (elided.strip() == ELLIPSIS or _fits(elided, line)):
            return f"`{word}` stands for itself: any text, or alone on a line any lines, is `{ELLIPSIS}`"
    return ""


def _but_for_its_look(wanted: str, line: str) -> str:
    """Where the first character stands that differs, in lines that are the same at a glance."""
    if wanted.endswith(tuple(_SUFFIXES)) and not wanted.startswith("\\"):
        return ""
    literally = "\\" if wanted.startswith("\\") else ""
    shown = tabs_as_spaces(wanted.removeprefix("\\")).rstrip()
    kind = next((kind for kind, same in _LOOKS.items() if _fits(literally + same(shown), same(line))), "")
    if kind and ELLIPSIS in shown and not literally:
        return f"it fits but for {kind}"
    return _first_difference(shown, line) if kind or _is_foreign_in_few_letters(shown, line) else ""


def _is_foreign_in_few_letters(shown: str, line: str) -> bool:
    """Whether all that differs are some letters, of which one is of another alphabet."""
    others = [(one, other) for one, other in zip(shown, line, strict=False) if one != other]
    foreign = all(one.isalpha() and other.isalpha() and one.isascii() != other.isascii() for one, other in others)
    return len(shown) == len(line) and foreign and len(others) * 3 <= len(line)


def _first_difference(shown: str, line: str) -> str:
    pairs = enumerate(zip(shown, line, strict=False))
    at = next((at for at, (one, other) in pairs if one != other), min(len(shown), len(line)))
    start = len(shown[:at].rstrip(" "))
    ours, theirs = (len(text) - len(text.lstrip(" ")) for text in (shown[start:], line[start:]))
    one, other = shown[at : at + 1], line[at : at + 1]
    if ours != theirs and not any(character.isspace() and character != " " for character in (one, other)):
        return f"column {start + 1}: {_spaces(ours)} on the page, {_spaces(theirs)} in the output"
    if _is_unseen(other) and not _is_unseen(one):
        return f"column {at + 1}: {_character_at(line, at)} in the output, none on the page"
    there = "none" if _is_unseen(one) else _character_at(line, at)
    return f"column {at + 1}: {_character_at(shown, at)} on the page, {there} in the output"


def _spaces(count: int) -> str:
    return "no space" if not count else "1 space" if count == 1 else f"{count} spaces"


def _character_at(text: str, at: int) -> str:
    """A character in words, with those that combine with it."""
    end = at + 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    one = text[at:end]
    if not one:
        return "nothing"
    if one == " ":
        return "a space"
    if one.isascii():
        return f"`{one}`"
    names = " and ".join(f"U+{ord(each):04X} {unicodedata.name(each, '')}".rstrip() for each in one)
    return f"`{one}` ({names})" if one[0].isprintable() and not _is_unseen(one) else names


def _is_unseen(character: str) -> bool:
    return bool(character) and unicodedata.category(character[0]) == "Cf"


def _fits(wanted: str, line: str) -> bool:
    try:
        return wanted.strip() != ELLIPSIS and line_matches(wanted, line)
    except BadPattern:
        return False


def _seen(text: str) -> str:
    """A text with one character for those that look alike, and none for invisible ones."""
    text = unicodedata.normalize("NFKC", text.translate(_ALIKE))
    return "".join(character for character in text if not _is_unseen(character)).translate(_ALIKE)


def _spaced(text: str) -> str:
    return " ".join(tabs_as_spaces(text).split())


_LOOKS: dict[str, Callable[[str], str]] = {
    "characters that look alike, or are invisible": _seen,
    "the number of spaces": _spaced,
    "upper and lower case": str.casefold,
    "spaces, case and characters that look alike": lambda text: _spaced(_seen(text)).casefold(),
}
