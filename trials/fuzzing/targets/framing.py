"""The connection to a machine: a reading depends only on the bytes, not on how they are split."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterable, Iterator

from fencepost.errors import EngineError
from fencepost.session.outcome import Ending
from fencepost.session.pipe import Pipe, Reading
from fencepost.session.shell_report import read_ending
from fencepost.session.supervisor import Supervised
from trials.fuzzing.taking import Bytes, holds, same
from trials.fuzzing.target import ROOT, Target

MARK, TOKEN, REMARKS_MARK = b"0123456789abcdef ", "ba9876543210ba9876543210", b"89abcdef01234567\n"
ENDED = f"{TOKEN} ended".encode()
LIMIT = 96
# Escapes with which an input writes the secret marks, and the parts of them that a forger could have.
WRITTEN = {
    b"\x00M": MARK,
    b"\x00m": MARK[:-1],
    b"\x00n": MARK[:9],
    b"\x00E": ENDED,
    b"\x00e": ENDED[:-1],
    b"\x00T": f"{TOKEN} again\n".encode(),
    b"\x00R": REMARKS_MARK,
    b"\x00r": REMARKS_MARK[:9],
}
_WRITTEN = re.compile(b"|".join(WRITTEN))
_MARK = re.compile(b"|".join([MARK, ENDED]))
_STATUS = re.compile(rb" ([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5]|0[0-9]|0[0-9][0-9])")


class FedPipe(Pipe):
    """A connection that reads its two streams from lists of pieces, not from descriptors."""

    reachable = True

    def __init__(self, output: Iterable[bytes], remarks: Iterable[bytes]) -> None:
        super().__init__()
        self._output_pieces, self._remark_pieces = deque(output), deque(remarks)

    def send(self, data: bytes) -> None:
        """Do nothing: there is no other side."""

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def _receive(self, seconds: float) -> bool:  # noqa: ARG002
        if self._output_pieces:
            self._take_in_output(self._output_pieces.popleft())
        else:
            self._output_ended = True
        if self._remark_pieces:
            self._take_in_remarks(self._remark_pieces.popleft())
        else:
            self._remarks_ended = True
        return True


def one(data: bytes) -> None:
    """Compare readings of bytes in pieces with those of all the bytes at once."""
    taken = Bytes(data)
    sizes = [1 + taken.number(40) for _ in range(taken.number(8))]
    output, remarks = (
        _WRITTEN.sub(lambda match: WRITTEN[match[0]], part) for part in (taken.until(b"\x00|"), taken.rest())
    )
    if len(sizes) % 2:
        greeted(FedPipe(pieces(output, sizes), [remarks]))
    pipe = FedPipe(pieces(output, sizes), pieces(remarks, sizes))
    actual, expected = readings(pipe), list(expected_readings(output))
    same(actual, expected)
    for ending, reading in actual:
        if ending is Ending.DONE:
            holds(0 <= read_ending(reading.output, reading.tail, 1000).status <= 255, reading)
    before, mark, _ = remarks.partition(REMARKS_MARK)
    same(pipe.remarks_until(REMARKS_MARK, time.monotonic() + 60), before if mark else None)


def pieces(data: bytes, sizes: list[int]) -> list[bytes]:
    """Split data into pieces of these sizes, and one with the rest."""
    parts = []
    for size in sizes:
        parts.append(data[:size])
        data = data[size:]
    return [piece for piece in (*parts, data) if piece]


def readings(pipe: Pipe) -> list[tuple[Ending, Reading]]:
    """Return all readings, up to one after which the session is over."""
    process = Supervised(pipe, "bash")
    process.token = TOKEN
    results = []
    ending = Ending.DONE
    while ending is Ending.DONE:
        ending, reading = process.read_until(MARK, 60.0, LIMIT)
        results.append((ending, reading))
    return results


def expected_readings(data: bytes) -> Iterator[tuple[Ending, Reading]]:
    """Yield the right readings, from all bytes at once: up to the first mark, if it is near enough, and its line."""
    while match := _MARK.search(data):
        tail, end, rest = data[match.end() :].partition(b"\n")
        if match.start() > LIMIT or len(tail) > LIMIT:
            yield Ending.FLOODED, Reading(data[:LIMIT], flooded=True)
            return
        if not end:
            break
        reading = Reading(data[: match.start()], tail)
        if match[0] == ENDED:
            yield Ending.SESSION_ENDED if _STATUS.fullmatch(tail) else Ending.LOST, reading
            return
        yield Ending.DONE, reading
        data = rest
    flooded = not match and len(data) > LIMIT + len(ENDED)
    yield (
        (Ending.FLOODED, Reading(data[:LIMIT], flooded=True)) if flooded else (Ending.LOST, Reading(data, closed=True))
    )


def greeted(pipe: Pipe) -> None:
    """Greet the other side: it answers, or the documented error is raised."""
    process = Supervised(pipe, "bash")
    process.token = TOKEN
    try:
        process.greet(b"", MARK, LIMIT)
    except EngineError as error:
        holds(str(error))
        holds(not process.alive)
    else:
        holds(process.alive)


def seeds() -> Iterable[bytes]:
    """Yield the sample snippets as output, followed by an ending, in several pieces."""
    for number, path in enumerate(sorted((ROOT / "tests/session/snippets").glob("*.sh"))):
        printed = path.read_bytes()[:LIMIT]
        yield (
            bytes([2, number % 40, 7]) + printed + b"\x00M" + b"1 0 himBHs\n" + b"more\x00M0 1 himB\n\x00|E 3 0 1\x00R"
        )
        yield bytes([1, number % 40]) + printed[:20] + b"\x00E 137\n" + printed[20:40]


TARGET = Target(
    name="framing",
    says="However the bytes are split, a reading is the same, returns them all, and ends at the first mark.",
    code=("session/pipe.py", "session/supervisor.py", "session/shell_report.py"),
    words=tuple(WRITTEN) + (b"\x00|", b" ended", b" 0\n", b"\n", b"1 0 himBHs\n"),
    seeds=seeds,
    one=one,
    longest=400,
)
