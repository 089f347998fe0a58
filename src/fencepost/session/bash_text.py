"""The text that goes to bash around a snippet. `fencepost.session.shell` says why it looks as it does."""

from __future__ import annotations

import re
import secrets

from fencepost.session.bash_traps import (
    BEGINS,
    FOLLOW,
    LIFT,
    WATCH_COMMANDS,
    WATCH_PIPELINES,
    quoted,
    stop_with,
)
from fencepost.session.early_readers import forgive_early_readers
from fencepost.session.shell_state import (
    NO_PROMPT,
    ShellState,
    as_the_page_wants,
    end_of_lift,
    prompts,
    quoted_on_one_line,
    trap,
    with_statuses,
)

# Any ERR trap will do: bash runs ours when `.` itself fails only if one was set before, and ends without it.
_SOME_TRAP = r"\builtin trap -- : ERR"
GREETING = f"PS1='{NO_PROMPT}' PS2=\nexec 2>&1;\\builtin set +H +o history;\\builtin unset HISTFILE\n"

_SETS_ERR_TRAP = re.compile(r"\btrap\b.*\bERR\b")
_SOURCES_A_FILE = re.compile(r"(?:^|[;&|({\s])(?:source|\.)[ \t]", re.MULTILINE)
# At a prompt these name no file of ours.
_ASKS_WHERE_IT_IS = re.compile(r"BASH_SOURCE|BASH_LINENO|FUNCNAME|\bcaller\b")
_WATCH_ENDS = r"\builtin trap - ERR DEBUG;"
# At an interactive bash they change how it reads its input, but not in a file that it sources.
_EDITS_LINES = re.compile(r"[ \t]*set[ \t]+[-+]o[ \t]+(?:vi|emacs)[ \t]*(?:#.*)?")
_OPTIONS = {"e": "-e", "E": "-E", "pipefail": "-o pipefail"}


def asks_where_it_is(source: str) -> bool:
    """Whether a snippet asks for its file or for the line that called it: at a prompt there is none."""
    return bool(_ASKS_WHERE_IT_IS.search(source))


def sets_err_trap(source: str) -> bool:
    """Whether a snippet sets an ERR trap itself."""
    return bool(_SETS_ERR_TRAP.search(source))


def heard(source: str) -> str:
    """Commands whose output comes to the session, wherever the page has sent the shell's own, as with `exec >log`."""
    return f'{{ {source}\n}} >"/proc/$PPID/fd/1"'


def probe_for(what: str) -> str:
    """A command that succeeds once `port:N` or `file:PATH` is there."""
    kind, _, rest = what.partition(":")
    return f"(exec 3<>/dev/tcp/127.0.0.1/{rest}) 2>/dev/null" if kind == "port" else f"[[ -e {quoted(rest)} ]]"


class Wrapper:
    """The words around one snippet.

    Whatever bash hasn't read yet may be read by the snippet instead, from the pipe. So the mark that can tell a success
    stands on the line that bash has in its memory before the snippet runs. The end mark on the next line is worth
    nothing alone: it tells that bash came to that line, by way of the mark or, where an error threw the mark's line
    away, without it.

    The marks are given to bash in two halves: a `set -v` or `set -x` that shows our own lines shows no mark.

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
        self.evaluated = False
        # What PS2 begins with at the snippet's last line: no status, and nothing that a snippet would set.
        self.reached = 1000 + secrets.randbelow(1_000_000)

    @property
    def begin_mark(self) -> bytes:
        """Where a snippet's output begins, behind what a PROMPT_COMMAND has printed."""
        return f"{''.join(reversed(self._halves))}\n".encode()

    @property
    def plain_mark(self) -> str:
        """A line that makes bash print the end mark."""
        return rf"\builtin printf '%s%s \n' {' '.join(self._end_halves)}" + "\n"

    @property
    def end_of_remarks(self) -> str:
        """A line that makes bash end its remarks."""
        return rf"\builtin printf '%s%s\n' {' '.join(reversed(self._end_halves))} " + '>"/proc/$PPID/fd/2"\n'

    def wrap(self, source: str, line: int, state: ShellState) -> str:
        """A snippet of a `bash` block, ready to be sent.

        It is sourced from a here-document: it runs at bash's top level, and can return from there where it fails. One
        that asks for its file is evaluated, as at a prompt, within a loop that it can break.

        Args:
            source: its text.
            line: the number that its first line is to have.
            state: what bash holds; its `trap` becomes the one that is set here.
        """
        everywhere = bool(state.page_traps.get("ERR") or sets_err_trap(source))
        if not (state.verbose or state.page_traps.get("DEBUG")):
            source = forgive_early_readers(source, everywhere=everywhere, shown=state.shown)
        if asks_where_it_is(source):
            return self._wrap_evaluated(source, state)
        end = f"END-{secrets.token_hex(4)}"
        some_trap = "" if state.trap else f"{_SOME_TRAP};"
        # A snippet's lines keep the numbers that they have in the page.
        return (
            f"{self._begin(state)}{some_trap}\\builtin . /dev/stdin <<'{end}';{self._report(state)}\n"
            + "\n" * max(0, line - 2)
            + ";".join(self._preparations(source, state))
            + f"\n{source}\n"
            + self._end_of_source(state.traps_matter)
            + f"{end}\n"
            + (self._end_with_traps() if state.traps_matter else self._end())
        )

    def _wrap_evaluated(self, source: str, state: ShellState) -> str:
        self.evaluated = True
        first = ";".join(self._preparations(source, state, evaluated=True))
        text = quoted(f"{first}\n{source}\n\n{{ PS2={self.reached}:$?::$_;}} >/dev/null 2>&1\n")
        return f"{self._begin(state)}for PS2 in '';do \\builtin eval {text} </dev/null;done;{self._report(state)}\n" + (
            self._end_with_traps() if state.traps_matter else self._end()
        )

    def wrap_typed(self, source: str, state: ShellState, *, watch: bool = False) -> str:
        """A command as a reader types it at the prompt, ready to be sent.

        It is evaluated where bash is interactive, without `set -e` or `pipefail` of ours.

        Args:
            source: its text.
            state: what bash holds; its `trap` becomes the one that is set here.
            watch: report what fails left of a `;` or a `|`. Not on pages that speak of traps.
        """
        watch = watch and not (state.traps_matter or state.xtrace)
        if _EDITS_LINES.fullmatch(source):
            source = rf"\builtin . /dev/stdin <<<{quoted(source)}"
        text = quoted(";".join(self._typed_preparations(state, watch)) + f"\n{source}\n{self._end_of_typed()}")
        return f"{self._begin(state)}\\builtin eval {text} </dev/null;{self._report(state, watch=watch)}\n" + (
            self._end_with_traps() if state.traps_matter else self._end()
        )

    def without_own_lines(self, output: bytes) -> bytes:
        """What a snippet printed, without the lines around it that bash may have shown too."""
        report = self._end_with_traps().partition("\n")[0] + "\n"
        for own in (self._end_of_source(False), self._end_of_source(True), self._end_of_typed(), self._end(), report):
            output = output.replace(own.encode(), b"")
        return output

    def _begin(self, state: ShellState) -> str:
        # A PROMPT_COMMAND runs in front of it, and belongs to no output.
        if not state.prompt_command:
            return ""
        left, right = self._halves
        return rf"""{{ \builtin printf '%s%s\n' {right} {left}; }} >"/proc/$PPID/fd/1";"""

    def _preparations(self, source: str, state: ShellState, *, evaluated: bool = False) -> list[str]:
        first = [BEGINS if evaluated else r"\exec </dev/null", *end_of_lift(state)]
        page_debug = state.page_traps.get("DEBUG", "")
        first += trap(state, stop_with(state.page_traps.get("ERR", ""), evaluated=evaluated))
        state.in_a_block = True
        first.append(r"\builtin set -eE -o pipefail")
        if sets_err_trap(source) and not page_debug:
            first.append(rf"\builtin trap -- {quoted(FOLLOW)} DEBUG")
        elif state.settings_matter and not state.traps_matter and _SOURCES_A_FILE.search(source):
            first += [rf"\builtin trap -- {quoted(LIFT)} DEBUG", r"\builtin set -T"]
            state.lifted = True
        first += prompts(state)
        first += with_statuses(state.status, (state.status,), pipefail=True)
        return [*first, *as_the_page_wants(state)]

    def _typed_preparations(self, state: ShellState, watch: bool) -> list[str]:
        first = end_of_lift(state)
        page_trap = state.page_traps.get("ERR", "")
        # Without `set -e` ours does nothing.
        if page_trap or state.traps_matter or watch or state.options:
            first += trap(state, page_trap)
        if state.in_a_block:
            first.append(r"\builtin set +E +o pipefail")
            state.in_a_block = False
        if state.options:
            first.append(r"\builtin set " + " ".join(_OPTIONS[name] for name in sorted(state.options)))
        if watch:
            first += [
                rf"\builtin trap -- {quoted(WATCH_COMMANDS)} ERR",
                rf"\builtin trap -- {quoted(WATCH_PIPELINES)} DEBUG",
            ]
        first += prompts(state)
        if watch or state.last_argument is not None:
            first.append(rf"\builtin : {quoted_on_one_line(state.last_argument or '')}")
        members = (state.status,) if watch else state.statuses
        first += with_statuses(state.status, members, pipefail="pipefail" in state.options)
        return [*first, *as_the_page_wants(state)]

    def _end_of_source(self, traps_matter: bool) -> str:
        # Tells a snippet that came to its end from one that left with `return`, and must not touch `$?`: PS2 is set by
        # a loop. No quotes, which would close one that a snippet has left open, and nothing that is expanded: in a
        # here-document that a snippet hasn't closed these lines are text, and say nothing. What a DEBUG trap of the
        # page's prints here goes nowhere. The empty line is for a snippet that ends with a backslash.
        if not traps_matter:
            return f"\n{{ for PS2 in {self.reached};do \\builtin return;done; }} >/dev/null 2>&1\n"
        # A RETURN trap of the page's would run where the sourced text ends.
        return (
            "\n{ for PS2 in $?;do \\builtin trap -p RETURN >/proc/$PPID/fd/2;\\builtin trap - RETURN;(exit $PS2)&&:;"
            f"for PS2 in {self.reached};do \\builtin return;done;done; }} >/dev/null 2>&1\n"
        )

    def _end_of_typed(self) -> str:
        # An assignment's value isn't split, so it needs no quotes; and `[@]` is joined by spaces, whatever IFS is.
        return f"\n{{ PS2={self.reached}:$?:${{PIPESTATUS[@]}}:$_;}} >/dev/null 2>&1\n"

    def _report(self, state: ShellState, *, watch: bool = False) -> str:
        left, right = self._halves
        settings = ' "${PS1-}" "${PROMPT_COMMAND-}" "$SHELLOPTS" "${PS0-}"' if state.settings_matter else ""
        words = " %q" * (5 if settings else 1)
        # From here on bash reads lines of ours.
        end = "PS0=;" if settings else ""
        # What a DEBUG trap of the page's prints here is nothing that the page's own commands have called for, and what
        # fails at the prompt that comes next, in its PROMPT_COMMAND, no failure of theirs.
        return (
            rf"""{{ \builtin printf '%s%s %s{words}\n' {left} {right} "$? $-" "${{PS2-}}"{settings}"""
            rf""" >"/proc/$PPID/fd/1";{end}{_WATCH_ENDS if watch else ""}\builtin set +e;}} &>/dev/null"""
        )

    def _end(self) -> str:
        left, right = self._end_halves
        return (
            rf"""{{ \builtin printf '%s%s %s\n' {left} {right} "$? $-" >"/proc/$PPID/fd/1";"""
            rf"""PS1='{NO_PROMPT}' PS2=;\builtin set +xve;}} 2>/dev/null"""
            "\n"
        )

    def _end_with_traps(self) -> str:
        left, right = self._end_halves
        # A DEBUG trap of the page's runs before each of these commands too; what it prints must come ahead of the mark.
        return (
            r"""{ \builtin printf '%s\n' "S $? $-";"""
            rf"""PS1='{NO_PROMPT}' PS2=;\builtin trap -p ERR DEBUG RETURN;"""
            rf"""\builtin trap - DEBUG RETURN;{_SOME_TRAP};\builtin set +xve;"""
            rf"""\builtin printf '%s%s\n' {right} {left};}}"""
            """ >"/proc/$PPID/fd/2" 2>/dev/null\n"""
            rf"\builtin printf '%s%s \n' {left} {right} "
            '>"/proc/$PPID/fd/1"\n'
        )
