"""The text that is sent to bash around a snippet. `fencepost.session.shell` explains its form."""

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
    quoted_on_one_line,
    remove_lift_trap,
    restore_prompts,
    restore_statuses,
    restore_traps_and_options,
    set_err_trap,
)

# If `.` itself fails, bash runs our ERR trap only if one was set before, and ends otherwise. Any trap will do.
_SOME_TRAP = r"\builtin trap -- : ERR"
GREETING = f"PS1='{NO_PROMPT}' PS2=\nexec 2>&1;\\builtin set +H +o history;\\builtin unset HISTFILE\n"

_SETS_ERR_TRAP = re.compile(r"\btrap\b.*\bERR\b")
_SOURCES_A_FILE = re.compile(r"(?:^|[;&|({\s])(?:source|\.)[ \t]", re.MULTILINE)
# At a prompt these don't name the file that a snippet is sourced from.
_ASKS_WHERE_IT_IS = re.compile(r"BASH_SOURCE|BASH_LINENO|FUNCNAME|\bcaller\b")
_WATCH_ENDS = r"\builtin trap - ERR DEBUG;"
# In an interactive bash these change how it reads its input, but not if they are in a sourced file.
_EDITS_LINES = re.compile(r"[ \t]*set[ \t]+[-+]o[ \t]+(?:vi|emacs)[ \t]*(?:#.*)?")
_OPTIONS = {"e": "-e", "E": "-E", "pipefail": "-o pipefail"}


def asks_where_it_is(source: str) -> bool:
    """Return whether a snippet asks for its file or for the line that called it. At a prompt there is none."""
    return bool(_ASKS_WHERE_IT_IS.search(source))


def sets_err_trap(source: str) -> bool:
    """Return whether a snippet sets an ERR trap itself."""
    return bool(_SETS_ERR_TRAP.search(source))


def with_output_to_session(source: str) -> str:
    """Return commands with their output sent to the session, even after the page's `exec >log`."""
    return f'{{ {source}\n}} >"/proc/$PPID/fd/1"'


def probe_for(condition: str) -> str:
    """Return a command that succeeds once `port:N` or `file:PATH` is there."""
    kind, _, rest = condition.partition(":")
    return f"(exec 3<>/dev/tcp/127.0.0.1/{rest}) 2>/dev/null" if kind == "port" else f"[[ -e {quoted(rest)} ]]"


class Wrapper:
    """The text around one snippet.

    A snippet can read from the pipe what bash hasn't read yet. So the mark that can report a success is on a line that
    bash has read before the snippet runs. The end mark, on the next line, reports no success: it only shows that bash
    got to that line. If an error made bash discard the first line, it comes without the mark.

    Bash gets each mark in two halves, so that a `set -v` or `set -x` that shows our lines doesn't show the mark.

    Args:
        nonce: unpredictable hexadecimal digits; their number is a multiple of four.
    """

    def __init__(self, nonce: str) -> None:
        size = len(nonce) // 4
        self._halves = nonce[:size], nonce[size : 2 * size]
        self._end_halves = nonce[2 * size : 3 * size], nonce[3 * size :]
        self.mark = f"{''.join(self._halves)} ".encode()
        self.end_mark = f"{''.join(self._end_halves)} ".encode()
        self.remarks_mark = f"{''.join(reversed(self._end_halves))}\n".encode()
        self.evaluated = False
        # PS2 begins with this number after the snippet's last line: no exit status, and nothing that a snippet would
        # set.
        self.reached = 1000 + secrets.randbelow(1_000_000)

    @property
    def begin_mark(self) -> bytes:
        """The mark after a PROMPT_COMMAND's output, where the snippet's output begins."""
        return f"{''.join(reversed(self._halves))}\n".encode()

    @property
    def plain_mark(self) -> str:
        """The line that makes bash print the end mark."""
        return rf"\builtin printf '%s%s \n' {' '.join(self._end_halves)}" + "\n"

    @property
    def end_of_remarks(self) -> str:
        """The line that makes bash print the mark after its remarks."""
        return rf"\builtin printf '%s%s\n' {' '.join(reversed(self._end_halves))} " + '>"/proc/$PPID/fd/2"\n'

    def wrap(self, source: str, line: int, state: ShellState) -> str:
        """Return the text to send for a snippet of a `bash` block.

        The snippet is sourced from a here-document, so that it runs at bash's top level and can return from there when
        it fails. A snippet that asks for its file is evaluated instead, as at a prompt, in a loop that it can break.

        Args:
            source: the snippet's text.
            line: the number of its first line.
            state: the state of bash; its `trap` becomes the one that is set here.
        """
        everywhere = bool(state.page_traps.get("ERR") or sets_err_trap(source))
        if not (state.verbose or state.page_traps.get("DEBUG")):
            source = forgive_early_readers(source, everywhere=everywhere, shown=state.shown)
        if asks_where_it_is(source):
            return self._wrap_evaluated(source, state)
        end = f"END-{secrets.token_hex(4)}"
        some_trap = "" if state.trap else f"{_SOME_TRAP};"
        # The empty lines give the snippet's lines the same numbers as in the page.
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
        """Return the text to send for a command that a reader types at the prompt.

        It is evaluated in the interactive bash, without our `set -e` and `pipefail`.

        Args:
            source: the command's text.
            state: the state of bash; its `trap` becomes the one that is set here.
            watch: report what fails left of a `;` or a `|`; ignored on pages that mention traps.
        """
        watch = watch and not (state.traps_matter or state.xtrace)
        if _EDITS_LINES.fullmatch(source):
            source = rf"\builtin . /dev/stdin <<<{quoted(source)}"
        text = quoted(";".join(self._typed_preparations(state, watch)) + f"\n{source}\n{self._end_of_typed()}")
        return f"{self._begin(state)}\\builtin eval {text} </dev/null;{self._report(state, watch=watch)}\n" + (
            self._end_with_traps() if state.traps_matter else self._end()
        )

    def without_own_lines(self, output: bytes) -> bytes:
        """Return an output without our own lines, which bash may have shown in it."""
        report = self._end_with_traps().partition("\n")[0] + "\n"
        for own in (self._end_of_source(False), self._end_of_source(True), self._end_of_typed(), self._end(), report):
            output = output.replace(own.encode(), b"")
        return output

    def _begin(self, state: ShellState) -> str:
        # A PROMPT_COMMAND runs before the snippet; its output isn't the snippet's.
        if not state.prompt_command:
            return ""
        left, right = self._halves
        return rf"""{{ \builtin printf '%s%s\n' {right} {left}; }} >"/proc/$PPID/fd/1";"""

    def _preparations(self, source: str, state: ShellState, *, evaluated: bool = False) -> list[str]:
        first = [BEGINS if evaluated else r"\exec </dev/null", *remove_lift_trap(state)]
        page_debug = state.page_traps.get("DEBUG", "")
        first += set_err_trap(state, stop_with(state.page_traps.get("ERR", ""), evaluated=evaluated))
        state.in_a_block = True
        first.append(r"\builtin set -eE -o pipefail")
        if sets_err_trap(source) and not page_debug:
            first.append(rf"\builtin trap -- {quoted(FOLLOW)} DEBUG")
        elif state.settings_matter and not state.traps_matter and _SOURCES_A_FILE.search(source):
            first += [rf"\builtin trap -- {quoted(LIFT)} DEBUG", r"\builtin set -T"]
            state.lifted = True
        first += restore_prompts(state)
        first += restore_statuses(state.status, (state.status,), pipefail=True)
        return [*first, *restore_traps_and_options(state)]

    def _typed_preparations(self, state: ShellState, watch: bool) -> list[str]:
        first = remove_lift_trap(state)
        page_trap = state.page_traps.get("ERR", "")
        # Our own trap may stay otherwise: without `set -e` it does nothing.
        if page_trap or state.traps_matter or watch or state.options:
            first += set_err_trap(state, page_trap)
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
        first += restore_prompts(state)
        if watch or state.last_argument is not None:
            first.append(rf"\builtin : {quoted_on_one_line(state.last_argument or '')}")
        members = (state.status,) if watch else state.statuses
        first += restore_statuses(state.status, members, pipefail="pipefail" in state.options)
        return [*first, *restore_traps_and_options(state)]

    def _end_of_source(self, traps_matter: bool) -> str:
        # Shows that a snippet reached its end and didn't leave with `return`. A loop sets PS2, as an assignment would
        # change `$?`. Quotes would close one that a snippet has left open. Nothing is expanded, so that these lines
        # report nothing as text of a here-document that a snippet hasn't closed. The output of the page's DEBUG trap is
        # dropped. The empty line is for a snippet that ends with a backslash.
        if not traps_matter:
            return f"\n{{ for PS2 in {self.reached};do \\builtin return;done; }} >/dev/null 2>&1\n"
        # The page's RETURN trap would run at the end of the sourced text.
        return (
            "\n{ for PS2 in $?;do \\builtin trap -p RETURN >/proc/$PPID/fd/2;\\builtin trap - RETURN;(exit $PS2)&&:;"
            f"for PS2 in {self.reached};do \\builtin return;done;done; }} >/dev/null 2>&1\n"
        )

    def _end_of_typed(self) -> str:
        # An assignment's value isn't split, so it needs no quotes; and `[@]` is joined by spaces with any IFS.
        return f"\n{{ PS2={self.reached}:$?:${{PIPESTATUS[@]}}:$_;}} >/dev/null 2>&1\n"

    def _report(self, state: ShellState, *, watch: bool = False) -> str:
        left, right = self._halves
        settings = ' "${PS1-}" "${PROMPT_COMMAND-}" "$SHELLOPTS" "${PS0-}"' if state.settings_matter else ""
        words = " %q" * (5 if settings else 1)
        # The next lines that bash reads are ours: without this, it would print the page's PS0 for them.
        end = "PS0=;" if settings else ""
        # The output of the page's DEBUG trap is dropped: our commands have caused it. `set +e`, as a failure in the
        # PROMPT_COMMAND of the next prompt isn't the snippet's.
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
        # The page's DEBUG trap runs before each of these commands too; its output must come before the mark.
        return (
            r"""{ \builtin printf '%s\n' "S $? $-";"""
            rf"""PS1='{NO_PROMPT}' PS2=;\builtin trap -p ERR DEBUG RETURN;"""
            rf"""\builtin trap - DEBUG RETURN;{_SOME_TRAP};\builtin set +xve;"""
            rf"""\builtin printf '%s%s\n' {right} {left};}}"""
            """ >"/proc/$PPID/fd/2" 2>/dev/null\n"""
            rf"\builtin printf '%s%s \n' {left} {right} "
            '>"/proc/$PPID/fd/1"\n'
        )
