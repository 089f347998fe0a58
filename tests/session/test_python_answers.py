"""An answer that a page's Python has written in the interpreter's place takes no more along than that Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from host import LIMIT, host_machine
from python_steps import python_snippet

from fencepost.fence.traced_line import Origin
from fencepost.session.outcome import Ending
from fencepost.session.page_session import PageSession

WRITES = """
import os
import sys

here = sys._getframe(1).f_locals
mark = here["request"]["mark"].encode()
os.write(here["answers"], {answer!r} + mark + b"\\n")
os.write(here["output"], mark + b"\\n")
os._exit(1)
"""
HONEST = {"status": 0, "frames": [], "told": "", "cwd": "/", "env": {}}


KEEPS = """
import os
import sys

os.dup2(os.open(os.devnull, os.O_WRONLY), sys._getframe(1).f_locals["answers"])
"""


def answered(folder: Path, answer: bytes) -> Ending:
    return ran(folder, WRITES.format(answer=answer))


def ran(folder: Path, source: str) -> Ending:
    snippet = python_snippet(source, [Origin("page.md", 10 + number) for number in range(source.count("\n") + 1)])
    with host_machine(folder) as machine:
        session = PageSession(machine, LIMIT)
        session.start()
        ending = session.run_python(snippet, seconds=20, values={}).ending
        if ending is not Ending.DONE:
            session.start_again()
            assert session.run_shell("echo on", line=1, seconds=20).output == b"on\n"
        return ending


def test_one_like_the_interpreters_own_is_believed(tmp_path: Path) -> None:
    assert answered(tmp_path, json.dumps(HONEST).encode()) is Ending.DONE


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"5",
        b"{}",
        b"[" * 100_000,
        b"9" * 5000,
        *(
            json.dumps({**HONEST, **wrong}).encode()
            for wrong in (
                {"status": "0"},
                {"status": -1},
                {"status": 256},
                {"frames": [["page.md"]]},
                {"frames": [["page.md", "1"]]},
                {"told": None},
                {"cwd": 5},
                {"cwd": "\ud800"},
                {"env": {"A": 5}},
                {"env": {"A": "\ud800"}},
            )
        ),
    ],
)
def test_what_the_interpreter_would_never_answer_ends_it(tmp_path: Path, answer: bytes) -> None:
    assert answered(tmp_path, answer) is Ending.SESSION_ENDED


def test_an_answer_that_never_comes_is_no_loss_of_the_machine(tmp_path: Path) -> None:
    assert ran(tmp_path, KEEPS) is Ending.SESSION_ENDED
