r"""The traps that are set while a snippet runs: they stop it at its first failing command, and report where that was.

A snippet of a `bash` block runs under `set -eE -o pipefail`. `set -e` alone would end the whole shell. So the ERR trap,
which bash runs just before, reports the failure, lifts `set -e` and returns from the sourced text. A subshell needs
none of this: `set -e` ends it, and the trap runs again in the parent shell.

In two cases `set -e` is lifted for one command, until the DEBUG trap `LIFT` restores it:

- A pipeline hasn't failed if SIGPIPE ended members other than the last: their reader had enough. Without this,
  `seq 1 1000000 | head -n 1` would fail by chance.
- A `.` fails if its file is missing. Under `set -e` bash would end the whole shell without running a trap; at a prompt
  the shell goes on.

PS2 is the only variable that we set while a snippet runs. It is `L` while `set -e` is lifted and `M` for one command
after that; `F` for a status that is forgiven; `X` or `L` and an exit status while a failed snippet is being left; and a
number once the snippet has reached its end.
"""

from __future__ import annotations

from functools import lru_cache


def quoted(text: str) -> str:
    """Return text in single quotes, as bash itself prints it."""
    return "'" + text.replace("'", "'\\''") + "'"


def _report(kind: str) -> str:
    # Includes bash's call stack: a snippet may source a file, whose lines aren't the page's.
    return (
        rf'{{ \builtin printf "%q " {kind} "$LINENO" "$BASH_SUBSHELL" "${{#BASH_SOURCE[@]}}"'
        r' "${BASH_LINENO[@]}" "${BASH_SOURCE[@]}" "$BASH_COMMAND"; \builtin printf "\n"; } >"/proc/$PPID/fd/2"'
    )


# Doesn't report a writer in a subshell that SIGPIPE ended: the parent shell knows whether that matters.
_REPORT_FAILURE = f"case $BASH_SUBSHELL,${{PS2-}} in [1-9]*,[XL]141);;*){_report('E')};;esac"
UNWIND = r'{ ((${#BASH_SOURCE[@]})) && \builtin return "${PS2#?}"; } 2>/dev/null'
# An evaluated snippet can't return at its top level, but it can break the loop around it.
UNWIND_EVALUATED = r'{ ((${#BASH_SOURCE[@]})) && \builtin return "${PS2#?}"; \builtin break 999; } 2>/dev/null'

# Needs `set -T` to work in functions, subshells and sourced files. The next command restores `set -e`. It is lifted for
# a `.` whose file can't be read; if the file can be read, only commands in it can fail. A name with a substitution is
# left alone, as it would be expanded twice.
LIFT = (
    r"case ${PS2-} in L)PS2=M;\builtin set -e;;M)PS2=;;esac;"
    r"case $-,$BASH_COMMAND in *[\`\(]*);;*e*,source\ *|*e*,.\ *)\builtin set +e;"
    r'if \builtin eval "\\builtin test -r ${BASH_COMMAND#* }" 2>/dev/null;then \builtin set -e;else PS2=L;fi;;esac'
)

# A number: the snippet is at its end, unless the page has set PS2 itself. M: no command has run since a pipeline was
# forgiven, so this is the same status, returned by a function.
_CLASSIFY = (
    r'case ${PS2-},$?,${PIPESTATUS[-1]},"${PIPESTATUS[*]/#141/0}" in'
    r" [0-9]*)case $BASH_COMMAND in \\builtin\ .\ /dev/stdin*)\builtin set +e;;*)PS2=X$?;;esac;;"
    r"M,141,*)PS2=F;;L,*)PS2=L$?;;"
    r"*,141,0,*[1-9]*)PS2=X$?;;*,141,0,*)PS2=F;;*)PS2=X$?;;esac;"
)
# A subshell whose last command was forgiven still ends with 141; this turns it into 0. A subshell with its own EXIT
# trap keeps that. Until a subshell sets or resets a trap itself, bash shows it those of its parent.
_END_SUBSHELL = r"case $? in 141)\builtin exit 0;;esac"
_FORGIVE = (
    r"case $BASH_SUBSHELL in 0);;*)\builtin trap - RETURN;case $(\builtin trap -p EXIT) in '')"
    rf"\builtin trap -- {quoted(_END_SUBSHELL)} EXIT;;esac;;esac;"
    rf"case $- in *e*)\builtin set +e -T;\builtin trap -- {quoted(LIFT)} DEBUG;PS2=L;;*)PS2=;;esac"
)
# Only where `set -e` is in effect: not in a command substitution, not after the page's own `set +e`. Depth 0 is outside
# the sourced snippet, where there is nothing to report.
_WHERE = r"case $-,${#BASH_SOURCE[@]},${PS2-} in "
_OUTSIDE = r"*,0,*)\builtin set +e;;"
_FAILS = "*e*,*,X*|*,L*)"


def _leave(unwind: str) -> str:
    # Once `set -e` is lifted, the trap only has to return, from each function and then from the snippet. The RETURN
    # trap is removed because a shell that `set -e` ends doesn't run it either.
    return (
        r'case $BASH_SUBSHELL,$- in 0,*)\builtin set +e;{ \builtin trap -p RETURN;} >"/proc/$PPID/fd/2";'
        r"\builtin trap - RETURN;"
        rf"\builtin trap -- {quoted(unwind)} ERR;{unwind};;*e*);;*)\builtin exit ${{PS2#?}};;esac"
    )


@lru_cache(64)
def stop_with(page_trap: str, *, evaluated: bool = False) -> str:
    """Return the ERR trap for a snippet.

    Args:
        page_trap: the page's own ERR trap, or empty. It runs before the snippet is left, with the `$?` that it expects.
        evaluated: the snippet is evaluated in a loop, not sourced.
    """
    where, leave = (_WHERE, _leave(UNWIND_EVALUATED)) if evaluated else (_WHERE + _OUTSIDE, _leave(UNWIND))
    if not page_trap:
        return f"{{ {_CLASSIFY}{where}*,F){_FORGIVE};;{_FAILS}{_REPORT_FAILURE};{leave};;esac;}} 2>/dev/null"
    status = "(exit ${PS2#?}) && :"
    report = (
        f"{{ {_CLASSIFY}{where}*,F){_FORGIVE};;{_FAILS}{_REPORT_FAILURE};{status};;*,X*){status};;esac;}} 2>/dev/null"
    )
    return f"{report}\n{page_trap}\n{{ {where}{_FAILS}{leave};;esac;}} 2>/dev/null"


# For the script of all steps, which `set -e` ends at a failure: this ERR trap only forgives.
FORGIVE = f"{{ {_CLASSIFY}case ${{PS2-}} in F){_FORGIVE};;*)PS2=;;esac;}} 2>/dev/null"
# For a failing step in such a script: leaves the text that is sourced for the step. `outside` is the script's own
# depth. A subshell ends by itself.
_LEAVE_TEXT = r'{ ((${#BASH_SOURCE[@]} > outside)) && \builtin return "$failed"; } 2>/dev/null'
LEAVE = (
    f"{{ {_CLASSIFY}case $-,${{PS2-}} in *,F){_FORGIVE};;*e*,X*|*,L*)failed=${{PS2#?}};PS2=;"
    rf"case $BASH_SUBSHELL,$- in 0,*)\builtin set +e;\builtin trap -- {quoted(_LEAVE_TEXT)} ERR;{_LEAVE_TEXT};;"
    r'*e*);;*)\builtin exit "$failed";;esac;;*)PS2=;;esac;} 2>/dev/null'
)
# ERR traps that are ours and not the page's.
OWN_TRAPS = frozenset({stop_with(""), stop_with("", evaluated=True), UNWIND, UNWIND_EVALUATED})
# Reports the number that bash gives to the first line of an evaluated snippet.
BEGINS = r'{ \builtin printf "B %s\n" "$LINENO"; } >"/proc/$PPID/fd/2"'

# Reports each line as it runs. Only for a snippet that sets an ERR trap itself, which replaces ours.
FOLLOW = _report("L")

# For a typed line that shows neither output nor status: reports what failed in it, left of a `;` or a `|`. It keeps
# `$_`, in a loop because an assignment would change `$?` and PIPESTATUS. A `set -x` shows nothing of it.
_REPORT_ASIDE = r'for PS2 in "$_";do { \builtin %s; } >"/proc/$PPID/fd/2";\builtin : "$PS2";done'
WATCH_COMMANDS = f"{{ {_REPORT_ASIDE} ;}} 2>/dev/null" % r'printf "W %s %q\n" "$?" "$BASH_COMMAND"'
_FAILED_MEMBERS = _REPORT_ASIDE % 'echo P "${PIPESTATUS[@]}"'
WATCH_PIPELINES = f"{{ case ${{#PIPESTATUS[@]}} in 1);;*){_FAILED_MEMBERS};;esac;}} 2>/dev/null"
