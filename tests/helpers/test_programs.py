"""Programs that a test starts end with it, also if the tests ignore SIGINT or are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers.programs import started

ROOT = Path(__file__).parents[2]
STARTS = """
from pathlib import Path
from tests.helpers.programs import started
with started(Path({folder!r}), "waits", stdout=None) as process:
    print(process.pid, flush=True)
    {then}
"""
WAITS = """
import time
print("begun", flush=True)
time.sleep(100)
"""


@pytest.fixture
def waits(tmp_path: Path) -> Path:
    (tmp_path / "waits.py").write_text(WAITS)
    return tmp_path


def test_these_tests_react_to_sigint() -> None:
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


def test_a_program_ends_where_the_test_fails_first(waits: Path) -> None:
    with pytest.raises(ZeroDivisionError), started(waits, "waits") as process:
        1 / 0  # noqa: B018
    assert process.returncode in {-signal.SIGINT, 1}


@pytest.mark.parametrize("then", ["1 / 0", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_program_ends_when_tests_die_or_ignore_sigint(waits: Path, then: str) -> None:
    script = STARTS.format(folder=str(waits), then=then)
    ignoring = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-c", script]
    with subprocess.Popen(ignoring, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as tests:
        assert tests.stdout
        printed = tests.stdout.read().split()
    number = next(word for word in printed if word.isdigit())
    deadline = time.monotonic() + 30
    while _lives(number) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _lives(number)


def _lives(number: str) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
