"""bash's report on a snippet, read back; and forged reports."""

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


REACHED = 1234


@given(some.binary(max_size=60), some.binary(max_size=60), told)
def test_any_bytes_make_a_report(behind_mark: bytes, at_the_end: bytes, remarks: str) -> None:
    ending = read_ending(behind_mark, at_the_end, REACHED)
    for report in (ending, read_remarks(remarks.encode("utf-8", "replace"), ending)):
        assert 0 <= report.status <= 255
        assert report.line >= 0


@given(told)
def test_one_reported_failure_is_a_failure(remarks: str) -> None:
    failure = "E 7 0 1 3 /dev/stdin false \n"
    for text in (f"{failure}{remarks}", f"{remarks}\n{failure}"):
        report = read_remarks(text.encode("utf-8", "replace"), read_ending(b"0 himBHs 1234", b"", REACHED))
        assert report.status
        assert not report.returned_early


@given(some.binary(max_size=60), told)
def test_no_remark_makes_a_failure_a_success(at_the_end: bytes, remarks: str) -> None:
    failed = read_ending(b"3 himBHs 0", at_the_end, REACHED)
    assert read_remarks(remarks.encode("utf-8", "replace"), failed).status


@pytest.mark.parametrize(
    "told", [b"", b"0", b"0 himBHs", b"256 himBHs 1234", b"-1 h 1234", "² h 1234".encode(), b"9" * 5000 + b" h 1234"]
)
@pytest.mark.parametrize("at_the_end", [b"", b"0 himBHs"])
def test_a_report_without_an_ending_is_no_success(told: bytes, at_the_end: bytes) -> None:
    assert read_ending(told, at_the_end, REACHED).status


def test_a_snippet_without_an_end_mark_left_early() -> None:
    assert not read_ending(b"0 himBHs 1234", b"", REACHED).returned_early
    assert read_ending(b"0 himBHs 0", b"", REACHED).returned_early


def test_remarks_give_flags_and_traps_but_no_status() -> None:
    lost = read_ending(b"", b"", REACHED)
    report = read_remarks(b"S 0 himBHs\ntrap -- ':' DEBUG\n", lost)
    assert (report.status, report.flags, report.traps) == (1, "himBHs", {"DEBUG": ":"})


def test_unusual_quoting_is_read_all_the_same() -> None:
    forged = rb"E 3 0 1 0 /dev/stdin $'\8\9\101\q' "
    assert read_remarks(forged).command == "89Aq"


def test_a_forged_start_makes_no_negative_line() -> None:
    assert read_remarks(b"B 9\nE 3 0 1 0 /dev/stdin false \n", line=1).line == 0
