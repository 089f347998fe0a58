"""A console transcript and an output: parsed, compared, shown as a difference, updated."""

from __future__ import annotations

import contextlib
import fnmatch
import re
from collections.abc import Iterable, Sequence
from functools import cache

from fencepost.columns import tabs_as_spaces
from fencepost.kinds.console import CONSOLE
from fencepost.transcript.difference import Part, difference
from fencepost.transcript.hints import hints
from fencepost.transcript.match import first_bad_pattern, first_difference, matches, ways_to_read
from fencepost.transcript.notices import notices_on_page
from fencepost.transcript.parse import BASH, Command, TranscriptProblem, parse_transcript
from fencepost.transcript.regular import TooLongError
from fencepost.transcript.update import TooMuchError, updated
from trials.fuzzing.taking import Bytes, holds, same, text
from trials.fuzzing.target import ROOT, Target

# The slow matcher tries every way.
_MOST = 12


def one(data: bytes) -> None:
    """Try the text of a fence, and an output for the first of its commands that shows one."""
    taken = Bytes(data)
    check = CHECKS[taken.number(len(CHECKS))]
    source, output = text(taken.until(b"\x1c")), text(taken.rest())
    try:
        commands = parse_transcript(source)
    except TranscriptProblem as problem:
        holds(0 <= problem.offset <= source.count("\n"), problem)
        same((CONSOLE.shown(source), CONSOLE.copied(source)), (source, None))
        return
    prompt = taken_apart(source, commands)
    expected = next((command.expected for command in commands if command.expected), ())
    if expected and first_bad_pattern(expected) is None:
        wanted = list(expected)
        while wanted and not wanted[-1].strip():
            wanted.pop()
        with contextlib.suppress(TooLongError, TooMuchError):
            check(wanted, output, prompt)


def taken_apart(source: str, commands: Sequence[Command]) -> str:
    """Check that each line belongs to one command, is blank, or is a comment at the top; return the prompt."""
    lines = source.split("\n")
    while not lines[-1].strip():
        lines.pop()
    same(CONSOLE.shown(source).count("\n"), source.count("\n"))
    at = commands[0].offset
    sign = BASH.of(lines[at]).rstrip()[-1:]
    holds(all(not line.strip() or (sign == "$" and line.startswith("#")) for line in lines[:at]), at)
    for command in commands:
        same(command.offset, at)
        first, *further = command.source.split("\n")
        holds(re.fullmatch(rf"(\([^\s()]+\) )*[{sign}]( .*)?", lines[at], re.DOTALL), lines[at])
        same(lines[at][len(BASH.of(lines[at])) :], first)
        signed = bool(further) and f"{lines[at + 1]} ".startswith("> ")
        for typed in further:
            at += 1
            same(lines[at][2:] if signed and f"{lines[at]} ".startswith("> ") else lines[at], typed)
        at = command.expected_offset
        same(tuple(lines[at : at + len(command.expected)]), command.expected)
        at += len(command.expected)
        if at < len(lines) and (status := re.fullmatch(r"\[(\d{1,3})\]", lines[at])):
            same(command.status, int(status[1]))
            at += 1
        else:
            same(command.status, 0)
        while at < len(lines) and not lines[at].strip():
            at += 1
    same(at, len(lines))
    return sign


def compared(expected: Sequence[str], output: str, _prompt: str) -> None:
    """Check that the matcher agrees with a slow one, and finds where an output begins to differ."""
    notices = notices_on_page(expected)
    wanted = [line for index, line in enumerate(expected) if index not in notices]
    while wanted and not wanted[-1].strip():
        wanted.pop()
    ways = list(ways_to_read(output))
    fits, at = matches(expected, output), first_difference(expected, output)
    if len(expected) <= _MOST and len(ways[0]) <= _MOST:
        same(fits, any(slowly(wanted, lines) for lines in ways))
        if not notices:
            beginnings = [[*expected[:count], "..."] for count in range(len(expected) + 1)]
            same(at, max(n for n, some in enumerate(beginnings) for lines in ways if slowly(some, lines)))
    holds(at == len(expected) if fits else 0 <= at <= len(expected), at)


def told_apart(expected: Sequence[str], output: str, _prompt: str) -> None:
    """Check that a difference has all lines of the output, and that only different lines have a sign."""
    parts = difference(expected, output)
    holds([line for part, line in parts if part is not Part.MISSING] in list(ways_to_read(output)), parts)
    same(all(part is Part.FITS for part, _ in parts), matches(expected, output))
    holds(all("\n" not in hint for hint in hints("\n".join(expected), output, 1)), expected)


def brought_up_to_date(expected: Sequence[str], output: str, prompt: str) -> None:
    """Check that an update matches, is stable and is parsed back, and that what matched is left alone."""
    now = updated(expected, output)
    holds(matches(now, output), now, output)
    same(updated(now, output), now)
    holds(now == list(expected) or not matches(expected, output), now)
    holds(first_bad_pattern(now) is None, now)
    command, _ = parse_transcript("\n".join([f"{prompt} first", *now, "[3]", f"{prompt} second"]))
    same((list(command.expected), command.status), (now, 3))


CHECKS = (compared, told_apart, brought_up_to_date)


def slowly(expected: Sequence[str], lines: Sequence[str]) -> bool:
    """Return whether lines match as the guide says: each `...` tries every length."""

    @cache
    def fit(at: int, line: int) -> bool:
        if at == len(expected):
            return line == len(lines)
        if expected[at].strip() == "...":
            return any(fit(at + 1, further) for further in range(line, len(lines) + 1))
        return line < len(lines) and one_fits(expected[at], lines[line]) and fit(at + 1, line + 1)

    return fit(0, 0)


def one_fits(wanted: str, line: str) -> bool:
    """Return whether one line matches."""
    wanted = tabs_as_spaces(wanted).rstrip() if not wanted.startswith("\\") else wanted
    if wanted.startswith("\\"):
        return tabs_as_spaces(wanted[1:]).rstrip() == line
    if wanted.endswith(" (re)"):
        return bool(re.fullmatch(wanted[:-5], line))
    if wanted.endswith(" (glob)"):
        return bool(re.fullmatch(fnmatch.translate(wanted[:-7]), line))
    return bool(re.fullmatch(".*".join(map(re.escape, wanted.split("..."))), line, re.DOTALL))


def seeds() -> Iterable[bytes]:
    """Yield the console fences of the site's own pages, with what they show as the output."""
    for path in sorted((ROOT / "docs").rglob("*.md")):
        for number, fence in enumerate(
            re.findall(r"^```console[^\n]*\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
        ):
            shown = "\n".join(line for line in fence.split("\n") if not line.startswith(("$ ", "# ", "> ")))
            yield f"{chr(number % 3)}{fence}\x1c{shown}".encode()
            yield f"{chr(number % 3)}{fence}\x1c{shown[: len(shown) // 2]}\nmore\n".encode()
    for number in range(3):
        yield (
            bytes([number]) + b"$ a\na...b\n...\n[ab]+ (re)\n?.[a-b] (glob)\n\\...\n[1]\n\x1caxb\n1\n2\nab\na.b\n...\n"
        )


TARGET = Target(
    name="transcript",
    says="No line of a transcript is lost; the matcher agrees with one that tries every way; what `--update` writes"
    " matches, is stable, and is parsed back.",
    code=("transcript", "bash", "terminal.py", "screen.py", "columns.py", "kinds/console.py"),
    words=(
        b"...",
        b"\n...\n",
        b" (re)",
        b" (glob)",
        b"\\",
        b"$ ",
        b"# ",
        b"> ",
        b"\n[1]",
        b"\x1c",
        b".*",
        b"(a|b)",
        b"[",
        b"\t",
        b"\r",
    )
    + (b"\x1b[1m", b"\x1b[K", b"\x1b[2D", b"\x1b[A", b"\x1b]0;", b"{2,}"),
    seeds=seeds,
    one=one,
    longest=300,
)
