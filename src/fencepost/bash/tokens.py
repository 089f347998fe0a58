"""Reads the operators of a shell command, and the blanks, comments and here-documents between its tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn

from fencepost.bash.state import ARITHMETIC, FOR_ARITHMETIC
from fencepost.bash.unfinished import RefusedError
from fencepost.bash.words import Words

_BLANK = re.compile(r"[ \t]*")
_META = frozenset("|&;()<>")
_LONGER = frozenset(
    ("<<", "<<-", "<<<", "<&", "<>", ">>", ">&", ">|", "&&", "&>", "&>>", ";;", ";&", ";;&", "||", "|&", "((")
)
_BEGIN_LONGER = frozenset({"<<", "&>", ";;"})


class Tokens(Words):
    """Reads tokens from lines.

    Args:
        lines: the lines, without line ends.
        extglob: read extended patterns, as after `shopt -s extglob`.
    """

    def __init__(self, lines: Iterator[str], *, extglob: bool = False) -> None:
        super().__init__(lines, extglob=extglob)
        # The newest token, also in `[[ ... ]]`, where the state doesn't follow.
        self._token_read = ""
        # The next token, if it was peeked at, and the offset where it begins.
        self._ahead = ""
        self._begins_at = 0

    def _next_token(self) -> str:
        state = self._state
        state.before, state.last = state.last, state.current
        state.current = self._read()
        return state.current

    def _peek_token(self) -> str:
        if not self._ahead:
            self._ahead = self._next_token()
        return self._ahead

    def _take(self) -> str:
        token = self._peek_token()
        self._ahead = ""
        return token

    def _expect(self, *tokens: str) -> str:
        if self._peek_token() not in tokens:
            raise RefusedError
        return self._take()

    def _newlines(self) -> None:
        while self._peek_token() == "\n":
            self._take()

    def _read(self) -> str:
        """Read one token. Meanwhile `current` in the state is still the token before it."""
        while (char := self._char()) in " \t":
            if match := _BLANK.match(self._line, self._at):
                self._at = match.end()
        begins_at = self._offset() - 1
        self._token_read = token = self._token(char)
        self._begins_at = begins_at
        return token

    def _token(self, char: str) -> str:
        state = self._state
        if char == "#":
            self._at = self._line.index("\n", self._at) + 1
            char = "\n"
        if char == "\n":
            state.takes_assignments = False
            self._read_here_documents()
            return char
        if state.regex:
            return self._read_word(char)
        if char in _META:
            state.takes_assignments = False
            operator = self._operator(char)
            if operator == "((":
                if state.last == "for" or state.may_be_reserved():
                    return self._double_parenthesis()
                self._back()
                operator = "("
            state.note_operator(operator)
            if operator not in {"<", ">"} or not self._line.startswith("(", self._at):
                return operator
        elif char == "-" and state.last in {"<&", ">&"}:
            return char
        return self._read_word(char)

    def _operator(self, char: str) -> str:
        """Return the longest operator that begins with a character."""
        operator = char
        while operator == char or operator in _BEGIN_LONGER:
            longer = operator + self._char()
            if longer not in _LONGER:
                self._back()
                break
            operator = longer
        return operator

    def _double_parenthesis(self) -> str:
        """Read a `((`: arithmetic, or a subshell in a subshell if it doesn't end with `))`."""
        place = self._place()
        begun = self.taken - 1
        self._begin("a closing `))`", begun)
        self._group("(", ")", arithmetic=True)
        self._end()
        self._word = text = self._text_since(place)
        is_for = self._state.last == "for"
        following = self._char(joins=False)
        if following == ")":
            return FOR_ARITHMETIC if is_for else ARITHMETIC
        if is_for:
            self._token_read = following
            self._refuse_the_line()
        self._back()
        self._insert(f"({text}")
        return "("

    def _refuse_the_line(self) -> NoReturn:
        """Raise `RefusedError` at the end of the line: bash reads it to its end, and so to the end of any quote."""
        token = self._token_read
        while token != "\n":
            token = self._next_token()
            if token == "[[" and not self._state.condition:
                self._is_condition()
                token = self._token_read
        raise RefusedError

    def _is_condition(self) -> bool:
        raise NotImplementedError

    def _read_here_documents(self) -> None:
        state = self._state
        documents, state.documents = state.documents, []
        for document in documents:
            self._read_here_document(document, state.closes)
