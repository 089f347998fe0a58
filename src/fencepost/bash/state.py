"""What bash remembers from one token to the next, to know which words are reserved."""

from __future__ import annotations

from dataclasses import dataclass, field

from fencepost.bash.unfinished import HereDocument

# Token kinds. Operators and reserved words have no kind: the token is their text.
WORD, ASSIGNMENT, NUMBER, DESCRIPTOR, ARITHMETIC, FOR_ARITHMETIC = "WORD", "ASSIGNMENT", "NUMBER", "{fd}", "((", "for(("
# The token that stands before the first word of a `$(...)`.
SUBSTITUTION = "$("

RESERVED = frozenset(
    "if then else elif fi case esac for select while until do done in function time coproc { } ! [[ ]]".split()  # noqa: SIM905
)
_BEGINNING = frozenset({SUBSTITUTION, "time", "time -p", "time --", ""})
# Tokens that a reserved word may follow.
_BEFORE_RESERVED = _BEGINNING.union(
    ("\n", ";", "(", ")", "|", "&", "{", "}", "&&", "||", "|&", "!", ";;", ";&", ";;&", ARITHMETIC, "]]", "coproc"),
    ("if", "then", "else", "elif", "fi", "esac", "while", "until", "do", "done"),
)
_BEFORE_TIME = _BEGINNING.union(
    ("\n", ";", "&&", "||", "&", "{", "(", ")", "!", "while", "until", "do", "if", "then", "elif", "else")
)
REDIRECTIONS = frozenset(("<", ">", ">>", ">|", "<>", "<<-", "<<", "<<<", "<&", ">&"))
ENDS_CASE_CLAUSE = frozenset((";;", ";&", ";;&"))


@dataclass
class State:
    """What bash remembers from one token to the next.

    Attributes:
        current, last, before: the newest token, the one before it, and the one before that.
        documents: the here-documents whose text begins after the next line end.
        closes: the `)` that closes the command substitution being read.
        case_pattern: in the patterns of a `case`, where only `esac` is reserved.
        in_case: after the word `case`.
        esacs: how many `case` wait for their `esac`.
        ins: how many `for`, `select` and `case` wait for their `in`.
        brace_opens: the `{` of a function's body may come next.
        takes_assignments: after a command such as `declare`, whose arguments may be arrays.
        redirected: after redirections that begin a command.
        in_list: in an array's list of values.
        condition: in `[[ ... ]]`.
        pattern, regex: on the right side of a `==` or a `=~` there.
    """

    current: str = "\n"
    last: str = ""
    before: str = ""
    documents: list[HereDocument] = field(default_factory=list)
    closes: str = ""
    case_pattern: bool = False
    in_case: bool = False
    esacs: int = 0
    ins: int = 0
    brace_opens: bool = False
    takes_assignments: bool = False
    redirected: bool = False
    in_list: bool = False
    condition: bool = False
    pattern: bool = False
    regex: bool = False

    def may_be_reserved(self) -> bool:
        """Return whether a word here may be reserved."""
        return self.last in _BEFORE_RESERVED or (self.last == WORD and self.before in {"coproc", "function"})

    def may_be_timed(self) -> bool:
        """Return whether `time` is reserved here."""
        return self.last in _BEFORE_TIME and not (self.last in {"", ";", "\n"} and self.before == "|")

    def in_command_position(self) -> bool:
        """Return whether a word here is a command's name, or an assignment before it."""
        return (
            self.last == ASSIGNMENT
            or (self.redirected and self.last not in REDIRECTIONS and self.last != "&>")
            or (self.last not in ENDS_CASE_CLAUSE and self.may_be_reserved())
        )

    def may_assign(self) -> bool:
        """Return whether a word here may be an assignment."""
        return not self.case_pattern and self.in_command_position()

    def note_operator(self, operator: str) -> None:
        """Remember what an operator changes."""
        if operator in ENDS_CASE_CLAUSE:
            self.case_pattern = True
        elif operator == ")":
            self.brace_opens = self.brace_opens or (self.last == "(" and self.before == WORD)
            self.case_pattern = False

    def special(self, text: str) -> str:
        """Return a word's token if its place alone makes it special; empty otherwise."""
        if self.last == WORD and self.before in {"for", "case", "select"} and text == "in":
            return self._note_in(is_case=self.before == "case")
        if self.ins and self.last in {WORD, "\n"} and text == "in":
            return self._note_in(is_case=self.in_case)
        if text == "do" and (
            (self.ins and self.last in {"\n", ";"}) or (self.last == WORD and self.before in {"for", "select"})
        ):
            self.ins = max(0, self.ins - 1)
            return text
        if self.esacs and self.last == "in" and text == "esac":
            self.esacs -= 1
            self.case_pattern = False
            return text
        if self.brace_opens:
            self.brace_opens = False
            if text == "{":
                return text
        if self.last == FOR_ARITHMETIC and text in {"do", "{"}:
            return text
        if (self.last == "time" and text in {"-p", "--"}) or (self.last == "time -p" and text == "--"):
            return f"time {text}"
        return text if self.condition and text == "]]" else ""

    def _note_in(self, *, is_case: bool) -> str:
        if is_case:
            self.case_pattern = True
            self.esacs += 1
        self.ins = max(0, self.ins - 1)
        return "in"

    def is_reserved(self, text: str) -> bool:
        """Return whether a word of `RESERVED` is reserved here."""
        if not self.may_be_reserved():
            return False
        if text == "time" and not self.may_be_timed():
            return False
        if self.case_pattern and (text != "esac" or self.last in {"|", "("}):
            return False
        if text == "esac":
            self.case_pattern = self.in_case = False
            self.esacs -= 1
        elif text == "case":
            self.in_case = True
        return True
