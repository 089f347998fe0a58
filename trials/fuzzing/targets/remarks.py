"""What bash tells of a snippet, forged or not: a report, whatever it says, and never a failure that is lost."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from fencepost.session.shell_report import read_ending, read_remarks
from trials.fuzzing.taking import Bytes, holds, same
from trials.fuzzing.target import ROOT, Target

# A failure in the shell itself, as the trap tells it: kind, line, subshell, depth, lines, files, command.
_FAILURE = re.compile(rb"^E (\d{1,9}) 0 ([1-9]) (?:[!-&(-\[\]-~]+ ){2,}[!-&(-\[\]-~]+ *$", re.ASCII)


def one(data: bytes) -> None:
    """An ending, and the remarks to it."""
    given = Bytes(data)
    tail, remarks = given.until(b"\n"), given.rest()
    alone = read_ending(tail)
    same((alone.line, alone.command, alone.traps), (0, "", {}))
    holds(0 <= alone.status <= 255, alone)
    if told := re.fullmatch(rb"(0|[1-9]\d{0,2}) ([^\n]*) (\w*)", tail):
        expected = (int(told[1]), told[2] != b"0", told[3].decode())
        holds(expected[0] > 255 or (alone.status, alone.returned_early, alone.flags) == expected, alone)
    report = read_remarks(remarks, read_ending(tail))
    holds(0 <= report.status <= 255 and report.line >= 0, report)
    ahead = itertools.takewhile(lambda line: not line.startswith(b"S "), remarks.split(b"\n"))
    if any(_FAILURE.match(line) for line in ahead):
        holds(report.status and not report.returned_early, report)
    if not remarks:
        same(report, alone)


def seeds() -> Iterable[bytes]:
    """Remarks such as bash makes, and the sample snippets themselves as remarks."""
    yield b"0 0 himBHs\n"
    yield b"1 0 ehimBHs\nE 7 0 1 3 /dev/stdin false \n"
    yield b"\nE 3 1 2 3 0 /dev/stdin /dev/stdin exit\\ 3 \nE 4 0 1 0 /dev/stdin \\(\\ exit\\ 3\\ \\) \n"
    yield b"\nL 3 0 1 0 /dev/stdin $'a\\nb' \nS 0 0 himBHs\ntrap -- 'echo it'\\''s' ERR\ntrap -- ':' DEBUG\n"
    for path in sorted((ROOT / "tests/session/snippets").glob("*trap*.sh")):
        yield b"0 0 himBHs\n" + path.read_bytes()


TARGET = Target(
    name="remarks",
    says="Any bytes make a report with a status from 0 to 255; one failure told is a failure reported.",
    share=17,
    code=("session/shell_report.py",),
    words=(
        b"E 3 0 1 0 /dev/stdin x",
        b"L ",
        b"\nS 0 0 him",
        b"trap -- ",
        b"$'",
        b"\\",
        b"/dev/stdin",
        b" ERR",
        b" DEBUG",
    )
    + ("²".encode(), "٣".encode()),
    seeds=seeds,
    one=one,
)
