"""What leads to a machine dies at an awkward moment: no step is blamed, and none turns green."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from host import LIMIT, HostMachine, host_machine

from fencepost.errors import EngineError
from fencepost.fence.attributes import Attributes
from fencepost.fence.snippet import Snippet
from fencepost.fence.traced_line import Origin
from fencepost.machine.engines.podman import Podman
from fencepost.machine.image import Image
from fencepost.machine.packages import QUERY, packages_in, packages_of
from fencepost.session.outcome import Ending
from fencepost.session.page_session import PageSession
from fencepost.session.pipe import ProcessPipe


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[HostMachine]:
    with host_machine(tmp_path) as machine:
        yield machine


@pytest.fixture
def session(machine: HostMachine) -> PageSession:
    session = PageSession(machine, LIMIT)
    session.start()
    return session


def python(source: str) -> Snippet:
    return Snippet("step", "python", "python", source, Origin("page.md", 9), (Origin("page.md", 10),), 10, Attributes())


def goes_away(machine: HostMachine, *numbers: int) -> None:
    """As if the engine's processes were killed that lead to the first, the second ... connection."""
    for number in numbers:
        machine.processes[number].kill()
    machine.kill_processes()


def test_while_something_is_waited_for(machine: HostMachine, session: PageSession) -> None:
    threading.Timer(0.3, goes_away, (machine, 0)).start()
    with pytest.raises(EngineError, match="the machine went away while the step waited for file:/never"):
        session.wait_for("file:/never", 20)


@pytest.mark.parametrize("remarks_ended", [True, False], ids=["its-remarks-end-first", "its-output-ends-first"])
def test_on_the_way_to_python(
    machine: HostMachine, session: PageSession, monkeypatch: pytest.MonkeyPatch, remarks_ended: bool
) -> None:
    monkeypatch.setattr(ProcessPipe, "remarks_ended", remarks_ended)
    session.run_python(python("import time"), seconds=20, values={})
    threading.Timer(0.3, goes_away, (machine, 1)).start()
    assert session.run_python(python("time.sleep(20)"), seconds=20, values={}).ending is Ending.LOST


def test_python_is_not_too_slow_on_a_machine_that_is_gone(machine: HostMachine, session: PageSession) -> None:
    session.run_python(python("import time"), seconds=20, values={})
    # Without its monitor Docker's container is gone, and whoever waits for a further process of it isn't told.
    threading.Timer(0.3, machine.processes[0].kill).start()
    assert session.run_python(python("time.sleep(20)"), seconds=1, values={}).ending is Ending.LOST


def test_a_snippet_that_ends_everything_is_to_blame(
    machine: HostMachine, session: PageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.run_python(python("import time"), seconds=20, values={})
    # The supervisor of a shell is out of its reach, the one of Python isn't; an engine passes on how that ended.
    monkeypatch.setattr(machine._pipes[1], "ended_by_itself", lambda: True)
    threading.Timer(0.3, goes_away, (machine, 1)).start()
    outcome = session.run_python(python("time.sleep(20)"), seconds=20, values={})
    assert outcome.ending is Ending.SESSION_ENDED
    session.start_again()
    assert session.run_shell("true", line=10, seconds=20).status == 0


def test_on_both_ways_python_first(machine: HostMachine, session: PageSession, monkeypatch: pytest.MonkeyPatch) -> None:
    session.run_python(python("import time"), seconds=20, values={})
    # An engine that passes on how the supervisor was killed, together with the machine.
    monkeypatch.setattr(machine._pipes[1], "ended_by_itself", lambda: not goes_away(machine, 0))
    threading.Timer(0.3, os.killpg, (machine.processes[1].pid, signal.SIGKILL)).start()
    assert session.run_python(python("time.sleep(20)"), seconds=20, values={}).ending is Ending.LOST


@pytest.mark.parametrize("source", ["trap true EXIT; false", "trap true EXIT; true"], ids=["fails", "works"])
def test_before_a_page_with_traps_tells_its_status(
    machine: HostMachine, session: PageSession, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.setattr(machine._pipes[0], "remarks_until", lambda *_: None)
    outcome = session.run_shell(source, line=10, seconds=20)
    assert (outcome.ending, outcome.status) == (Ending.LOST, None)


def test_before_python_tells_its_status(
    machine: HostMachine, session: PageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.run_python(python("pass"), seconds=20, values={})
    monkeypatch.setattr(machine._pipes[1], "remarks_until", lambda *_: None)
    monkeypatch.setattr(ProcessPipe, "remarks_ended", True)
    monkeypatch.setattr(machine._pipes[1], "ended_by_itself", lambda: False)
    assert session.run_python(python("pass"), seconds=20, values={}).ending is Ending.LOST


@pytest.fixture
def asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in place of an engine; what it does is yet to be written."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    program = tmp_path / "engine"
    program.touch(0o755)
    return program


def test_in_the_middle_of_a_list_of_packages(asking: Path) -> None:
    engine, image = Podman(str(asking), "0"), Image("plain", "sha256:1")
    asking.write_text("#!/bin/sh\necho bash 5.2\nkill -9 $$\n")
    assert packages_of(engine, image) is None
    whole = '#!/bin/sh\nfor last; do :; done\necho bash 5.2\necho coreutils 9.1\neval "${last##*; }"\n'
    asking.write_text(whole)
    assert packages_of(engine, image) == {"bash": "5.2", "coreutils": "9.1"}
    asking.write_text("#!/bin/sh\nexit 125\n")
    assert packages_of(engine, image) == {"bash": "5.2", "coreutils": "9.1"}


def test_rpm_is_asked_where_there_is_no_dpkg(tmp_path: Path) -> None:
    programs = {"rpm": "echo bash 5.2-1", "sed": 'exec /usr/bin/sed "$@"', "grep": 'exec /usr/bin/grep "$@"'}
    for name, body in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    told = subprocess.run(
        ["/bin/sh", "-c", QUERY], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert packages_in(told.stdout) == {"bash": "5.2-1"}
