"""Reads the characters of a shell command as bash does: line by line, with quotes, expansions and here-documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fencepost.bash.unfinished import HereDocument, Open, RefusedError, UnfinishedError

_QUOTES = frozenset("'\"`")
_OPENS = frozenset("({[")
# Characters without a special meaning in double quotes, in a group such as `${...}`, and in $'...'.
_PLAIN_IN_QUOTES = re.compile(r'[^\\"`$({\[]*')
_PLAIN_IN_GROUP = re.compile(r"[^\\'\"`$<>(){}\[\]]*")
_PLAIN_IN_ANSI = re.compile(r"[^\\']*")
# Python would run out of stack before bash does. Only an attack nests deeper.
_DEEPEST = 45
# Text that is read twice may hold more text that is read twice, so reading it could take forever.
_MOST_INSERTED = 200_000


class Characters:
    """Reads characters from lines, and asks for another line only where bash would.

    Args:
        lines: the lines, without line ends.
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
            next_line = Open("the next line", max(0, self.taken - 1))
            raise UnfinishedError(self._open[-1] if self._open else next_line, backslash=backslash)
        self.taken += 1
        self._length_taken += len(line) + 1
        return f"{line}\n"

    def _go_on(self) -> None:
        line = self._next_line()
        self._earlier.append(self._line)
        self._line, self._at = line, 0

    def _char(self, *, joins: bool = True) -> str:
        """Return the next character; with `joins`, skip a backslash at a line's end together with that end."""
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
        """Drop a backslash and the line end after it. Keep two characters before them, so that `_back` works."""
        rest = self._line[self._at + 1 :] or self._next_line(backslash=True)
        kept = max(0, self._at - 2)
        self._earlier.append(self._line[:kept])
        self._line = self._line[kept : self._at - 1] + rest
        self._at = self._at - 1 - kept

    def _back(self) -> None:
        self._at -= 1

    def _peek(self) -> str:
        char = self._char()
        self._back()
        return char

    def _insert(self, text: str) -> None:
        """Insert text before the next character."""
        self._inserted += len(text)
        if self._inserted > _MOST_INSERTED:
            raise RefusedError
        self._earlier.append(self._line[: self._at])
        self._line, self._at = text + self._line[self._at :], 0

    def _offset(self) -> int:
        """Return the next character's offset in the text of all lines; wrong in a line after a `$(cat <<END)`."""
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

    # ---- quotes; call these after reading the opening character

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
        """Skip plain characters, over as many lines as needed. Return whether there were any."""
        skipped = False
        while True:
            match = plain.match(self._line, self._at)
            if match and match.end() > self._at:
                skipped = True
                self._at = match.end()
            if self._at < len(self._line):
                return skipped
            self._go_on()

    # ---- expansions and groups; call these after reading the opening character

    def _expansion(self, opening: str) -> None:
        """Read what follows a `$`, or a `<` or `>` that begins a process substitution."""
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
        """Read up to the character that closes a group, skipping the quotes and expansions in it.

        Args:
            opening, closing: the group's characters.
            dollars: read each expansion in it as a group of its own, as in `${...}` and in an array's subscript.
            arithmetic: do so only for `$(...)`.
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
        """Read the lines of a here-document.

        Args:
            document: the here-document.
            closes: the character that closes the command substitution around it; it may follow the end word.
        """
        alone = "alone or after tabs" if document.tabs else "alone"
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
    """Return whether a line ends with a backslash that isn't itself escaped."""
    text = line[:-1]
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1
