"""The compound commands of bash, from `if` to its `fi`: which word it waits for in which part of one."""

from __future__ import annotations

import re

from fencepost.transcript.bash.conditions import Conditions
from fencepost.transcript.bash.state import FOR_ARITHMETIC, WORD

_ENDS_CLAUSE = frozenset({";;", ";&", ";;&"})
_QUOTED = re.compile(r"\\.|'[^']*'|\"[^\"]*\"|\$\([^()]*(?:\)|\Z)|\$\{[^{}]*(?:\}|\Z)", re.DOTALL)
# In `for ((first; while; next))`.
_SEMICOLONS = 2


class Compounds(Conditions):
    """Takes compound commands from lines."""

    def _list(self) -> None:
        raise NotImplementedError

    def _redirections(self) -> None:
        raise NotImplementedError

    def _list_up_to(self, *ends: str, line: int | None = None) -> str:
        """A list, and the word that ends it: one of these, of which bash waits for the first."""
        self._begin(f"`{ends[0]}`", line)
        self._deeper()
        self._list()
        end = self._expect(*ends)
        self._depth -= 1
        self._end()
        return end

    def _compound(self) -> None:
        token, line = self._take(), max(0, self.taken - 1)
        if token == "if":
            self._list_up_to("then", line=line)
            while (end := self._list_up_to("fi", "else", "elif", line=line)) == "elif":
                self._list_up_to("then", line=line)
            if end == "else":
                self._list_up_to("fi", line=line)
        elif token in {"while", "until"}:
            self._list_up_to("do", line=line)
            self._list_up_to("done", line=line)
        elif token in {"for", "select"}:
            self._for(line)
        elif token == "case":
            self._case(line)
        elif token in {"{", "("}:
            self._list_up_to("}" if token == "{" else ")", line=line)
        elif token == "[[":
            self._conditional(line)
        self._redirections()

    def _for(self, line: int) -> None:
        is_loop = True
        if self._peek_token() == FOR_ARITHMETIC:
            is_loop = _QUOTED.sub("", self._word).count(";") == _SEMICOLONS
            self._take()
            if self._peek_token() in {"\n", ";"}:
                self._take()
                self._wait_for("do", line)
        else:
            self._expect(WORD)
            if self._peek_token() == ";":
                self._take()
                self._wait_for("do", line)
            else:
                self._wait_for("do", line)
                if self._peek_token() == "in":
                    self._take()
                    while self._peek_token() == WORD:
                        self._take()
                    self._expect("\n", ";")
                    self._wait_for("do", line)
        opening = self._expect("do", "{")
        self._list_up_to("done" if opening == "do" else "}", line=line)
        if not is_loop:
            self._refuse_the_line()

    def _wait_for(self, word: str, line: int) -> None:
        self._begin(f"`{word}`", line)
        self._newlines()
        self._end()

    def _case(self, line: int) -> None:
        self._expect(WORD)
        self._wait_for("in", line)
        self._expect("in")
        self._begin("`esac`", line)
        self._deeper()
        while True:
            self._newlines()
            if self._peek_token() == "esac":
                break
            if self._peek_token() == "(":
                self._take()
            self._expect(WORD)
            while self._peek_token() == "|":
                self._take()
                self._expect(WORD)
            self._expect(")")
            self._newlines()
            if self._peek_token() != "esac" and self._peek_token() not in _ENDS_CLAUSE:
                self._list()
            if self._peek_token() not in _ENDS_CLAUSE:
                break
            self._take()
        self._expect("esac")
        self._depth -= 1
        self._end()
