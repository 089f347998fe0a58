"""The connection to a machine, whatever comes through it."""

from __future__ import annotations

import subprocess
import time

from fencepost.session.pipe import ProcessPipe


def test_a_flood_of_remarks_takes_no_memory() -> None:
    script = "head -c 64000000 /dev/zero >&2; echo mark"
    with subprocess.Popen(
        ["sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as process:
        pipe = ProcessPipe(process)
        _, met = pipe.read_until((b"mark",), time.monotonic() + 60, 1 << 20)
        assert met == b"mark"
        assert len(pipe.remarks()) <= 1 << 20
        pipe.close()
