"""Reads bash's compound commands, such as `if` to `fi`, and knows which word bash waits for in each part."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fencepost.bash.conditions import Conditions
from fencepost.bash.pipeline import Pipeline
from fencepost.bash.state import ENDS_CASE_CLAUSE, FOR_ARITHMETIC, WORD

_QUOTED = re.compile(r"\\.|'[^']*'|\"[^\"]*\"|\$\([^()]*(?:\)|\Z)|\$\{[^{}]*(?:\}|\Z)", re.DOTALL)
# In `for ((first; condition; step))`.
_SEMICOLONS = 2


class Compounds(Conditions):
    """Reads compound commands from lines.

    Args:
        lines: the lines, without line ends.
        extglob: read extended patterns, as after `shopt -s extglob`.
    """

    def __init__(self, lines: Iterator[str], *, extglob: bool = False) -> None:
        super().__init__(lines, extglob=extglob)
        # Pipelines that were read to their ends; those within backticks are left out.
        self.pipelines: list[Pipeline] = []

    def _mark_deciding(self, since: int, *, in_function: bool = False) -> None:
        """Mark the pipelines from index `since` on as deciding what bash does next."""
        for pipeline in self.pipelines[since:]:
            pipeline.decides = True
            pipeline.in_function = pipeline.in_function or in_function

    def _list(self) -> None:
        raise NotImplementedError

    def _redirections(self) -> None:
        raise NotImplementedError

    def _list_up_to(self, *ends: str, line: int | None = None) -> str:
        """Read a list up to one of the words that may end it, and return that word. Bash waits for the first one."""
        self._begin(f"`{ends[0]}`", line)
        self._deeper()
        self._list()
        end = self._expect(*ends)
        self._depth -= 1
        self._end()
        return end

    def _condition_up_to(self, end: str, line: int) -> None:
        first = len(self.pipelines)
        self._list_up_to(end, line=line)
        self._mark_deciding(first)

    def _compound(self) -> None:
        token, line = self._take(), max(0, self.taken - 1)
        if token == "if":
            self._condition_up_to("then", line)
            while (end := self._list_up_to("fi", "else", "elif", line=line)) == "elif":
                self._condition_up_to("then", line)
            if end == "else":
                self._list_up_to("fi", line=line)
        elif token in {"while", "until"}:
            self._condition_up_to("do", line)
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
            if self._peek_token() != "esac" and self._peek_token() not in ENDS_CASE_CLAUSE:
                self._list()
            if self._peek_token() not in ENDS_CASE_CLAUSE:
                break
            self._take()
        self._expect("esac")
        self._depth -= 1
        self._end()
