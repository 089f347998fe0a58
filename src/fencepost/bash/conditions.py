"""Reads the conditions between `[[` and `]]`, for which bash has separate rules."""

from __future__ import annotations

import re

from fencepost.bash.state import WORD
from fencepost.bash.tokens import Tokens

_UNARY = re.compile(r"-[abcdefghknoprstuvwxzGLNORS]")
_BINARY = frozenset(("=", "==", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"))
_MATCHES = frozenset({"=", "==", "!="})


class _NoConditionError(Exception):
    """Raised if the text between `[[` and `]]` is no condition."""


class Conditions(Tokens):
    """Reads the conditions of `[[ ... ]]` from lines."""

    def _conditional(self, line: int) -> None:
        self._begin("`]]`", line)
        if not self._is_condition():
            self._refuse_the_line()
        self._end()

    def _is_condition(self) -> bool:
        """Read up to the `]]` that ends a `[[`. Return whether the text between them is a condition."""
        state = self._state
        state.before, state.last, state.condition = state.last, "[[", True
        try:
            if self._terms() != "]]":
                return False
        except _NoConditionError:
            return False
        state.condition = False
        state.before, state.last, state.current = "[[", "", "]]"
        return True

    def _terms(self) -> str:
        """Read terms joined by `&&` and `||`. Return the token after them."""
        self._deeper()
        token = self._term(self._next_in_condition())
        while token in {"&&", "||"}:
            token = self._term(self._next_in_condition())
        self._depth -= 1
        return token

    def _next_in_condition(self) -> str:
        while (token := self._read()) == "\n":
            pass
        return token

    def _term(self, token: str) -> str:
        """Read one term, given its first token. Return the token after it."""
        while token == "!" or (token == WORD and self._word == "!"):
            token = self._next_in_condition()
        if token == "(":
            if self._terms() != ")":
                raise _NoConditionError
            return self._next_in_condition()
        if token != WORD:
            raise _NoConditionError
        if _UNARY.fullmatch(self._word):
            if self._read() != WORD:
                raise _NoConditionError
            return self._next_in_condition()
        operator = self._read()
        if operator in {"]]", "&&", "||", ")"}:
            return operator
        if operator not in {"<", ">"} and not (operator == WORD and self._word in _BINARY):
            raise _NoConditionError
        self._state.pattern = operator == WORD and self._word in _MATCHES
        self._state.regex = operator == WORD and self._word == "=~"
        right = self._read()
        self._state.pattern = self._state.regex = False
        if right != WORD:
            raise _NoConditionError
        return self._next_in_condition()
