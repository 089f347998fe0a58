"""Reads the words of a shell command, and finds which kind of token each of them is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fencepost.bash.characters import Characters
from fencepost.bash.state import ASSIGNMENT, DESCRIPTOR, NUMBER, RESERVED, WORD, State
from fencepost.bash.unfinished import RefusedError

_BREAKS = frozenset("|&;()<> \t\n")
_PLAIN = re.compile(r"[^\\'\"`$<>&|;() \t\n\[=@*+?!]+")
_PATTERN_CHARS = frozenset("@*+?!")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SUBSCRIPT = r"\[(?:[^][]|\[[^][]*\])*\]"
_TARGET = re.compile(rf"[A-Za-z_][A-Za-z0-9_]*(?:{_SUBSCRIPT})?\+?")
_TARGET_IN_LIST = re.compile(rf"{_SUBSCRIPT}\+?")
_ASSIGNMENT = re.compile(rf"{_TARGET.pattern}=")
_ASSIGNMENT_IN_LIST = re.compile(rf"{_TARGET_IN_LIST.pattern}=")
_DESCRIPTOR = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*(?:\[.+\])?\}", re.DOTALL)
# The most parts of a name that backslashes spread over several lines.
_MOST_PARTS = 60
_HIGHEST_NUMBER = 2**31 - 1
_TAKE_ASSIGNMENTS = frozenset({"alias", "declare", "export", "local", "readonly", "typeset", "eval", "let"})
_QUOTED = re.compile(r"\\(?P<escaped>.)|'(?P<single>[^']*)'|\"(?P<double>(?:\\.|[^\"\\])*)\"", re.DOTALL)


class Words(Characters):
    """Reads words from lines.

    Args:
        lines: the lines, without line ends.
        extglob: read extended patterns, as after `shopt -s extglob`.
    """

    def __init__(self, lines: Iterator[str], *, extglob: bool = False) -> None:
        super().__init__(lines)
        self._extglob = extglob
        self._state = State()
        # The newest word, and whether any of it was quoted.
        self._word = ""
        self._is_quoted = False

    def _read(self) -> str:
        raise NotImplementedError

    def _read_word(self, char: str) -> str:
        state = self._state
        parts: list[str] = []
        quoted = False
        while True:
            if char == "\\":
                parts.append(char + self._char(joins=False))
                quoted = True
            elif char in "'\"`":
                place = self._place()
                self._quotes(char)
                parts.append(char + self._text_since(place))
                quoted = quoted or char != "`"
            elif state.regex and char == "(":
                parts.append(self._grouped(char))
            elif state.regex and char == "|":
                parts.append(char)
            elif char in _PATTERN_CHARS and (self._extglob or state.pattern) and self._peek() == "(":
                parts += char, self._grouped(self._char())
            elif char in "$<>" and (expansion := self._expanded(char)):
                parts.append(expansion)
                quoted = quoted or expansion.startswith(("$'", '$"'))
            elif char == "[" and self._begins_subscript(parts):
                parts.append(self._grouped(char, dollars=True))
            elif char == "=" and parts and self._assigns_list(parts):
                self._char()
                self._read_list()
                parts.append("=()")
            elif char in _BREAKS:
                self._back()
                break
            else:
                parts.append(char)
                if match := _PLAIN.match(self._line, self._at):
                    parts.append(match[0])
                    self._at = match.end()
            char = self._char()
        return self._kind("".join(parts), following=char, quoted=quoted)

    def _expanded(self, char: str) -> str:
        """Return the expansion that a `$`, `<` or `>` begins, as written; empty if it begins none."""
        following = self._peek()
        if following != "(" and (char != "$" or following not in "{['\"$"):
            return ""
        place = self._place()
        self._char()
        if following in "'\"":
            self._quotes(following, ansi=following == "'")
        elif following != "$":
            self._expansion(following)
        return char + self._text_since(place)

    def _grouped(self, opening: str, *, dollars: bool = False) -> str:
        place = self._place()
        self._group(opening, ")" if opening == "(" else "]", dollars=dollars)
        return opening + self._text_since(place)

    def _begins_subscript(self, parts: list[str]) -> bool:
        if not parts:
            return self._state.in_list
        return len(parts) < _MOST_PARTS and self._state.may_assign() and _NAME.fullmatch("".join(parts)) is not None

    def _assigns_list(self, parts: list[str]) -> bool:
        state = self._state
        if len(parts) > _MOST_PARTS or not (state.may_assign() or state.takes_assignments) or self._peek() != "(":
            return False
        return (_TARGET_IN_LIST if state.in_list else _TARGET).fullmatch("".join(parts)) is not None

    def _read_list(self) -> None:
        """Read an array's list of values, after its `(`."""
        state = self._state
        kept = state.last, state.in_list, state.takes_assignments, state.condition, state.regex, state.pattern
        ins, esacs, state.ins, state.esacs = state.ins, state.esacs, 0, 0
        state.last, state.in_list, state.condition, state.regex, state.pattern = WORD, True, False, False, False
        self._begin("a closing `)`")
        self._deeper()
        while (token := self._read()) != ")":
            if token not in {WORD, ASSIGNMENT, "\n"}:
                raise RefusedError
        self._depth -= 1
        self._end()
        state.last, state.in_list, state.takes_assignments, state.condition, state.regex, state.pattern = kept
        state.ins, state.esacs = ins, esacs

    def _kind(self, text: str, *, following: str, quoted: bool) -> str:
        """Return a word's token, which depends on the tokens before it and the character after it."""
        state = self._state
        if text.isascii() and text.isdigit() and (following in "<>" or state.last in {"<&", ">&"}):
            if int(text[:20]) <= _HIGHEST_NUMBER and len(text) < 20:
                return NUMBER
        elif special := state.special(text):
            return special
        if text in RESERVED and state.is_reserved(text):
            return text
        self._word, self._is_quoted = text, quoted
        if state.in_command_position() and text in _TAKE_ASSIGNMENTS:
            state.takes_assignments = True
        if following in "<>" and _DESCRIPTOR.fullmatch(text):
            return DESCRIPTOR
        assigns = (_ASSIGNMENT_IN_LIST if state.in_list else _ASSIGNMENT).match(text) is not None
        if state.last == "function":
            state.brace_opens = True
        elif state.last in {"case", "select", "for"}:
            state.ins += 1
        return ASSIGNMENT if assigns and (state.in_list or state.may_assign()) else WORD


def without_quotes(word: str) -> str:
    """Return a here-document's end word without its quotes; nothing in it is expanded."""

    def unquoted(match: re.Match[str]) -> str:
        if match["double"] is not None:
            return re.sub(r"\\([\\$`\"\n])", r"\1", match["double"])
        return match["escaped"] if match["escaped"] is not None else match["single"]

    return _QUOTED.sub(unquoted, re.sub(r"\$(?=['\"])", "", word))
