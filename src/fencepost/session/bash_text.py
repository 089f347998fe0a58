"""The text that goes to bash around a snippet. Why it looks as it does is told in `fencepost.session.shell`."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

# Any ERR trap will do: bash runs ours when `.` itself fails only if there was one before, and ends without it.
_SOME_TRAP = r"\builtin trap -- : ERR"
GREETING = "PS1= PS2=\nexec 2>&1;\\builtin set +H +o history;\\builtin unset HISTFILE;" + _SOME_TRAP + "\n"


def _tell(kind: str) -> str:
    # Through which files and lines bash came here: a snippet may source a file, whose lines aren't the page's.
    return (
        rf'{{ \builtin printf "%q " {kind} "$LINENO" "$BASH_SUBSHELL" "${{#BASH_SOURCE[@]}}"'
        r' "${BASH_LINENO[@]}" "${BASH_SOURCE[@]}" "$BASH_COMMAND"; \builtin printf "\n"; } >/proc/$PPID/fd/2'
    )


UNWIND = r"{ ((${#BASH_SOURCE[@]})) && \builtin return $PS2; } 2>/dev/null"
# Only where `set -e` holds: not in a command substitution, not after the page's own `set +e`. Depth 0 is outside the
# snippet, where there is nothing to tell.
_CASES = r"case $-,${#BASH_SOURCE[@]} in *e*,0) \builtin set +e;; *e*,*) "
# PS2 keeps the status on the way up: a DEBUG trap of the page's would lose it.
_TELL_FAILURE = "PS2=$?; " + _tell("E") + "; "
# Only in the shell itself. Once `set -e` is lifted, the trap has but to return, from each function and then from the
# sourced text.
_LEAVE = r"((BASH_SUBSHELL)) || { \builtin set +e; \builtin trap -- '" + UNWIND + r"' ERR; " + UNWIND + r"; };; "
STOP = "{ " + _CASES + _TELL_FAILURE + _LEAVE + "esac; } 2>/dev/null"


def stop_with(page_trap: str) -> str:
    """The ERR trap that first does what the page's own wants, with the `$?` that it expects."""
    if not page_trap:
        return STOP
    told = "{ " + _CASES + _TELL_FAILURE + "(exit $PS2) && :;; *) (exit $?) && :;; esac; } 2>/dev/null"
    return f"{told}\n{page_trap}\n{{ {_CASES}{_LEAVE}esac; }} 2>/dev/null"


# Tells each line as it runs. Only for a snippet that sets an ERR trap itself, which would silence ours.
FOLLOW = _tell("L")
# The last line tells a snippet that came to its end from one that left with `return`, and must not touch `$?`: a
# calculation sets PS2 on the way. The empty line is for a snippet that ends with a backslash.
_END_OF_SOURCE = "\n{ \\builtin return $(($?+(PS2=0))); } 2>/dev/null\n"
_SETS_ERR_TRAP = re.compile(r"\btrap\b.*\bERR\b")
_SPEAKS_OF_TRAPS = re.compile(r"\btrap\b")


@dataclass
class ShellState:
    """What bash holds between two snippets that isn't ours to lose.

    Attributes:
        status: the exit status that the next snippet sees as `$?`.
        trap: the ERR trap as it stands, word for word; empty when unknown.
        page_trap: the page's own ERR trap.
        debug_trap: the page's own DEBUG trap, lifted between snippets.
        xtrace, verbose: whether the page wants `set -x` and `set -v`, lifted between snippets.
        traps_matter: whether the page has spoken of traps, so that they are asked for after each snippet.
    """

    status: int = 0
    trap: str = ""
    page_trap: str = ""
    debug_trap: str = ""
    xtrace: bool = False
    verbose: bool = False
    traps_matter: bool = False


def speaks_of_traps(source: str) -> bool:
    """Whether a snippet may set a trap, now or in a function that it defines."""
    return bool(_SPEAKS_OF_TRAPS.search(source))


def quoted(text: str) -> str:
    """Text in single quotes, as bash itself prints it."""
    return "'" + text.replace("'", "'\\''") + "'"


def _on_one_line(text: str) -> str:
    """Text in quotes that hold no line's end: those in front of a snippet would shift its lines."""
    if "\n" not in text:
        return quoted(text)
    inner = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"$'{inner}'"


class Wrapper:
    """The words around one snippet.

    The marks are told to bash in two halves: a `set -v` or `set -x` that shows our own lines shows no mark.

    Args:
        nonce: hexadecimal digits that nobody can foresee, an even number of them.
    """

    def __init__(self, nonce: str) -> None:
        half = len(nonce) // 2
        self._left, self._right = nonce[:half], nonce[half:]
        self.mark = f"{self._left}{self._right} ".encode()
        self.remarks_mark = f"{self._right}{self._left}\n".encode()

    @property
    def plain_mark(self) -> str:
        """A line that makes bash print the mark."""
        return rf"\builtin printf '%s%s \n' {self._left} {self._right}" + "\n"

    @property
    def end_of_remarks(self) -> str:
        """A line that makes bash end its remarks."""
        return rf"\builtin printf '%s%s\n' {self._right} {self._left} >/proc/$PPID/fd/2" + "\n"

    def wrap(self, source: str, line: int, state: ShellState) -> str:
        """A snippet, ready to be sent.

        Args:
            source: its text.
            line: the number that its first line is to have.
            state: what bash holds; told of the trap that is set here.
        """
        end = f"END-{secrets.token_hex(4)}"
        # A snippet's lines keep the numbers that they have in the page.
        return (
            f"\\. /dev/stdin <<'{end}'\n"
            + "\n" * max(0, line - 2)
            + ";".join(self._preparations(source, state))
            + f"\n{source}\n"
            + _END_OF_SOURCE
            + f"{end}\n"
            + (self._told_with_traps() if state.traps_matter else self._told())
        )

    def without_own_lines(self, output: bytes) -> bytes:
        """What a snippet printed under `set -v`, without the lines around it that bash shows too."""
        told = self._told_with_traps().partition("\n")[0] + "\n"
        for own in (_END_OF_SOURCE, self._told(), told):
            output = output.replace(own.encode(), b"")
        return output

    def _preparations(self, source: str, state: ShellState) -> list[str]:
        first = [r"\exec </dev/null"]
        wanted = stop_with(state.page_trap)
        if state.trap != wanted:
            first.append(rf"\builtin trap -- {_on_one_line(wanted)} ERR")
            state.trap = wanted
        first.append(r"\builtin set -eE -o pipefail")
        if _SETS_ERR_TRAP.search(source) and not state.debug_trap:
            first.append(rf"\builtin trap -- {quoted(FOLLOW)} DEBUG")
        if state.status:
            first.append(f"(exit {state.status}) && :")
        if state.debug_trap:
            first.append(rf"\builtin trap -- {_on_one_line(state.debug_trap)} DEBUG")
        if state.xtrace:
            first.append(r"\builtin set -x")
        if state.verbose:
            first.append(r"\builtin set -v")
        return first

    def _told(self) -> str:
        return (
            rf"""{{ \builtin printf '%s%s %s\n' {self._left} {self._right} "$? ${{PS2:-1}} $-" >/proc/$PPID/fd/1;"""
            r"""PS1= PS2=;\builtin set +xve;} 2>/dev/null"""
            "\n"
        )

    def _told_with_traps(self) -> str:
        # A DEBUG trap of the page's runs before each of these commands too; what it prints must come ahead of the mark.
        return (
            r"""{ \builtin printf '%s\n' "S $? ${PS2:-1} $-";PS1= PS2=;\builtin trap -p ERR DEBUG;"""
            rf"""\builtin trap - DEBUG;{_SOME_TRAP};\builtin set +xve;"""
            rf"""\builtin printf '%s%s\n' {self._right} {self._left};}}"""
            " >/proc/$PPID/fd/2 2>/dev/null\n"
            rf"""\builtin printf '%s%s \n' {self._left} {self._right} >/proc/$PPID/fd/1"""
            "\n"
        )
