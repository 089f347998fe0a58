"""A live process under a supervisor on the machine, which reports its end and can start it again.

The supervisor is a few lines of POSIX shell and the parent of the session's bash or Python. It holds the connection's
streams, so that a session may redirect or close its own. In a container it is process 1, which nothing inside can kill.
"""

from __future__ import annotations

import re
import secrets
import time

from fencepost.errors import EngineError
from fencepost.session.outcome import Ending
from fencepost.session.pipe import Pipe, Reading

# "$@" is the command to supervise. Its end is reported on both outputs, after everything it has printed there. Input
# for it is then dropped until it is to be started again. Signals from a page don't end the supervisor, which traps
# them, and its child doesn't inherit these traps. The token is not exported.
SUPERVISOR = """trap : HUP INT QUIT TERM
unset token line
IFS= read -r token || exit 0
while :; do
(exec "$@")
echo "$token ended $?"
echo "$token ended" >&2
while IFS= read -r line; do [ "$line" = "$token again" ] && continue 2; done
exit 0
done"""

_START_SECONDS = 120.0
_LEFT_BEHIND = 1 << 24
_REMARKS_SECONDS = 10.0
_STATUS = re.compile(rb" ([0-9]{1,3})")


class NoStartError(EngineError):
    """Raised if the process ends before it answers.

    Attributes:
        status: its exit status, as the supervisor wrote it.
        output: what it printed.
    """

    status = ""
    output = b""


class Supervised:
    """A process on the machine, with its supervisor.

    Args:
        pipe: a connection to a shell that runs `SUPERVISOR`.
        name: the name of the process in errors.
    """

    def __init__(self, pipe: Pipe, name: str) -> None:
        self.pipe = pipe
        self.name = name
        self.token = secrets.token_hex(12)
        self._end_of_remarks = f"{self.token} ended\n".encode()
        self.alive = False
        pipe.send(f"{self.token}\n".encode())

    @property
    def reachable(self) -> bool:
        """True if the supervisor is still there."""
        return self.pipe.reachable

    def greet(self, greeting: bytes, mark: bytes, limit: int) -> bytes:
        """Send a greeting, wait for the mark in the answer, and return the output before it.

        Raises:
            NoStartError: if the process ends instead.
            EngineError: if there is no answer.
        """
        self.pipe.send(greeting)
        # In a virtual machine's port, the rest of a flood may come first.
        reading, first = self._read(mark, time.monotonic() + _START_SECONDS, max(limit, _LEFT_BEHIND))
        if first != mark:
            remarks = self.pipe.remarks().replace(self._end_of_remarks, b"").decode(errors="replace").strip()
            if first:
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
        """Have the supervisor start the process again after its end. Call `greet` next."""
        self.pipe.send(f"\n{self.token} again\n".encode())

    def read_until(self, mark: bytes, seconds: float, limit: int) -> tuple[Ending, Reading]:
        """Read what the process prints up to a mark, its end, the end of the time, or the limit.

        If the process has ended, the tail of the reading is its exit status, 0 to 255.
        """
        reading, first = self._read(mark, time.monotonic() + seconds, limit)
        if first == mark:
            return Ending.DONE, reading
        self.alive = False
        if first:
            # The supervisor always reports a status. Without one, the page has found its token and forged the report.
            status = _STATUS.fullmatch(reading.tail)
            return Ending.SESSION_ENDED if status and int(status[1]) < 256 else Ending.LOST, reading
        if reading.late:
            return Ending.TIMED_OUT, reading
        if reading.flooded:
            return Ending.FLOODED, reading
        return Ending.LOST, reading

    def remarks_until(self, mark: bytes) -> bytes | None:
        """Return the standard error up to a mark; `None` if the mark doesn't come."""
        return self.pipe.remarks_until(mark, time.monotonic() + _REMARKS_SECONDS)

    def remarks_at_the_end(self) -> bytes:
        """Return the standard error of a process that has ended.

        An engine carries both outputs separately, so what was reported first may come last.
        """
        remarks = self.remarks_until(self._end_of_remarks)
        return self.pipe.remarks() if remarks is None else remarks

    def wait_for_the_end(self, seconds: float) -> bool:
        """Wait, after everything on the machine was killed, and return whether the supervisor has reported the end."""
        reading, first = self._read(b"\0never\0", time.monotonic() + seconds, 1 << 40)
        return bool(first) and not reading.closed

    def _read(self, mark: bytes, deadline: float, limit: int) -> tuple[Reading, bytes]:
        return self.pipe.read_until((mark, f"{self.token} ended".encode()), deadline, limit)
