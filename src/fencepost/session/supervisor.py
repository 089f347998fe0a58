"""A live process under a supervisor on the machine, which tells when it ends and can start it again.

The supervisor is a few lines of POSIX shell and the parent of the session's bash or Python. It holds the
connection's streams, so that a session that redirects or closes its own takes nothing with it. In a
container it is process 1, which nothing inside can kill.
"""

from __future__ import annotations

import re
import secrets
import time

from fencepost.errors import EngineError
from fencepost.session.outcome import Ending
from fencepost.session.pipe import Pipe, Reading

# "$@" is the command to keep alive. Its end is told on standard output, behind everything it has printed; then
# what was meant for it is thrown away until it is to be started again. A page that sends it a signal ends nothing: what
# it traps, process 1 or not, is no end for it, and none of it is handed on. The token is in no environment.
SUPERVISOR = """trap : HUP INT QUIT TERM
unset token line
IFS= read -r token || exit 0
while :; do
(exec "$@")
echo "$token ended $?"
while IFS= read -r line; do [ "$line" = "$token again" ] && continue 2; done
exit 0
done"""

_START_SECONDS = 120.0
_LEFT_BEHIND = 1 << 24
_STATUS = re.compile(rb" ([0-9]{1,3})")


class NoStartError(EngineError):
    """The process has ended before it answered.

    Attributes:
        status: its exit status, in the supervisor's words.
        output: what it printed.
    """

    status = ""
    output = b""


class Supervised:
    """A process on the machine that can be talked to again and again.

    Args:
        pipe: connected to a shell that runs `SUPERVISOR`.
        name: what the process is called in errors.
    """

    def __init__(self, pipe: Pipe, name: str) -> None:
        self.pipe = pipe
        self.name = name
        self.token = secrets.token_hex(12)
        self.alive = False
        pipe.send(f"{self.token}\n".encode())

    @property
    def reachable(self) -> bool:
        """Whether the supervisor is still there."""
        return self.pipe.reachable

    def greet(self, greeting: bytes, mark: bytes, limit: int) -> bytes:
        """Sends the first words, waits for the answer, and returns what came ahead of it.

        Raises:
            NoStartError: when the process ends instead.
            EngineError: when none comes.
        """
        self.pipe.send(greeting)
        # What a flood before it has left in a virtual machine's port comes first.
        reading, met = self._read(mark, time.monotonic() + _START_SECONDS, max(limit, _LEFT_BEHIND))
        if met != mark:
            remarks = self.pipe.remarks().decode(errors="replace").strip()
            if met:
                status = reading.tail.decode(errors="replace").strip()
                error = NoStartError(
                    f"the machine can't start {self.name} (exit status {status})",
                    f"install {self.name} in the machine's Containerfile",
                )
                error.status, error.output = status, reading.output
                raise error
            raise EngineError(
                f"the machine gave no sign of life when {self.name} was started"
                + (": " + remarks.splitlines()[-1] if remarks else "")
            )
        self.alive = True
        return reading.output

    def ask_to_start_again(self) -> None:
        """After its end: the supervisor starts the process anew. Greet it then."""
        self.pipe.send(f"\n{self.token} again\n".encode())

    def read_until(self, mark: bytes, seconds: float, limit: int) -> tuple[Ending, Reading]:
        """Reads what the process prints, up to a mark, its end, the time or the limit.

        Where the process has ended, the tail of the reading is its exit status, 0 to 255.
        """
        reading, met = self._read(mark, time.monotonic() + seconds, limit)
        if met == mark:
            return Ending.DONE, reading
        self.alive = False
        if met:
            # No status is what the supervisor would tell: whoever said so has found its token and speaks for it.
            told = _STATUS.fullmatch(reading.tail)
            return Ending.SESSION_ENDED if told and int(told[1]) < 256 else Ending.LOST, reading
        if reading.late:
            return Ending.TIMED_OUT, reading
        if reading.flooded:
            return Ending.FLOODED, reading
        return Ending.LOST, reading

    def wait_for_the_end(self, seconds: float) -> bool:
        """After everything on the machine was killed: whether the supervisor has noticed."""
        reading, met = self._read(b"\0never\0", time.monotonic() + seconds, 1 << 40)
        return bool(met) and not reading.closed

    def _read(self, mark: bytes, deadline: float, limit: int) -> tuple[Reading, bytes]:
        return self.pipe.read_until((mark, f"{self.token} ended".encode()), deadline, limit)
