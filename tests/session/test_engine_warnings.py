"""An engine's command line may print warnings on standard error, which the protocol uses too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fencepost.fence.attributes import Attributes
from fencepost.fence.snippet import Snippet
from fencepost.fence.traced_line import Origin
from fencepost.session.outcome import Ending
from fencepost.session.page_session import PageSession
from tests.helpers.host_machine import LIMIT, host_machine

WARNING = 'time="2026-11-25T19:03:13Z" level=warning msg="please create a known_hosts file"\n'


@pytest.fixture
def session(tmp_path: Path) -> Iterator[PageSession]:
    with host_machine(tmp_path, WARNING) as machine:
        session = PageSession(machine, LIMIT)
        session.start()
        yield session


def python(session: PageSession, source: str) -> tuple[Ending, int | None, int, bytes]:
    snippet = Snippet("step", "python", "python", source, Origin("page.md", 9), (), 10, Attributes())
    outcome = session.run_python(snippet, seconds=20, values={})
    return outcome.ending, outcome.status, outcome.line, outcome.output


def test_python_is_understood_all_the_same(session: PageSession) -> None:
    assert python(session, "print(1)") == (Ending.DONE, 0, 0, b"1\n")
    assert python(session, "import os; os.environ['a'] = 'b'") == (Ending.DONE, 0, 0, b"")
    assert session.run_shell("echo $a", line=1, seconds=20).output == b"b\n"


def test_a_failing_shell_is_understood_all_the_same(session: PageSession) -> None:
    outcome = session.run_shell("true\nfalse", line=10, seconds=20)
    assert (outcome.status, outcome.line, outcome.command) == (1, 11, "false")


def test_an_unreadable_answer_of_python_ends_the_session(session: PageSession) -> None:
    """A snippet that finds the descriptor of the answers, and writes to it, spoils its own."""
    spoiling = "import os\nfor number in range(3, 20):\n    try: os.write(number, b'junk')\n    except OSError: pass"
    ending, status, _, _ = python(session, spoiling)
    assert (ending, status) == (Ending.SESSION_ENDED, None)
    assert not session.alive
    session.start_again()
    assert python(session, "print(2)") == (Ending.DONE, 0, 0, b"2\n")
