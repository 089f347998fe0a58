r"""The traps that bash has while a snippet runs: they stop it at its first failing command, and report where that was.

A snippet of a `bash` block runs under `set -eE -o pipefail`. `set -e` alone would take the whole shell along, so the
ERR trap, which bash runs just before, reports the failure, lifts `set -e` and returns from the sourced text. In a
subshell nothing of that is needed: `set -e` ends it, and the trap runs again in the shell above.

Two things need `set -e` to be lifted for one command, until the DEBUG trap `LIFT` restores it:

- A pipeline of which members before the last were ended by SIGPIPE has not failed: their reader had enough. Without
  this, `seq 1 1000000 | head -n 1` would fail by chance.
- A `.` whose file is missing fails. Under `set -e` bash would end the whole shell, without any trap; at a prompt the
  shell lives on.

PS2 is the one variable that is ours while a snippet runs. It holds `L` while `set -e` is lifted and `M` for one command
after that; `F` for a status that is forgiven; `X` or `L` and an exit status on the way out; and a number once the
snippet has come to its end.
"""

from __future__ import annotations

from functools import lru_cache


def quoted(text: str) -> str:
    """Text in single quotes, as bash itself prints it."""
    return "'" + text.replace("'", "'\\''") + "'"


def _report(kind: str) -> str:
    # The files and lines through which bash came here: a snippet may source a file, whose lines aren't the page's.
    return (
        rf'{{ \builtin printf "%q " {kind} "$LINENO" "$BASH_SUBSHELL" "${{#BASH_SOURCE[@]}}"'
        r' "${BASH_LINENO[@]}" "${BASH_SOURCE[@]}" "$BASH_COMMAND"; \builtin printf "\n"; } >"/proc/$PPID/fd/2"'
    )


# Of a writer that SIGPIPE ended nothing is reported: the shell above knows whether that matters.
_TELL = f"case $BASH_SUBSHELL,${{PS2-}} in [1-9]*,[XL]141);;*){_report('E')};;esac"
UNWIND = r'{ ((${#BASH_SOURCE[@]})) && \builtin return "${PS2#?}"; } 2>/dev/null'
# An evaluated snippet has nothing to return from at its end, but a loop around it.
UNWIND_EVALUATED = r'{ ((${#BASH_SOURCE[@]})) && \builtin return "${PS2#?}"; \builtin break 999; } 2>/dev/null'

# Needs `set -T`, to hold in functions, subshells and sourced files. The next command restores `set -e`. A file that
# can't be read fails where it is sourced; another one fails, if at all, in its own commands. A name with a substitution
# in it is not expanded twice.
LIFT = (
    r"case ${PS2-} in L)PS2=M;\builtin set -e;;M)PS2=;;esac;"
    r"case $-,$BASH_COMMAND in *[\`\(]*);;*e*,source\ *|*e*,.\ *)\builtin set +e;"
    r'if \builtin eval "\\builtin test -r ${BASH_COMMAND#* }" 2>/dev/null;then \builtin set -e;else PS2=L;fi;;esac'
)

# A number: the snippet is at its end, unless the page has set PS2 itself. M: nothing has run since a pipeline was
# forgiven, so its status is only on its way out of a function.
_CLASSIFY = (
    r'case ${PS2-},$?,${PIPESTATUS[-1]},"${PIPESTATUS[*]/#141/0}" in'
    r" [0-9]*)case $BASH_COMMAND in \\builtin\ .\ /dev/stdin*)\builtin set +e;;*)PS2=X$?;;esac;;"
    r"M,141,*)PS2=F;;L,*)PS2=L$?;;"
    r"*,141,0,*[1-9]*)PS2=X$?;;*,141,0,*)PS2=F;;*)PS2=X$?;;esac;"
)
# A subshell whose last command was forgiven ends with 141 all the same, which this makes 0. One with an EXIT trap of
# its own keeps that. bash shows a subshell the traps of the shell above it, until it sets or resets one itself.
_END_SUBSHELL = r"case $? in 141)\builtin exit 0;;esac"
_FORGIVE = (
    r"case $BASH_SUBSHELL in 0);;*)\builtin trap - RETURN;case $(\builtin trap -p EXIT) in '')"
    rf"\builtin trap -- {quoted(_END_SUBSHELL)} EXIT;;esac;;esac;"
    rf"case $- in *e*)\builtin set +e -T;\builtin trap -- {quoted(LIFT)} DEBUG;PS2=L;;*)PS2=;;esac"
)
# Only where `set -e` holds: not in a command substitution, not after the page's own `set +e`. Depth 0 is outside of a
# sourced snippet, where there is nothing to report.
_WHERE = r"case $-,${#BASH_SOURCE[@]},${PS2-} in "
_OUTSIDE = r"*,0,*)\builtin set +e;;"
_FAILS = "*e*,*,X*|*,L*)"


def _leave(unwind: str) -> str:
    # Once `set -e` is lifted, the trap has but to return, from each function and then from the snippet. A shell that
    # `set -e` ends runs no RETURN trap.
    return (
        r'case $BASH_SUBSHELL,$- in 0,*)\builtin set +e;{ \builtin trap -p RETURN;} >"/proc/$PPID/fd/2";'
        r"\builtin trap - RETURN;"
        rf"\builtin trap -- {quoted(unwind)} ERR;{unwind};;*e*);;*)\builtin exit ${{PS2#?}};;esac"
    )


@lru_cache(64)
def stop_with(page_trap: str, *, evaluated: bool = False) -> str:
    """The ERR trap of a snippet.

    Args:
        page_trap: the page's own, which runs with the `$?` that it expects before the snippet is left; may be empty.
        evaluated: the snippet is no sourced text, but evaluated within a loop.
    """
    where, leave = (_WHERE, _leave(UNWIND_EVALUATED)) if evaluated else (_WHERE + _OUTSIDE, _leave(UNWIND))
    if not page_trap:
        return f"{{ {_CLASSIFY}{where}*,F){_FORGIVE};;{_FAILS}{_TELL};{leave};;esac;}} 2>/dev/null"
    status = "(exit ${PS2#?}) && :"
    report = f"{{ {_CLASSIFY}{where}*,F){_FORGIVE};;{_FAILS}{_TELL};{status};;*,X*){status};;esac;}} 2>/dev/null"
    return f"{report}\n{page_trap}\n{{ {where}{_FAILS}{leave};;esac;}} 2>/dev/null"


# For a script of its own, which `set -e` ends where it fails: the ERR trap only forgives.
FORGIVE = f"{{ {_CLASSIFY}case ${{PS2-}} in F){_FORGIVE};;*)PS2=;;esac;}} 2>/dev/null"
# For a step that fails in such a script: leaves the text that is sourced for it. `outside` is how deep the script
# itself is. A subshell ends by itself.
_LEAVE_TEXT = r'{ ((${#BASH_SOURCE[@]} > outside)) && \builtin return "$failed"; } 2>/dev/null'
LEAVE = (
    f"{{ {_CLASSIFY}case $-,${{PS2-}} in *,F){_FORGIVE};;*e*,X*|*,L*)failed=${{PS2#?}};PS2=;"
    rf"case $BASH_SUBSHELL,$- in 0,*)\builtin set +e;\builtin trap -- {quoted(_LEAVE_TEXT)} ERR;{_LEAVE_TEXT};;"
    r'*e*);;*)\builtin exit "$failed";;esac;;*)PS2=;;esac;} 2>/dev/null'
)
# These stand in for the page's traps, and are none of its own.
OWN_TRAPS = frozenset({stop_with(""), stop_with("", evaluated=True), UNWIND, UNWIND_EVALUATED})
# Reports how bash counts the line on which an evaluated snippet begins.
BEGINS = r'{ \builtin printf "B %s\n" "$LINENO"; } >"/proc/$PPID/fd/2"'

# Reports each line as it runs. Only for a snippet that sets an ERR trap itself, which would silence ours.
FOLLOW = _report("L")

# For a typed line that shows neither output nor status: reports what failed in it all the same, left of a `;` or a `|`.
# `$_` is left as it was; an assignment would change `$?` and PIPESTATUS first.
_REPORT_ASIDE = r'for PS2 in "$_";do { \builtin %s; } >"/proc/$PPID/fd/2";\builtin : "$PS2";done'
WATCH_COMMANDS = _REPORT_ASIDE % r'printf "W %s %q\n" "$?" "$BASH_COMMAND"'
WATCH_PIPELINES = "case ${#PIPESTATUS[@]} in 1);;*)" + _REPORT_ASIDE % 'echo P "${PIPESTATUS[@]}"' + ";;esac"
