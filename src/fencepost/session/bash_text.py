"""The text that goes to bash around a snippet. Why it looks as it does is told in `fencepost.session.shell`."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

GREETING = "PS1= PS2=\nexec 2>&1;\\builtin set +H +o history;\\builtin unset HISTFILE\n"

_REPORT = (
    r'\builtin printf "E %s %s %s %q\n" "$LINENO" "$BASH_SUBSHELL" "${#BASH_SOURCE[@]}" "$BASH_COMMAND"'
    r" >/proc/$PPID/fd/2"
)
UNWIND = r"{ ((${#BASH_SOURCE[@]})) && \builtin return; } 2>/dev/null"
# Only where `set -e` holds (not in a command substitution, not after the page's own `set +e`), and only in the shell
# itself. Once lifted, the trap has but to return, from each function and then from the sourced text.
STOP = (
    r"{ if [[ $- == *e* ]]; then " + _REPORT + r"; ((BASH_SUBSHELL)) || { \builtin set +e; "
    r"\builtin trap -- '" + UNWIND + r"' ERR; " + UNWIND + r"; }; fi; } 2>/dev/null"
)
# Tells each line as it runs. Only for a snippet that sets an ERR trap itself, which would silence ours.
FOLLOW = r'\builtin printf "L %s 0 1 %q\n" "$LINENO" "$BASH_COMMAND" >/proc/$PPID/fd/2'
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
        xtrace: whether the page wants `set -x`, lifted between snippets.
        traps_matter: whether the page has spoken of traps, so that they are asked for after each snippet.
    """

    status: int = 0
    trap: str = ""
    page_trap: str = ""
    debug_trap: str = ""
    xtrace: bool = False
    traps_matter: bool = False


def speaks_of_traps(source: str) -> bool:
    """Whether a snippet may set a trap, now or in a function that it defines."""
    return bool(_SPEAKS_OF_TRAPS.search(source))


def quoted(text: str) -> str:
    """Text in single quotes, as bash itself prints it."""
    return "'" + text.replace("'", "'\\''") + "'"


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
        # A snippet's lines keep the numbers that they have in the page. The last line tells one that came to its
        # end from one that left with `return`, and must not touch `$?`: an expansion sets PS2 on the way.
        return (
            f". /dev/stdin <<'{end}'\n"
            + "\n" * max(0, line - 2)
            + ";".join(self._preparations(source, state))
            + f"\n{source}\n"
            + "{ \\builtin return $(($? + 0${PS2:=0})); } 2>/dev/null\n"
            + f"{end}\n"
            + (self._told_with_traps() if state.traps_matter else self._told())
        )

    def _preparations(self, source: str, state: ShellState) -> list[str]:
        first = [r"\exec </dev/null"]
        wanted = f"{state.page_trap}\n{STOP}" if state.page_trap else STOP
        if state.trap != wanted:
            first.append(rf"\builtin trap -- {quoted(wanted)} ERR")
            state.trap = wanted
        first.append(r"\builtin set -eE -o pipefail")
        if _SETS_ERR_TRAP.search(source) and not state.debug_trap:
            first.append(rf"\builtin trap -- {quoted(FOLLOW)} DEBUG")
        if state.status:
            first.append(f"(exit {state.status}) && :")
        if state.debug_trap:
            first.append(rf"\builtin trap -- {quoted(state.debug_trap)} DEBUG")
        if state.xtrace:
            first.append(r"\builtin set -x")
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
            rf"""\builtin trap - DEBUG;\builtin set +xve;\builtin printf '%s%s\n' {self._right} {self._left};}}"""
            " >/proc/$PPID/fd/2 2>/dev/null\n"
            rf"""\builtin printf '%s%s \n' {self._left} {self._right} >/proc/$PPID/fd/1"""
            "\n"
        )
