"""The characters of a shell command as bash takes them: line after line, with quotes, expansions and here-documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fencepost.bash.unfinished import HereDocument, Open, RefusedError, UnfinishedError

_QUOTES = frozenset("'\"`")
_OPENS = frozenset("({[")
# What says nothing inside of double quotes, inside of a group such as `${...}`, and in $'...'.
_PLAIN_IN_QUOTES = re.compile(r'[^\\"`$({\[]*')
_PLAIN_IN_GROUP = re.compile(r"[^\\'\"`$<>(){}\[\]]*")
_PLAIN_IN_ANSI = re.compile(r"[^\\']*")
# Whatever nests deeper was made to harm. Python would run out of stack before bash does.
_DEEPEST = 45
# Text that is read twice may hold text that is read twice: it would take forever.
_MOST_INSERTED = 200_000


class Characters:
    """Takes characters from lines, and asks for a further line only where bash would.

    Args:
        lines: the lines, without their ends.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.taken = 0
        self._length_taken = 0
        self._line = ""
        self._at = 0
        self._earlier: list[str] = []
        self._open: list[Open] = []
        self._depth = 0
        self._inserted = 0

    # ---- lines and single characters

    def _next_line(self, *, backslash: bool = False) -> str:
        line = next(self._lines, None)
        if line is None:
            nothing = Open("the next line", max(0, self.taken - 1))
            raise UnfinishedError(self._open[-1] if self._open else nothing, backslash=backslash)
        self.taken += 1
        self._length_taken += len(line) + 1
        return f"{line}\n"

    def _go_on(self) -> None:
        line = self._next_line()
        self._earlier.append(self._line)
        self._line, self._at = line, 0

    def _char(self, *, joins: bool = True) -> str:
        """The next character; where lines may be joined, a backslash at a line's end is nothing, as its end is."""
        if self._at >= len(self._line):
            self._go_on()
        char = self._line[self._at]
        self._at += 1
        while joins and char == "\\" and self._line.startswith("\n", self._at):
            self._join()
            char = self._line[self._at]
            self._at += 1
        return char

    def _join(self) -> None:
        """Goes on in the next line, without the backslash and the line's end. It must be possible to go back."""
        behind = self._line[self._at + 1 :] or self._next_line(backslash=True)
        kept = max(0, self._at - 2)
        self._earlier.append(self._line[:kept])
        self._line = self._line[kept : self._at - 1] + behind
        self._at = self._at - 1 - kept

    def _back(self) -> None:
        self._at -= 1

    def _peek(self) -> str:
        char = self._char()
        self._back()
        return char

    def _insert(self, text: str) -> None:
        """Puts text in front of what comes next."""
        self._inserted += len(text)
        if self._inserted > _MOST_INSERTED:
            raise RefusedError
        self._earlier.append(self._line[: self._at])
        self._line, self._at = text + self._line[self._at :], 0

    def _offset(self) -> int:
        """Where the next character stands in the text of all lines; not in a line behind a `$(cat <<END)`."""
        return self._length_taken - (len(self._line) - self._at)

    def _place(self) -> tuple[int, int]:
        return len(self._earlier), self._at

    def _text_since(self, place: tuple[int, int]) -> str:
        number, at = place
        if number == len(self._earlier):
            return self._line[at : self._at]
        return "".join([*self._earlier[number:], self._line[: self._at]])[at:]

    def _begin(self, wants: str, line: int | None = None) -> None:
        self._open.append(Open(wants, max(0, self.taken - 1) if line is None else line))

    def _end(self) -> None:
        self._open.pop()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RefusedError

    # ---- quotes; each is called behind the character that opens it

    def _quotes(self, mark: str, *, ansi: bool = False) -> None:
        self._begin(f"a closing `{mark}`" if mark != "`" else "a closing backtick")
        if mark == '"':
            self._double_quotes()
        elif mark == "`":
            while (char := self._char()) != "`":
                if char == "\\":
                    self._char(joins=False)
        elif ansi:
            self._ansi_quotes()
        else:
            while (end := self._line.find("'", self._at)) < 0:
                self._go_on()
            self._at = end + 1
        self._end()

    def _ansi_quotes(self) -> None:
        while True:
            self._skip(_PLAIN_IN_ANSI)
            if self._char(joins=False) == "'":
                return
            self._char(joins=False)

    def _double_quotes(self) -> None:
        dollar = False
        while True:
            if self._skip(_PLAIN_IN_QUOTES):
                dollar = False
            char = self._char()
            if char == '"':
                return
            if char == "\\":
                self._char(joins=False)
            elif char == "`":
                self._quotes("`")
            elif dollar and char in _OPENS:
                self._expansion(char)
            dollar = char == "$" and not dollar

    def _skip(self, plain: re.Pattern[str]) -> bool:
        """Goes past what says nothing, over as many lines as it takes. Returns whether there was any."""
        found = False
        while True:
            match = plain.match(self._line, self._at)
            if match and match.end() > self._at:
                found = True
                self._at = match.end()
            if self._at < len(self._line):
                return found
            self._go_on()

    # ---- expansions and groups; each is called behind the character that opens it

    def _expansion(self, opening: str) -> None:
        """What follows `$`, or `<` and `>` where they begin a process substitution."""
        if opening == "(":
            self._parentheses()
        elif opening == "{":
            self._group("{", "}", dollars=True)
        else:
            self._group("[", "]", arithmetic=True)

    def _parentheses(self) -> None:
        if self._peek() == "(":
            self._group("(", ")", arithmetic=True)
        else:
            self._substitution()

    def _substitution(self) -> None:
        raise NotImplementedError

    def _group(self, opening: str, closing: str, *, dollars: bool = False, arithmetic: bool = False) -> None:
        """Up to the character that closes a group, past the quotes and the expansions in it.

        Args:
            opening, closing: the characters.
            dollars: `${...}` and the subscript of an array: each expansion in it is a group of its own.
            arithmetic: the same of `$(...)` alone.
        """
        self._begin(f"a closing `{closing}`")
        self._deeper()
        count = 1
        dollar = arrow = False
        while True:
            if self._skip(_PLAIN_IN_GROUP):
                dollar = arrow = False
            char = self._char()
            if char == closing:
                count -= 1
                if not count:
                    break
            elif char == opening and (opening != "{" or dollar):
                count += 1
            if char == "\\":
                self._char(joins=False)
            elif char in _QUOTES:
                self._quotes(char, ansi=dollar and char == "'")
            elif (char in _OPENS and dollar and (dollars or (arithmetic and char == "("))) or (
                char == "(" and arrow and dollars
            ):
                count -= char == opening
                self._expansion(char)
            arrow = char in "<>" and not arrow
            dollar = char == "$" and not dollar
        self._depth -= 1
        self._end()

    # ---- here-documents

    def _read_here_document(self, document: HereDocument, closes: str) -> None:
        """Takes the lines of a here-document.

        Args:
            document: which.
            closes: what ends the command substitution that it stands in: it may stand behind its end.
        """
        alone = "alone or behind tabs" if document.tabs else "alone"
        self._begin(f"a line that is `{document.end}` {alone}, the here-document's end", document.line)
        while True:
            line = self._line_of_text(joins=not document.quoted)
            if document.tabs and line[:-1] != document.end:
                line = line.lstrip("\t")
            if line.startswith(document.end):
                rest = line[len(document.end) :]
                if rest == "\n":
                    break
                if closes and closes in rest:
                    self._insert(rest)
                    break
        self._end()

    def _line_of_text(self, *, joins: bool) -> str:
        parts = [self._next_line()]
        while joins and _ends_with_backslash(parts[-1]):
            parts[-1] = parts[-1][:-2]
            parts.append(self._next_line())
        return "".join(parts)


def _ends_with_backslash(line: str) -> bool:
    """Whether the backslash at a line's end isn't itself behind one."""
    text = line[:-1]
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1
