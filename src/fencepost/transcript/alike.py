r"""Explains how lines differ that look alike: a line of the page and a line of output."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from fencepost.columns import tabs_as_spaces
from fencepost.transcript.match import ELLIPSIS, line_fits

_MOST_CHARACTERS = 500
_SUFFIXES = {" (re)": "regular expression", " (glob)": "glob"}
# A line that contains these was probably meant as a pattern.
_LIKE_A_PATTERN = {" (re)": re.compile(r"\\[dswS]|\.[*+]|\[[^]]+\][+*{]"), " (glob)": re.compile(r"\*")}
# Authors write these in place of text that they leave out.
_LEFT_OUT = ("[...]", "(...)", "<...>", "[…]", "(…)", "…")
_ALIKE: dict[int, str] = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\u00b4`"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"), '"'),
}
TABS = "a tab advances to the next multiple of 8 columns"


def lookalike_hint(shown: str, line: str) -> str:
    """Explain how a line of the page differs from a line of output that looks like it.

    Args:
        shown: the line as the page has it.
        line: the line of output, as it is compared.

    Returns:
        Half a sentence; empty if the lines match, or if the difference is plain to see.

    Raises:
        TooLongError: as `line_matches` does.
    """
    if max(len(shown), len(line)) > _MOST_CHARACTERS or line_fits(shown, line):
        return ""
    hint = _syntax_hint(tabs_as_spaces(shown).rstrip(), line) or _character_hint(shown, line)
    return f"{hint}; {TABS}" if "\t" in shown and "space" in hint else hint


def _syntax_hint(shown: str, line: str) -> str:
    """Explain a line with special syntax that its author probably didn't mean, or without one that was meant."""
    if shown.startswith("\\"):
        if shown == line:
            literally = "a backslash in front (`\\`) takes the rest of a line literally"
            return f"{literally}, and isn't part of it: write `\\{line}`"
        if line_fits(shown[1:], line):
            return "a backslash in front (`\\`) takes the rest of a line literally: without it, the line fits"
        return ""
    for suffix, kind in _SUFFIXES.items():
        if shown.endswith(suffix):
            if shown == line:
                return f"`{suffix}` at the end of a line makes it a {kind}: to take it literally, write `\\{line}`"
            if shown.removesuffix(suffix) == line:
                return f"it is a {kind}, in which some characters are special: without `{suffix}` it fits"
            return ""
        if _LIKE_A_PATTERN[suffix].search(shown) and line_fits(shown + suffix, line):
            return f"as a {kind} it fits: write `{suffix}` after it"
    for word in _LEFT_OUT:
        elided = shown.replace(word, ELLIPSIS)
        if word in shown and (elided.strip() == ELLIPSIS or line_fits(elided, line)):
            return f"`{word}` is taken literally: write `{ELLIPSIS}` for any text, or alone on a line for any lines"
    return ""


def _character_hint(shown: str, line: str) -> str:
    """Locate the first character that differs in lines that look the same at a glance."""
    if shown.endswith(tuple(_SUFFIXES)) and not shown.startswith("\\"):
        return ""
    literally = "\\" if shown.startswith("\\") else ""
    text = tabs_as_spaces(shown.removeprefix("\\")).rstrip()
    kind = next((kind for kind, same in _LOOKS.items() if line_fits(literally + same(text), same(line))), "")
    if kind and ELLIPSIS in text and not literally:
        return f"it fits except for {kind}"
    return _first_difference(text, line) if kind or _differs_in_foreign_letters(text, line) else ""


def _differs_in_foreign_letters(shown: str, line: str) -> bool:
    """Return whether the lines differ only in a few letters, each of another alphabet than its counterpart."""
    pairs = [(ours, theirs) for ours, theirs in zip(shown, line, strict=False) if ours != theirs]
    foreign = all(ours.isalpha() and theirs.isalpha() and ours.isascii() != theirs.isascii() for ours, theirs in pairs)
    return len(shown) == len(line) and foreign and len(pairs) * 3 <= len(line)


def _first_difference(shown: str, line: str) -> str:
    pairs = enumerate(zip(shown, line, strict=False))
    at = next((at for at, (ours, theirs) in pairs if ours != theirs), min(len(shown), len(line)))
    start = len(shown[:at].rstrip(" "))
    our_spaces, their_spaces = (len(text) - len(text.lstrip(" ")) for text in (shown[start:], line[start:]))
    ours, theirs = shown[at : at + 1], line[at : at + 1]
    if our_spaces != their_spaces and not any(text.isspace() and text != " " for text in (ours, theirs)):
        return f"column {start + 1}: {_spaces(our_spaces)} on the page, {_spaces(their_spaces)} in the output"
    if _is_invisible(theirs) and not _is_invisible(ours):
        return f"column {at + 1}: {_character_at(line, at)} in the output, none on the page"
    in_output = "none" if _is_invisible(ours) else _character_at(line, at)
    return f"column {at + 1}: {_character_at(shown, at)} on the page, {in_output} in the output"


def _spaces(count: int) -> str:
    return "no space" if not count else "1 space" if count == 1 else f"{count} spaces"


def _character_at(text: str, at: int) -> str:
    """Describe a character, together with the ones that combine with it."""
    end = at + 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    character = text[at:end]
    if not character:
        return "nothing"
    if character == " ":
        return "a space"
    if character.isascii():
        return f"`{character}`"
    names = " and ".join(f"U+{ord(part):04X} {unicodedata.name(part, '')}".rstrip() for part in character)
    return f"`{character}` ({names})" if character[0].isprintable() and not _is_invisible(character) else names


def _is_invisible(character: str) -> bool:
    return bool(character) and unicodedata.category(character[0]) == "Cf"


def _with_plain_characters(text: str) -> str:
    """Replace characters that look alike by one of them, and drop invisible ones."""
    text = unicodedata.normalize("NFKC", text.translate(_ALIKE))
    return "".join(character for character in text if not _is_invisible(character)).translate(_ALIKE)


def _with_single_spaces(text: str) -> str:
    return " ".join(tabs_as_spaces(text).split())


_LOOKS: dict[str, Callable[[str], str]] = {
    "characters that look alike, or are invisible": _with_plain_characters,
    "the number of spaces": _with_single_spaces,
    "upper and lower case": str.casefold,
    "spaces, case and characters that look alike": lambda text: _with_single_spaces(
        _with_plain_characters(text)
    ).casefold(),
}
