"""The memory of bash between two tokens, by which it knows reserved words."""

from __future__ import annotations

from dataclasses import dataclass, field

from fencepost.bash.unfinished import HereDocument

# Kinds of tokens beside operators and reserved words, which stand for themselves.
WORD, ASSIGNMENT, NUMBER, DESCRIPTOR, ARITHMETIC, FOR_ARITHMETIC = "WORD", "ASSIGNMENT", "NUMBER", "{fd}", "((", "for(("
# The beginning of a `$(`, as far as reserved words are concerned.
SUBSTITUTION = "$("

RESERVED = frozenset(
    "if then else elif fi case esac for select while until do done in function time coproc { } ! [[ ]]".split()  # noqa: SIM905
)
_BEGINNING = frozenset({SUBSTITUTION, "time", "time -p", "time --", ""})
# What a reserved word may stand behind.
_BEFORE_RESERVED = _BEGINNING.union(
    ("\n", ";", "(", ")", "|", "&", "{", "}", "&&", "||", "|&", "!", ";;", ";&", ";;&", ARITHMETIC, "]]", "coproc"),
    ("if", "then", "else", "elif", "fi", "esac", "while", "until", "do", "done"),
)
_BEFORE_TIME = _BEGINNING.union(
    ("\n", ";", "&&", "||", "&", "{", "(", ")", "!", "while", "until", "do", "if", "then", "elif", "else")
)
_REDIRECTIONS = frozenset(("<", ">", ">>", ">|", "<>", "<<-", "<<", "<<<", "<&", ">&", "&>"))
_ENDS_CASE_CLAUSE = frozenset((";;", ";&", ";;&"))


@dataclass
class State:
    """What bash remembers from one token to the next.

    Attributes:
        current, last, before: the token that was read last, the one before it, and the one before that.
        documents: the here-documents that begin behind the next line's end.
        closes: the `)` of the command substitution that is being read.
        case_pattern: in the patterns of a `case`, where no word but `esac` is reserved.
        in_case: behind the word `case`.
        esacs: how many `case` wait for their `esac`.
        ins: how many `for`, `select` and `case` wait for their `in`.
        brace_opens: the `{` of a function's body may come.
        takes_assignments: behind `declare` and its like, whose arguments may be arrays.
        redirected: behind redirections that begin a command.
        in_list: in the list of an array.
        condition: in `[[ ... ]]`.
        pattern, regex: at the right side of a `==` or a `=~` there.
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
        """Whether bash would see a reserved word here."""
        return self.last in _BEFORE_RESERVED or (self.last == WORD and self.before in {"coproc", "function"})

    def may_be_timed(self) -> bool:
        """Whether `time` is one here."""
        return self.last in _BEFORE_TIME and not (self.last in {"", ";", "\n"} and self.before == "|")

    def in_command_position(self) -> bool:
        """Whether a word would be a command's name, or an assignment in front of it."""
        return (
            self.last == ASSIGNMENT
            or (self.redirected and self.last not in _REDIRECTIONS)
            or (self.last not in _ENDS_CASE_CLAUSE and self.may_be_reserved())
        )

    def may_assign(self) -> bool:
        """Whether a word may be an assignment."""
        return not self.case_pattern and self.in_command_position()

    def note_operator(self, operator: str) -> None:
        """Keeps in mind what an operator changes."""
        if operator in _ENDS_CASE_CLAUSE:
            self.case_pattern = True
        elif operator == ")":
            self.brace_opens = self.brace_opens or (self.last == "(" and self.before == WORD)
            self.case_pattern = False

    def special(self, text: str) -> str:
        """The word as a token where bash knows it by its place alone."""
        if self.last == WORD and self.before in {"for", "case", "select"} and text == "in":
            return self._noted_in(is_case=self.before == "case")
        if self.ins and self.last in {WORD, "\n"} and text == "in":
            return self._noted_in(is_case=self.in_case)
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

    def _noted_in(self, *, is_case: bool) -> str:
        if is_case:
            self.case_pattern = True
            self.esacs += 1
        self.ins = max(0, self.ins - 1)
        return "in"

    def is_reserved(self, text: str) -> bool:
        """Whether a word that may be reserved is so here."""
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
