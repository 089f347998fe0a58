"""bash's report about a snippet, forged or not: always readable, and no failure in it is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fencepost.session.shell_report import read_ending, read_remarks
from trials.fuzzing.taking import Bytes, holds, same
from trials.fuzzing.target import ROOT, Target

REACHED = 1234
# A failure in the shell itself, as the trap reports it: kind, line, subshell, depth, lines, files, command.
_FAILURE = re.compile(rb"^E (\d{1,9}) 0 ([1-9]) (?:[!-&(-\[\]-~]+ ){2,}[!-&(-\[\]-~]+ *$", re.ASCII)


def one(data: bytes) -> None:
    """Try an ending and the remarks that belong to it."""
    taken = Bytes(data)
    ending, tail, remarks = taken.until(b"\n"), taken.until(b"\n"), taken.rest()
    alone = read_ending(ending, tail, REACHED)
    same((alone.line, alone.command, alone.traps), (0, "", {}))
    holds(0 <= alone.status <= 255, alone)
    # Only for words without quotes and backslashes, which would have to be unquoted.
    if match := re.fullmatch(rb"(0|[1-9]\d{0,2}) (\w*) ([^\n\\':]*)", ending):
        expected = (int(match[1]), match[2].decode(), match[3].decode("utf-8", "replace").split()[:1] != [str(REACHED)])
        holds(expected[0] > 255 or (alone.status, alone.flags, alone.returned_early) == expected, alone)
    elif not re.match(rb"0*\d{1,3} ", ending):
        holds(alone.status, alone)
    report = read_remarks(remarks, read_ending(ending, tail, REACHED))
    holds(0 <= report.status <= 255 and report.line >= 0, report)
    # No remark turns a failure into a success.
    holds(report.status or not alone.status, report)
    if any(_FAILURE.match(line) for line in remarks.split(b"\n")):
        holds(report.status and not report.returned_early, report)
    if not remarks:
        same(report, alone)


def seeds() -> Iterable[bytes]:
    """Yield remarks like bash's, and the sample snippets themselves as remarks."""
    yield b"0 himBHs 1234\n\n"
    yield b"1 ehimBHs 0\n\nE 7 0 1 3 /dev/stdin false \n"
    yield b"\n3 himBHs\nE 3 1 2 3 0 /dev/stdin /dev/stdin exit\\ 3 \nE 4 0 1 0 /dev/stdin \\(\\ exit\\ 3\\ \\) \n"
    yield b"0 him 1234\n\nL 3 0 1 0 /dev/stdin $'a\\nb' \nS 0 him\ntrap -- 'echo it'\\''s' ERR\ntrap -- ':' DEBUG\n"
    for path in sorted((ROOT / "tests/session/snippets").glob("*trap*.sh")):
        yield b"0 himBHs 1234\n\n" + path.read_bytes()


TARGET = Target(
    name="remarks",
    says="Any bytes give a report with a status from 0 to 255; a failure in them is a failure in the report.",
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
