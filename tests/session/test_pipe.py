"""The connection to a machine, whatever comes through it."""

from __future__ import annotations

import os
import subprocess
import time

from fencepost.session.pipe import ProcessPipe
from fencepost.session.supervisor import SUPERVISOR


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


def test_the_token_is_in_no_environment() -> None:
    environment = {"PATH": os.environ["PATH"], "token": "an exported one", "line": "another"}
    done = subprocess.run(
        ["sh", "-c", SUPERVISOR, "sh", "env"],
        input="secret\n",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("secret") == done.stdout.count("secret ended 0") == 1
