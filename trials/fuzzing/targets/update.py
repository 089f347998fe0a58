"""`--update` of transcripts that are made of known commands."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable

from fencepost.transcript.match import first_bad_pattern
from fencepost.transcript.parse import BASH, Command, parse_transcript
from fencepost.transcript.regular import TooLongError
from fencepost.transcript.update import TooMuchError, first_lost_command, updated
from trials.fuzzing.taking import Bytes, holds, same, text
from trials.fuzzing.target import Target

# Complete commands.
COMMANDS = (
    "true",
    "echo 'a\nb'",
    "for i in 1; do\n  echo\ndone",
    "cat <<E\n\n> a\n E\nE",
    "echo a \\\n  b",
    "echo a \\\n  'b\n\n> c'",
    "",
    "true |\ncat",
    "echo \\# # a",
    "[[ a ]] &&\n\n  true",
    "echo ${x}[{(' '",
)
PROMPTS = (
    "$ ",
    "# ",
    "(v) $ ",
    "(v) # ",
    "u@h:~$ ",
    "r@h:/# ",
    "[u@h ~]$ ",
    "% ",
    ">>> ",
    "In [1]: ",
    "mysql> ",
    "sh-5.2# ",
)
_MOST_COMMANDS = 4
_DOLLAR = re.compile(r"(?:\([^\s()]+\) )*\$(?: |\Z)")
_HASH = re.compile(r"(?:\([^\s()]+\) )*#(?: |\Z)")


def one(data: bytes) -> None:
    """Try commands, the lines shown under each, and the output of each."""
    taken = Bytes(data)
    root = taken.number(2)
    rows = [] if root else ["# it's a comment", ""][: taken.number(3)]
    sources: list[str] = []
    typed: list[str] = []
    outputs: list[str] = []
    for _ in range(1 + taken.number(_MOST_COMMANDS)):
        source, prompt = COMMANDS[taken.number(len(COMMANDS))], PROMPTS[root + 2 * taken.number(2)]
        first, *further = source.split("\n")
        signed = taken.number(2) or (further and f"{further[0]} ".startswith("> "))
        lines = [prompt + first, *(f"> {line}" if signed else line for line in further)]
        # A line that begins with one of this transcript's prompts would be a command.
        below = [
            f"x{line}" if _DOLLAR.match(line) or (root and _HASH.match(line)) else line
            for line in text(taken.until(b"\x1c")).split("\n")
        ]
        outputs.append(text(taken.until(b"\x1c")))
        sources.append(source)
        typed += lines
        rows += [*lines, *below]
    before = "\n".join(rows)
    commands = parse_transcript(before)
    same([command.source for command in commands], sources)
    if any(first_bad_pattern(command.expected) for command in commands):
        return
    changes = []
    with contextlib.suppress(TooLongError, TooMuchError):
        for command, output in zip(commands, outputs, strict=True):
            if command.expected and (lines := updated(command.expected, output)) != list(command.expected):
                changes.append((command, lines))
        if changes and not first_lost_command(before, changes, BASH):
            changed(before, changes, sources, typed)


def changed(before: str, changes: list[tuple[Command, list[str]]], sources: list[str], typed: list[str]) -> None:
    """Check that all commands, and all lines that could be commands, are still there."""
    now = before.split("\n")
    for command, lines in reversed(changes):
        now[command.expected_offset : command.expected_offset + len(command.expected)] = lines
    after = "\n".join(now)
    same([command.source for command in parse_transcript(after)], sources)
    maybe = [row for row in before.split("\n") if row.startswith(PROMPTS) and not row.endswith((" (re)", " (glob)"))]
    for kept in (typed, maybe):
        there = iter(now)
        holds(all(any(row == line for line in there) for row in kept), kept, after)


def seeds() -> Iterable[bytes]:
    """Yield outputs with prompts in them, and shown lines with prompts."""
    for number in range(len(COMMANDS)):
        yield (
            bytes([number % 2, 1, 2, number, 0, 1])
            + b"a\n# x\n> b\x1ca\n> b\x1c"
            + bytes([number, 1, 0])
            + b"old\x1cnew"
        )
    for prompt in PROMPTS:
        yield (
            b"\x00\x00\x01\x00\x00\x00"
            + b"a\n"
            + prompt.encode()
            + b"x\nb\x1ca\x1c\x02\x00\x00old\x1c"
            + prompt.encode()
            + b"y"
        )


TARGET = Target(
    name="update",
    says="After `--update` a transcript made of known commands still has the same commands, and all lines that begin"
    " with any prompt.",
    code=("transcript", "bash"),
    words=tuple(prompt.encode() for prompt in PROMPTS)
    + (b"\x1c", b"> ", b"...", b"\n...\n", b" (re)", b" (glob)", b"\\", b"\n", b"[1]", b"\t", b"\r", b"\x00"),
    seeds=seeds,
    one=one,
    longest=300,
)
