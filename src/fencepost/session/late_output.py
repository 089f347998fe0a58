"""Output that comes late because a page sends it through another program, as with `exec > >(tee log)`."""

from __future__ import annotations

import re

_SENDS_OUTPUT_ELSEWHERE = re.compile(r">\(|\bexec\b.*>\s*\(")

# Waits until the programs that read what the shell writes have read all of it and sleep again, or for some seconds. It
# looks twice: a program that has just been woken may not have begun to run. In a subshell `$$` is the shell. The reader
# of a single command, as in `make > >(tee log)`, is a child of the shell, for which bash doesn't wait either.
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
any_busy() {
  \builtin local child children state
  busy $$ 0 && \builtin return 0
  \builtin read -r children <"/proc/$$/task/$$/children"
  for child in $children; do
    [[ $child != "$BASHPID" && -p /proc/$child/fd/0 && ! /proc/$child/fd/0 -ef /proc/$$/fd/0 ]] || \builtin continue
    \builtin read -r state <"/proc/$child/stat"
    [[ ${state##*) } == [SZ]* ]] || \builtin return 0
    ! busy "$child" 1 || \builtin return 0
  done
  \builtin return 1
} 2>/dev/null
idle=0
for ((tries = 0; tries < 300 && idle < 2; tries++)); do
  if any_busy; then idle=0; else ((++idle)); fi
  \builtin command -p sleep 0.01
done
)"""


def may_come_late(source: str) -> bool:
    """Whether a snippet may send output through another program."""
    return bool(_SENDS_OUTPUT_ELSEWHERE.search(source))
