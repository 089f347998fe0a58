"""Where a shell command ends: the same with more lines after it, and the same as a real bash says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from zlib import crc32

from fencepost.bash.completeness import _SIMPLE, _read, first_command, open_at_the_end
from tests.bash.real_bash import is_recent, lines_without_running
from trials.fuzzing.taking import Bytes, holds, same, text
from trials.fuzzing.target import ROOT, Target

# Only one input in this many is also given to bash, which takes a hundred times as long. bash only reads it.
_SHOWN = 200
_MOST_LINES = 8
_HAS_BASH = is_recent()


def one(data: bytes) -> None:
    """Try a command, and lines below it."""
    taken = Bytes(data)
    shown = crc32(data) % _SHOWN == 0
    source, below = text(taken.until(b"\x1c")), text(taken.rest())
    lines = source.split("\n")
    reading = first_command(lines)
    holds(1 <= reading.lines <= len(lines), reading)
    holds(not reading.open or (reading.lines == len(lines) and 0 <= reading.open.line < len(lines)), reading)
    holds(not (reading.open and reading.refused), reading)
    alone = _read(lines, 0)
    if _SIMPLE.match(lines[0]):
        same((alone.lines, alone.open, alone.refused), (1, None, False))
    if reading == alone:
        # Every shorter part is incomplete, and lines after a complete command don't change where it ends.
        for count in range(1, min(alone.lines, _MOST_LINES)):
            holds(_read(lines[:count], 0).open, lines[:count])
        if not alone.open:
            same(_read([*lines[: alone.lines], *below.split("\n")], 0), alone)
    unclosed = open_at_the_end(source)
    holds(unclosed is None or 0 <= unclosed.line < len(lines), unclosed)
    if shown and _HAS_BASH and "\0" not in source and len(lines) <= _MOST_LINES and not _DIFFERS.search(source):
        by_bash = lines_without_running(lines)
        holds(isinstance(by_bash, str) or by_bash == (None if alone.open else alone.lines), by_bash, alone)


# Where versions of bash differ, where bash uses bytes for itself, or where `bash -n` reads differently from a prompt.
_DIFFERS = re.compile(r"[<>$]\(\s*time|\\\\(?:\n|\Z)|\(\([^\n]*[<>]\(|[^\n\t -~]|\$\{[ |(]")


def seeds() -> Iterable[bytes]:
    """Yield the harmless commands of the tests, and the fences of the site's own pages."""
    commands = (ROOT / "tests" / "bash" / "commands" / "harmless.txt").read_bytes().split(b"\n----\n")
    for command in commands:
        yield command + b"\x1cecho printed"
    for path in sorted((ROOT / "docs").rglob("*.md")):
        yield from re.findall(rb"^```(?:bash|console)[^\n]*\n(.*?)^```", path.read_bytes(), re.DOTALL | re.MULTILINE)


_KEYWORDS = b"if then elif else fi for while until select do done case in esac function f() ! time coproc declare"
_SIGNS = rb"""[[ ]] (( )) $(( $( ${ ` $' $" <<E <<-E <<'E' <<< <( a=( a[ && || | |& { } ;; @( # 2>&1 {fd}> =~ ' " E"""
_WORDS = (
    *(word + b" " for word in _KEYWORDS.split()),
    *_SIGNS.split(),
    *(b"\n", b"\nE\n", b"\\\n", b"; ", b"$(cat <<E\n"),
)

TARGET = Target(
    name="completeness",
    says="A command ends in the same line whatever follows it, and where `bash -n` says so; no input takes long.",
    code=("bash",),
    words=_WORDS,
    seeds=seeds,
    one=one,
    longest=200,
)
