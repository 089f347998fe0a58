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
        r' "${BASH_LINENO[@]}" "${BASH_SOURCE[@]}" "$BASH_COMMAND"; \builtin printf "\n"; } >"/proc/$PPID/fd/2"'
    )


UNWIND = r'{ ((${#BASH_SOURCE[@]})) && \builtin return "$PS2"; } 2>/dev/null'
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


def heard(source: str) -> str:
    """Commands whose output comes to the session, wherever the page has sent the shell's own, as with `exec >log`."""
    return f'{{ {source}\n}} >"/proc/$PPID/fd/1"'


def _on_one_line(text: str) -> str:
    """Text in quotes that hold no line's end: those in front of a snippet would shift its lines."""
    if "\n" not in text:
        return quoted(text)
    inner = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"$'{inner}'"


class Wrapper:
    """The words around one snippet.

    Whatever bash hasn't read yet may be read by the snippet instead, from the pipe. So the mark that can tell a success
    stands on the line that sources the snippet, ahead of its text: bash has it in its memory before the snippet runs.
    The end mark behind the text is worth nothing alone: it tells that bash came to its next line, by way of the mark
    or, where an error threw that line away, without it.

    The marks are told to bash in two halves: a `set -v` or `set -x` that shows our own lines shows no mark.

    Args:
        nonce: hexadecimal digits that nobody can foresee, a multiple of four of them.
    """

    def __init__(self, nonce: str) -> None:
        size = len(nonce) // 4
        self._halves = nonce[:size], nonce[size : 2 * size]
        self._end_halves = nonce[2 * size : 3 * size], nonce[3 * size :]
        self.mark = f"{''.join(self._halves)} ".encode()
        self.end_mark = f"{''.join(self._end_halves)} ".encode()
        self.remarks_mark = f"{''.join(reversed(self._end_halves))}\n".encode()
        # What PS2 is at the snippet's last line: no status, and nothing that a snippet would set.
        self.reached = 1000 + secrets.randbelow(1_000_000)

    @property
    def plain_mark(self) -> str:
        """A line that makes bash print the end mark."""
        return rf"\builtin printf '%s%s \n' {' '.join(self._end_halves)}" + "\n"

    @property
    def end_of_remarks(self) -> str:
        """A line that makes bash end its remarks."""
        return rf"\builtin printf '%s%s\n' {' '.join(reversed(self._end_halves))} " + '>"/proc/$PPID/fd/2"\n'

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
            f"\\builtin . /dev/stdin <<'{end}';{self._told()}\n"
            + "\n" * max(0, line - 2)
            + ";".join(self._preparations(source, state))
            + f"\n{source}\n"
            + self._end_of_source()
            + f"{end}\n"
            + (self._end_with_traps() if state.traps_matter else self._end())
        )

    def without_own_lines(self, output: bytes) -> bytes:
        """What a snippet printed, without the lines around it that bash may have shown too."""
        told = self._end_with_traps().partition("\n")[0] + "\n"
        for own in (self._end_of_source(), self._end(), told):
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

    def _end_of_source(self) -> str:
        # Tells a snippet that came to its end from one that left with `return`, and must not touch `$?`: PS2 is set by
        # a loop. No quotes, which would close one that a snippet has left open, and nothing that is expanded: in a
        # here-document that a snippet hasn't closed these lines are text, and say nothing. What a DEBUG trap of the
        # page's prints here goes nowhere. The empty line is for a snippet that ends with a backslash.
        return f"\n{{ for PS2 in {self.reached};do \\builtin return;done; }} >/dev/null 2>&1\n"

    def _told(self) -> str:
        left, right = self._halves
        # What a DEBUG trap of the page's prints here is nothing that the page's own commands have called for, and what
        # fails at the prompt that comes next, in its PROMPT_COMMAND, no failure of theirs.
        return (
            rf"""{{ \builtin printf '%s%s %s %q\n' {left} {right} "$? $-" "$PS2" >"/proc/$PPID/fd/1";"""
            r"""\builtin set +e;} &>/dev/null"""
        )

    def _end(self) -> str:
        left, right = self._end_halves
        return (
            rf"""{{ \builtin printf '%s%s %s\n' {left} {right} "$? $-" >"/proc/$PPID/fd/1";"""
            r"""PS1= PS2=;\builtin set +xve;} 2>/dev/null"""
            "\n"
        )

    def _end_with_traps(self) -> str:
        left, right = self._end_halves
        # A DEBUG trap of the page's runs before each of these commands too; what it prints must come ahead of the mark.
        return (
            r"""{ \builtin printf '%s\n' "S $? $-";PS1= PS2=;\builtin trap -p ERR DEBUG;"""
            rf"""\builtin trap - DEBUG;{_SOME_TRAP};\builtin set +xve;"""
            rf"""\builtin printf '%s%s\n' {right} {left};}}"""
            """ >"/proc/$PPID/fd/2" 2>/dev/null\n"""
            rf"\builtin printf '%s%s \n' {left} {right} "
            '>"/proc/$PPID/fd/1"\n'
        )
