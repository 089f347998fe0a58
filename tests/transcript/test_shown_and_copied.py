"""A transcript as readers see it, and as they copy it."""

from __future__ import annotations

from fencepost.render.transcript import copied_transcript, shown_transcript

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


def test_what_is_copied_is_what_is_typed() -> None:
    assert copied_transcript(TRANSCRIPT) == "for n in 1 2; do\n  echo $n\ndone\ncat <<EOF\n\\$ x\nEOF"
    assert copied_transcript("$ echo 'a") is None


def test_what_only_the_check_needs_is_not_shown() -> None:
    shown = TRANSCRIPT.replace("EOF\n\\$ x\n>", "EOF\n$ x\n>").removesuffix(" (re)")
    assert shown_transcript(TRANSCRIPT) == shown
    assert shown_transcript("$ echo 'a\n\\b") == "$ echo 'a\n\\b"
