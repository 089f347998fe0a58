"""What bash tells of a snippet, read back; and what others tell in its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fencepost.session.shell_report import read_ending, read_remarks

BITS = [
    "E ",
    "L ",
    "S ",
    "0 ",
    "1 ",
    "7 ",
    "² ",
    "9" * 5000 + " ",
    "/dev/stdin ",
    "false ",
    "\n",
    "$'a\\nb' ",
    "trap -- '",
    "' ERR",
]
told = some.lists(some.sampled_from(BITS) | some.text(max_size=4), max_size=20).map("".join)


@given(some.binary(max_size=60), told)
def test_anything_makes_a_report(tail: bytes, remarks: str) -> None:
    for report in (read_ending(tail), read_remarks(remarks.encode("utf-8", "replace"), read_ending(tail))):
        assert 0 <= report.status <= 255
        assert report.line >= 0


@given(told)
def test_one_failure_told_is_a_failure_whatever_else_is_told(remarks: str) -> None:
    failure = "E 7 0 1 3 /dev/stdin false \n"
    ahead = "\n".join(line for line in remarks.split("\n") if not line.startswith("S "))
    for text in (f"{failure}{remarks}", f"{ahead}\n{failure}"):
        report = read_remarks(text.encode("utf-8", "replace"), read_ending(b"0 0 himBHs"))
        assert report.status
        assert not report.returned_early


@pytest.mark.parametrize(
    "tail", [b"", b"0", b"0 0", b"256 0 himBHs", b"-1 0 h", "² 0 h".encode(), b"9" * 5000 + b" 0 h"]
)
def test_what_tells_no_ending_is_no_success(tail: bytes) -> None:
    report = read_ending(tail)
    assert report.status or report.returned_early


def test_remarks_that_were_lost_are_no_success() -> None:
    assert read_remarks(b"trap -- ':' DEBUG\n", read_ending(b"")).returned_early
    assert not read_remarks(b"S 0 0 himBHs\ntrap -- ':' DEBUG\n", read_ending(b"")).returned_early
