"""Finding an engine among scripts that pretend to be one."""

from __future__ import annotations

from pathlib import Path

import pytest

from fencepost.errors import EngineError
from fencepost.machine import engine as engine_module
from fencepost.machine.engines import podman as podman_module
from fencepost.machine.engines.docker import Docker
from fencepost.machine.engines.podman import Podman
from fencepost.machine.engines.registry import find_engine

ANSWERS = 'echo "engine version 9.9.9, build 1"'
REFUSES = 'echo "permission denied while trying to connect to the daemon" >&2; exit 1'


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for name in ("CONTAINER_HOST", "CONTAINER_CONNECTION", "DOCKER_HOST"):
        monkeypatch.delenv(name, raising=False)
    return folder


def pretend(programs: Path, name: str, body: str) -> None:
    path = programs / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_without_an_engine_the_answer_is_what_to_install(programs: Path) -> None:
    with pytest.raises(EngineError) as raised:
        find_engine()
    text = str(raised.value)
    assert "no container engine: podman is not installed; docker is not installed" in text
    assert "sudo apt-get install podman" in text
    assert raised.value.exit_status == 3


def test_podman_goes_first(programs: Path) -> None:
    pretend(programs, "podman", ANSWERS)
    pretend(programs, "docker", ANSWERS)
    assert (find_engine().name, find_engine().version) == ("podman", "9.9.9")
    assert find_engine("docker").name == "docker"


def test_an_engine_that_refuses_is_passed_over(programs: Path) -> None:
    pretend(programs, "podman", REFUSES)
    pretend(programs, "docker", ANSWERS)
    assert find_engine().name == "docker"


def test_a_daemon_that_does_not_answer(programs: Path) -> None:
    pretend(programs, "docker", REFUSES)
    with pytest.raises(EngineError, match=r"docker's daemon doesn't answer \(permission denied.*podman is not|podman"):
        find_engine()


def test_the_wanted_engine_is_not_replaced_by_another(programs: Path) -> None:
    pretend(programs, "docker", ANSWERS)
    with pytest.raises(EngineError, match="podman is not installed"):
        find_engine("podman")


def test_a_remote_engine_gets_no_local_options(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(podman_module, "is_hybrid_cgroup", lambda: True)
    monkeypatch.setattr(engine_module, "may_raise_limits", lambda: False)
    pretend(programs, "runc", "exit 0")
    pretend(programs, "podman", ANSWERS)
    here = find_engine("podman")
    assert (here.remote, here.options[:1], here.run_options[:1]) == ("", ("--runtime",), ("--ulimit",))

    # As podman's remote client has it, which takes no runtime, and tells the service's version alongside its own.
    pretend(programs, "podman", '[ "$1" = version ] && echo 5.1.2')
    monkeypatch.setenv("CONTAINER_HOST", "ssh://root@builder/run/podman/podman.sock")
    there = find_engine("podman")
    assert (there.version, there.options, there.run_options) == ("5.1.2", (), ())
    assert there.remote == "ssh://root@builder/run/podman/podman.sock"

    # A socket may have been lent to a container by the computer that it is on.
    monkeypatch.setenv("CONTAINER_HOST", "unix:///run/podman/podman.sock")
    served = find_engine("podman")
    assert (served.remote, served.options, served.run_options) == ("unix:///run/podman/podman.sock", (), ())

    monkeypatch.delenv("CONTAINER_HOST")
    monkeypatch.setenv("CONTAINER_CONNECTION", "builder")
    assert find_engine("podman").remote == "builder"


@pytest.mark.parametrize(
    ("variable", "context", "remote"),
    [
        ("", "unix:///var/run/docker.sock", ""),
        ("ssh://root@builder", "unix:///var/run/docker.sock", "ssh://root@builder"),
        ("unix:///tmp/docker.sock", "ssh://root@builder", ""),
        ("", "ssh://root@builder", "ssh://root@builder"),
        ("", "tcp://10.0.0.7:2376", "tcp://10.0.0.7:2376"),
        ("", "", ""),
    ],
)
def test_docker_is_where_its_environment_or_context_says(
    programs: Path, monkeypatch: pytest.MonkeyPatch, variable: str, context: str, remote: str
) -> None:
    monkeypatch.setattr(engine_module, "may_raise_limits", lambda: False)
    pretend(programs, "docker", f'case "$1" in context) echo "{context}";; *) echo 28.0.1;; esac')
    monkeypatch.setenv("DOCKER_HOST", variable)
    found = find_engine("docker")
    assert (found.version, found.remote) == ("28.0.1", remote)
    assert bool(found.run_options) == (not remote)


def test_a_silent_remote_engine_is_not_reported_as_missing(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTAINER_HOST", "ssh://root@builder/run/podman/podman.sock")
    pretend(programs, "podman", 'echo "Error: unable to connect to Podman socket: refused" >&2; exit 125')
    with pytest.raises(EngineError, match="unable to connect to Podman socket: refused") as raised:
        find_engine("podman")
    assert "systemctl enable --now podman.socket" in raised.value.fix


@pytest.mark.parametrize("body", ["exit 0", "echo 1.0; exit 1", "echo no number"])
def test_a_program_that_is_no_engine(programs: Path, body: str) -> None:
    pretend(programs, "podman", body)
    with pytest.raises(EngineError, match="no container engine"):
        find_engine("podman")


def test_a_refused_call_gives_its_last_line_and_a_fix(programs: Path) -> None:
    pretend(programs, "podman", 'echo "first" >&2; echo "Error: no space left on device" >&2; exit 125')
    engine = Podman(str(programs / "podman"), "9.9.9")
    with pytest.raises(EngineError) as raised:
        engine.call("run", "image")
    text = str(raised.value)
    assert text.startswith("podman run failed: Error: no space left on device\n  free some space")
    assert engine.call("run", "image", check=False).returncode == 125


def test_a_call_that_takes_too_long(programs: Path) -> None:
    pretend(programs, "podman", "exec /bin/sleep 60")
    with pytest.raises(EngineError, match="podman ps took more than 0 s"):
        Podman(str(programs / "podman"), "9.9.9").call("ps", seconds=0.1)


def test_an_engine_that_goes_away(programs: Path) -> None:
    with pytest.raises(EngineError, match="podman can't be started: No such file or directory"):
        Podman(str(programs / "podman"), "9.9.9").call("ps")


def test_image_ids_have_one_form(programs: Path) -> None:
    engine = Podman(str(programs / "podman"), "9.9.9")
    pretend(programs, "podman", "echo abc")
    assert engine.image_id("debian") == "sha256:abc"
    pretend(programs, "podman", "echo sha256:abc")
    assert engine.image_id("debian") == "sha256:abc"
    pretend(programs, "podman", "echo no such image >&2; exit 1")
    assert engine.image_id("debian") == ""


def test_ids_of_several_images_are_asked_for_at_once(programs: Path) -> None:
    engine = Podman(str(programs / "podman"), "9.9.9")
    text = 'echo "abc localhost/one:1 localhost/also-one:2"; echo "sha256:def localhost/two:1"; echo "123"; echo'
    pretend(programs, "podman", f"{text}; echo three is unknown >&2; exit 125")
    assert engine.image_ids(["localhost/one:1", "localhost/two:1", "localhost/three:1"]) == {
        "localhost/one:1": "sha256:abc",
        "localhost/two:1": "sha256:def",
    }
    pretend(programs, "podman", "echo this is not to be asked; exit 125")
    assert engine.image_ids([]) == {}


def test_known_errors_have_a_fix() -> None:
    assert "usermod -aG docker" in Docker.fix_for("Got permission denied while trying to connect to the Docker daemon")
    assert Docker.fix_for("something nobody has seen") == ""
