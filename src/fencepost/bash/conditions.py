"""The conditions between `[[` and `]]`, which bash reads in a way of its own."""

from __future__ import annotations

import re

from fencepost.bash.state import WORD
from fencepost.bash.tokens import Tokens

_UNARY = re.compile(r"-[abcdefghknoprstuvwxzGLNORS]")
_BINARY = frozenset(("=", "==", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"))
_MATCHES = frozenset({"=", "==", "!="})


class _NoConditionError(Exception):
    """There is no condition between `[[` and `]]`."""


class Conditions(Tokens):
    """Takes the conditions of `[[ ... ]]` from lines."""

    def _conditional(self, line: int) -> None:
        self._begin("`]]`", line)
        if not self._is_condition():
            self._refuse_the_line()
        self._end()

    def _is_condition(self) -> bool:
        """Reads up to the `]]` of a `[[`. Returns whether a condition stands between them."""
        state = self._state
        state.before, state.last, state.condition = state.last, "[[", True
        try:
            if self._either() != "]]":
                return False
        except _NoConditionError:
            return False
        state.condition = False
        state.before, state.last, state.current = "[[", "", "]]"
        return True

    def _either(self) -> str:
        """Terms that are joined by `&&` and `||`. Returns the token behind them."""
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
        """One term, of which the first token is given. Returns the token behind it."""
        while token == "!" or (token == WORD and self._word == "!"):
            token = self._next_in_condition()
        if token == "(":
            if self._either() != ")":
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
