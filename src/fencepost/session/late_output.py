"""Waits for output that comes late because it goes through another program, as after `exec > >(tee log)`."""

from __future__ import annotations

import re

_SENDS_OUTPUT_ELSEWHERE = re.compile(r">\(|\bexec\b.*>\s*\(")

# Waits until the programs that read the shell's output have read all of it and sleep again, for some seconds at most.
# It looks twice, as a program that was just woken may not run yet. In a subshell `$$` is the shell. The reader of a
# single command, as in `make > >(tee log)`, is a child of the shell for which bash doesn't wait either. A child that is
# still bash hasn't opened its own standard input yet, and a reader that is a bash may have children itself.
WAIT = r"""(
busy() {
  \builtin local out reader number state
  for out in "/proc/$1/fd/1" "/proc/$1/fd/2"; do
    [[ -p $out && ! $out -ef /proc/$PPID/fd/1 ]] || \builtin continue
    \builtin read -r -t 0 <"$out" && \builtin return 0
    for reader in /proc/[0-9]*/fd/0; do
      [[ $reader -ef $out ]] || \builtin continue
      number=${reader#/proc/} number=${number%%/*}
      \builtin read -r state <"/proc/$number/stat"
      [[ ${state##*) } == S* ]] || \builtin return 0
      (($2 >= 4)) || ! busy "$number" $(($2 + 1)) || \builtin return 0
    done
  done
  \builtin return 1
} 2>/dev/null
awake() {
  \builtin local child children state
  \builtin read -r children <"/proc/$1/task/$1/children"
  for child in $children; do
    [[ $child != "$BASHPID" ]] || \builtin continue
    if (($2 == 0)) && ! [[ /proc/$child/exe -ef /proc/$$/exe ]]; then
      [[ -p /proc/$child/fd/0 && ! /proc/$child/fd/0 -ef /proc/$$/fd/0 ]] || \builtin continue
    fi
    \builtin read -r state <"/proc/$child/stat"
    [[ ${state##*) } == [SZT]* ]] || \builtin return 0
    if (($2 < 4)) && [[ -p /proc/$child/fd/0 ]]; then
      busy "$child" 1 && \builtin return 0
      awake "$child" $(($2 + 1)) && \builtin return 0
    fi
  done
  \builtin return 1
} 2>/dev/null
idle=0
for ((tries = 0; tries < 300 && idle < 2; tries++)); do
  if busy $$ 0 || awake $$ 0; then idle=0; else ((++idle)); fi
  \builtin command -p sleep 0.01
done
)"""


def may_come_late(source: str) -> bool:
    """Return whether a snippet may send output through another program."""
    return bool(_SENDS_OUTPUT_ELSEWHERE.search(source))
