"""The connection to a machine: whatever comes in whatever pieces, a reading is what the bytes say."""

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
# How an input writes what it can't know, and parts of it, as a forger would have them.
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
    """A connection whose two streams are lists of pieces, instead of descriptors."""

    reachable = True

    def __init__(self, output: Iterable[bytes], remarks: Iterable[bytes]) -> None:
        super().__init__()
        self._output_pieces, self._remark_pieces = deque(output), deque(remarks)

    def send(self, data: bytes) -> None:
        """Nobody is there."""

    def close(self) -> None:
        """Nothing is open."""

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
    """Several readings of the same bytes in pieces, held against what the bytes say as a whole."""
    given = Bytes(data)
    sizes = [1 + given.number(40) for _ in range(given.number(8))]
    output, remarks = (
        _WRITTEN.sub(lambda match: WRITTEN[match[0]], part) for part in (given.until(b"\x00|"), given.rest())
    )
    if len(sizes) % 2:
        greeted(FedPipe(pieces(output, sizes), [remarks]))
    pipe = FedPipe(pieces(output, sizes), pieces(remarks, sizes))
    told, expected = readings(pipe), list(as_the_bytes_say(output))
    same(told, expected)
    for ending, reading in told:
        if ending is Ending.DONE:
            holds(0 <= read_ending(reading.output, reading.tail, 1000).status <= 255, reading)
    before, found, _ = remarks.partition(REMARKS_MARK)
    same(pipe.remarks_until(REMARKS_MARK, time.monotonic() + 60), before if found else None)


def pieces(data: bytes, sizes: list[int]) -> list[bytes]:
    """The data in pieces of these sizes, and the rest of it in one."""
    found = []
    for size in sizes:
        found.append(data[:size])
        data = data[size:]
    return [piece for piece in (*found, data) if piece]


def readings(pipe: Pipe) -> list[tuple[Ending, Reading]]:
    """Every reading up to one after which a session is over."""
    process = Supervised(pipe, "bash")
    process.token = TOKEN
    found = []
    ending = Ending.DONE
    while ending is Ending.DONE:
        ending, reading = process.read_until(MARK, 60.0, LIMIT)
        found.append((ending, reading))
    return found


def as_the_bytes_say(data: bytes) -> Iterator[tuple[Ending, Reading]]:
    """The same, from all of the bytes: the first mark counts, if it is near enough, and the rest of its line."""
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
    """The first words: an answer, or the error that is documented."""
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
    """What the sample snippets print, with an ending behind it, in several pieces."""
    for number, path in enumerate(sorted((ROOT / "tests/session/snippets").glob("*.sh"))):
        printed = path.read_bytes()[:LIMIT]
        yield (
            bytes([2, number % 40, 7]) + printed + b"\x00M" + b"1 0 himBHs\n" + b"more\x00M0 1 himB\n\x00|E 3 0 1\x00R"
        )
        yield bytes([1, number % 40]) + printed[:20] + b"\x00E 137\n" + printed[20:40]


TARGET = Target(
    name="framing",
    says="A reading is the same in whatever pieces the bytes came, gives them all back, and ends at the first mark.",
    share=15,
    code=("session/pipe.py", "session/supervisor.py", "session/shell_report.py"),
    words=tuple(WRITTEN) + (b"\x00|", b" ended", b" 0\n", b"\n", b"1 0 himBHs\n"),
    seeds=seeds,
    one=one,
    longest=400,
)
