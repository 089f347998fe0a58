"""A connection's bytes are read the same in whatever pieces they arrive."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fencepost.errors import EngineError
from fencepost.session.outcome import Ending
from fencepost.session.shell_report import read_ending
from fencepost.session.supervisor import Supervised
from tests.session.packets import connection, cut

MARK = b"0123456789abcdef "
LIMIT = 200
# A snippet may print parts of a mark, and marks of other steps.
BITS = [
    MARK[:-1],
    MARK[:8],
    b"0123",
    b"fedcba9876543210 0 0 himBHs\n",
    b"\n",
    b" ended 0\n",
    b"\x00",
    b"\xff\xfe",
    b"text",
]
outputs = some.lists(some.sampled_from(BITS) | some.binary(max_size=8), max_size=8).map(b"".join)
outputs = outputs.filter(lambda output: MARK not in output + MARK[:-1])
sizes = some.lists(some.integers(1, 30), min_size=1, max_size=5)
# PS2 may be the page's own.
endings = some.tuples(
    some.integers(0, 255), some.sampled_from(["0", "1", "a b", "y" * 90]), some.sampled_from(["himBHs", "ehxvB", ""])
)


def spelt(ending: tuple[int, str, str]) -> bytes:
    status, reached, flags = ending
    return f"{status} {flags} {reached}".encode()


@given(some.lists(some.tuples(outputs, endings), min_size=1, max_size=3), sizes)
def test_output_comes_back_to_the_byte_and_the_ending_with_it(
    expected: list[tuple[bytes, tuple[int, str, str]]], sizes: list[int]
) -> None:
    stream = b"".join(output + MARK + spelt(ending) + b"\n" for output, ending in expected)
    with connection(cut(stream, sizes)) as pipe:
        process = Supervised(pipe, "bash")
        for output, (status, reached, flags) in expected:
            ending, reading = process.read_until(MARK, 20, LIMIT)
            assert (ending, reading.output) == (Ending.DONE, output)
            report = read_ending(reading.tail, b"", 0)
            assert (report.status, report.returned_early, report.flags) == (status, reached != "0", flags)


@given(outputs, some.integers(0, 255), outputs, sizes)
def test_the_end_of_a_session_comes_ahead_of_all_that_follows(
    output: bytes, status: int, more: bytes, sizes: list[int]
) -> None:
    with connection([]) as unused:
        token = Supervised(unused, "bash").token
    stream = output + f"{token} ended {status}\n".encode() + more + MARK + b"0 0 himBHs\n"
    with connection(cut(stream, sizes)) as pipe:
        process = Supervised(pipe, "bash")
        process.token = token
        ending, reading = process.read_until(MARK, 20, LIMIT)
        assert (ending, reading.output, int(reading.tail)) == (Ending.SESSION_ENDED, output, status)
        assert not process.alive


@given(outputs, sizes)
def test_a_connection_that_ends_gives_all_that_came(output: bytes, sizes: list[int]) -> None:
    with connection(cut(output, sizes)) as pipe:
        ending, reading = Supervised(pipe, "bash").read_until(MARK, 20, LIMIT)
        assert (ending, reading.output, reading.closed) == (Ending.LOST, output, True)


@given(some.integers(0, 100), sizes)
def test_a_flood_is_one_in_any_pieces(more: int, sizes: list[int]) -> None:
    flood = b"x" * (LIMIT + 1 + more)
    with connection(cut(flood + MARK + b"0 0 himBHs\n", sizes)) as pipe:
        ending, reading = Supervised(pipe, "bash").read_until(MARK, 20, LIMIT)
        assert (ending, reading.output) == (Ending.FLOODED, flood[:LIMIT])


@given(some.binary(max_size=40), some.binary(max_size=20), sizes)
def test_remarks_come_back_to_the_byte(remarks: bytes, more: bytes, sizes: list[int]) -> None:
    mark = b"89abcdef01234567\n"
    with connection([], cut(remarks + mark + more, sizes)) as pipe:
        assert pipe.remarks_until(mark, time.monotonic() + 20) == (remarks + mark + more).partition(mark)[0]


@pytest.mark.parametrize("tail", [b"", b" ", b" x", b" 256", b" 1 2", b" \xc2\xb2", b" " + b"9" * 5000])
def test_an_end_without_a_status_is_none_of_the_supervisors(tail: bytes) -> None:
    with connection([]) as unused:
        token = Supervised(unused, "bash").token
    for greeted in (True, False):
        with connection([f"{token} ended".encode() + tail + b"\n"]) as pipe:
            process = Supervised(pipe, "bash")
            process.token = token
            if greeted:
                with pytest.raises(EngineError, match="can't start bash"):
                    process.greet(b"", MARK, 1 << 20)
            else:
                assert process.read_until(MARK, 20, 1 << 20)[0] is Ending.LOST


def test_late_output_of_a_background_job_is_limited() -> None:
    with connection([MARK + b"1 0 himBHs\n", *[b"x" * 60_000] * 2], [b"E"] * 9 + [b"mark\n"]) as pipe:
        process = Supervised(pipe, "bash")
        assert process.read_until(MARK, 20, LIMIT)[0] is Ending.DONE
        pipe.remarks_until(b"mark\n", time.monotonic() + 20)
        assert process.read_until(MARK, 20, LIMIT)[0] is Ending.FLOODED
