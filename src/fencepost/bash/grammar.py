"""As much of bash's grammar as is needed to find where a command ends.

It follows the rules of bash 5.2: a word is reserved only where it is for bash, and the command ends where bash would
report a syntax error.
"""

from __future__ import annotations

from fencepost.bash.compounds import Compounds
from fencepost.bash.pipeline import Member, Pipeline
from fencepost.bash.state import (
    ARITHMETIC,
    ASSIGNMENT,
    DESCRIPTOR,
    NUMBER,
    REDIRECTIONS,
    SUBSTITUTION,
    WORD,
    State,
)
from fencepost.bash.unfinished import HereDocument, RefusedError
from fencepost.bash.words import without_quotes

_REDIRECTIONS_OF_BOTH = frozenset({"&>", "&>>"})
_COMPOUND = frozenset(("if", "for", "while", "until", "select", "case", "{", "(", "[[", ARITHMETIC))
# The most here-documents on one line; at one more, bash itself exits.
_MOST_DOCUMENTS = 16
_SEPARATES = frozenset({"\n", ";", "&"})


class Grammar(Compounds):
    """Reads commands from lines."""

    def command_line(self) -> None:
        """Read what bash reads before it runs anything: a line, and the lines that complete its command.

        Raises:
            UnfinishedError: if the lines end before the command does.
            RefusedError: if bash would report a syntax error.
        """
        self._state, self._ahead, self._depth = State(), "", 0
        self._open.clear()
        while self._begins_pipeline():
            if self._and_or() not in {";", "&"}:
                break
            self._take()
        if self._peek_token() != "\n":
            # Bash reads the text of here-documents before it notices the syntax error.
            self._read_here_documents()
            raise RefusedError
        self._take()

    # ---- lists and pipelines

    def _list(self) -> None:
        """Read the commands inside a compound command: at least one, over any number of lines."""
        self._newlines()
        while True:
            if self._and_or() not in _SEPARATES:
                return
            self._take()
            self._newlines()
            if not self._begins_pipeline():
                return

    def _and_or(self) -> str:
        """Read pipelines joined by `&&` and `||`. Return the token after them, without taking it."""
        first = len(self.pipelines)
        self._pipeline()
        is_list = False
        while (operator := self._peek_token()) in {"&&", "||"}:
            is_list = True
            self._take_joining(operator)
            self._pipeline()
        if is_list or operator == "&":
            self._mark_deciding(first)
        return operator

    def _take_joining(self, operator: str) -> None:
        self._take()
        self._begin(f"what comes after `{operator}`")
        self._newlines()
        self._end()

    def _begins_pipeline(self) -> bool:
        token = self._peek_token()
        return token in {"!", "time", "function", "coproc"} or token in _COMPOUND or self._begins_simple()

    def _pipeline(self) -> None:
        first, negated = len(self.pipelines), False
        while (token := self._peek_token()) in {"!", "time"}:
            negated = negated or token == "!"
            self._take()
            if token == "time" and self._peek_token() == "time -p":
                self._take()
            if token == "time" and self._peek_token() == "time --":
                self._take()
            if self._peek_token() in {"\n", ";"}:
                return
        members: list[Member] = []
        begin = self._begins_at
        self._command()
        while (operator := self._peek_token()) in {"|", "|&"}:
            members.append(Member(begin, self._begins_at))
            self._take_joining(operator)
            begin = self._begins_at
            self._command()
        if members:
            self.pipelines.append(Pipeline(members))
        if negated:
            self._mark_deciding(first)

    # ---- commands

    def _command(self) -> None:
        token = self._peek_token()
        if token in _COMPOUND:
            self._compound()
        elif token == "function":
            self._function()
        elif token == "coproc":
            self._take()
            if self._peek_token() in _COMPOUND:
                self._compound()
            elif self._peek_token() == WORD:
                self._take()
                if self._peek_token() in _COMPOUND:
                    self._compound()
                else:
                    self._elements()
            else:
                self._simple()
        else:
            self._simple()

    def _begins_simple(self) -> bool:
        token = self._peek_token()
        return token in {WORD, ASSIGNMENT} or self._begins_redirection()

    def _simple(self) -> None:
        """Read a simple command, or a function that is defined by `name ()`."""
        if not self._begins_simple():
            raise RefusedError
        if self._peek_token() == WORD:
            self._take()
            if self._peek_token() == "(":
                self._take()
                self._expect(")")
                self._body()
                return
        elif self._begins_redirection():
            self._redirection()
            self._state.redirected = True
        self._elements()

    def _elements(self) -> None:
        while self._begins_simple():
            if self._begins_redirection():
                self._redirection()
            else:
                self._state.redirected = False
                self._take()
        self._state.redirected = False

    def _function(self) -> None:
        self._take()
        self._expect(WORD)
        if self._peek_token() == "(":
            line = self.taken - 1
            self._take()
            if self._peek_token() != ")":
                # The body is a subshell.
                first = len(self.pipelines)
                self._list_up_to(")", line=line)
                self._redirections()
                self._mark_deciding(first, in_function=True)
                return
            self._take()
        self._body()

    def _body(self) -> None:
        first = len(self.pipelines)
        self._begin("the function's body")
        self._newlines()
        if self._peek_token() not in _COMPOUND:
            raise RefusedError
        self._end()
        self._compound()
        # A caller may decide by the function's status.
        self._mark_deciding(first, in_function=True)

    def _begins_redirection(self) -> bool:
        token = self._peek_token()
        return token in {NUMBER, DESCRIPTOR} or token in REDIRECTIONS or token in _REDIRECTIONS_OF_BOTH

    def _redirections(self) -> None:
        while self._begins_redirection():
            self._redirection()

    def _redirection(self) -> None:
        operator = self._take()
        if operator in {NUMBER, DESCRIPTOR}:
            operator = self._expect(*REDIRECTIONS)
        line = self.taken - 1
        if operator in {"<&", ">&"}:
            self._expect(WORD, NUMBER, "-")
            return
        self._expect(WORD)
        if operator in {"<<", "<<-"}:
            if len(self._state.documents) == _MOST_DOCUMENTS:
                raise RefusedError
            end = without_quotes(self._word) if self._is_quoted else self._word
            self._state.documents.append(HereDocument(end, self._is_quoted, operator == "<<-", line))

    # ---- inside words

    def _substitution(self) -> None:
        """Read a `$(...)` whose opening was read."""
        kept, ahead = self._state, self._ahead
        self._ahead = ""
        self._state = State(
            current=SUBSTITUTION,
            last="\n",
            closes=")",
            in_case=kept.in_case,
            brace_opens=kept.brace_opens,
            takes_assignments=kept.takes_assignments,
        )
        self._begin("a closing `)`")
        self._deeper()
        self._newlines()
        if self._peek_token() != ")":
            self._list()
        self._expect(")")
        self._read_here_documents()
        self._depth -= 1
        self._end()
        self._state, self._ahead = kept, ahead
