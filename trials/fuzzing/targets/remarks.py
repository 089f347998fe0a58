"""What bash tells of a snippet, forged or not: a report, whatever it says, and never a failure that is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fencepost.session.shell_report import read_ending, read_remarks
from trials.fuzzing.taking import Bytes, holds, same
from trials.fuzzing.target import ROOT, Target

REACHED = 1234
# A failure in the shell itself, as the trap tells it: kind, line, subshell, depth, lines, files, command.
_FAILURE = re.compile(rb"^E (\d{1,9}) 0 ([1-9]) (?:[!-&(-\[\]-~]+ ){2,}[!-&(-\[\]-~]+ *$", re.ASCII)


def one(data: bytes) -> None:
    """An ending, and the remarks to it."""
    given = Bytes(data)
    told, tail, remarks = given.until(b"\n"), given.until(b"\n"), given.rest()
    alone = read_ending(told, tail, REACHED)
    same((alone.line, alone.command, alone.traps), (0, "", {}))
    holds(0 <= alone.status <= 255, alone)
    # Words with quotes and backslashes say something else than they show.
    if match := re.fullmatch(rb"(0|[1-9]\d{0,2}) (\w*) ([^\n\\':]*)", told):
        expected = (int(match[1]), match[2].decode(), match[3].decode("utf-8", "replace").split()[:1] != [str(REACHED)])
        holds(expected[0] > 255 or (alone.status, alone.flags, alone.returned_early) == expected, alone)
    elif not re.match(rb"0*\d{1,3} ", told):
        holds(alone.status, alone)
    report = read_remarks(remarks, read_ending(told, tail, REACHED))
    holds(0 <= report.status <= 255 and report.line >= 0, report)
    # Nothing that is told there makes a failure a success.
    holds(report.status or not alone.status, report)
    if any(_FAILURE.match(line) for line in remarks.split(b"\n")):
        holds(report.status and not report.returned_early, report)
    if not remarks:
        same(report, alone)


def seeds() -> Iterable[bytes]:
    """Remarks such as bash makes, and the sample snippets themselves as remarks."""
    yield b"0 himBHs 1234\n\n"
    yield b"1 ehimBHs 0\n\nE 7 0 1 3 /dev/stdin false \n"
    yield b"\n3 himBHs\nE 3 1 2 3 0 /dev/stdin /dev/stdin exit\\ 3 \nE 4 0 1 0 /dev/stdin \\(\\ exit\\ 3\\ \\) \n"
    yield b"0 him 1234\n\nL 3 0 1 0 /dev/stdin $'a\\nb' \nS 0 him\ntrap -- 'echo it'\\''s' ERR\ntrap -- ':' DEBUG\n"
    for path in sorted((ROOT / "tests/session/snippets").glob("*trap*.sh")):
        yield b"0 himBHs 1234\n\n" + path.read_bytes()


TARGET = Target(
    name="remarks",
    says="Any bytes make a report with a status from 0 to 255; one failure told is a failure reported.",
    share=17,
    code=("session/shell_report.py",),
    words=(
        b"E 3 0 1 0 /dev/stdin x",
        b"L ",
        b"\nS 0 him",
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
