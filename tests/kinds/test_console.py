"""A transcript as readers see it, and as they copy it."""

from __future__ import annotations

from fencepost.kinds.console import CONSOLE

TRANSCRIPT = """\
# First, let's look
$ for n in 1 2; do
  echo $n
done
1
...
(.v) $ cat <<EOF
> \\$ x
> EOF
\\$ x
> cited
# [a-z]+ (re)"""


def test_commands_are_copied_as_they_are_typed() -> None:
    assert CONSOLE.copied(TRANSCRIPT) == "for n in 1 2; do\n  echo $n\ndone\ncat <<EOF\n\\$ x\nEOF"
    assert CONSOLE.copied("$ echo 'a") is None


def test_marks_for_the_check_are_not_shown() -> None:
    shown = TRANSCRIPT.replace("EOF\n\\$ x\n>", "EOF\n$ x\n>").removesuffix(" (re)")
    assert CONSOLE.shown(TRANSCRIPT) == shown
    assert CONSOLE.shown("$ echo 'a\n\\b") == "$ echo 'a\n\\b"
