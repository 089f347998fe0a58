"""A container with a network gets one of its own where containers on a common one disturb each other."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from fencepost.errors import EngineError
from fencepost.machine.engines.podman import Podman
from fencepost.machine.own_network import own_network
from tests.helpers.programs import started
from tests.machine.fake_engine import pretended

# Answers like podman as root, whose networks are files in a folder.
ROOTFUL = """case "$1 $2" in
"info --format") echo false;;
"network create") echo "$@" >>created
  [ ! -e "network-$4" ] || { echo "Error: network name $4 already used: network already exists" >&2; exit 125; }
  touch "network-$4";;
esac"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, and an engine whose networks no check on this computer uses."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Podman, "name", f"podman-{secrets.token_hex(8)}")
    return tmp_path


def test_networks_in_use_at_the_same_time_differ(folder: Path) -> None:
    engine = pretended(folder, ROOTFUL)
    with own_network(engine) as first, own_network(engine) as second:
        assert [*first, *second] == ["--network", "fencepost-1", "--network", "fencepost-2"]


def test_a_network_of_another_process_is_left_to_it(folder: Path) -> None:
    (folder / "other.py").write_text(
        f"import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('\\0{Podman.name}-fencepost-1')\n"
        "print(flush=True); time.sleep(600)\n"
    )
    with started(folder, "other") as other:
        assert other.stdout and other.stdout.readline() == "\n"
        with own_network(pretended(folder, ROOTFUL)) as flags:
            assert flags == ("--network", "fencepost-2")


def test_a_network_is_used_again(folder: Path) -> None:
    engine = pretended(folder, ROOTFUL)
    for _ in range(2):
        with own_network(engine) as flags:
            assert flags == ("--network", "fencepost-1")
    assert (folder / "created").read_text() == 2 * "network create --disable-dns fencepost-1\n"


@pytest.mark.parametrize(
    ("name", "body"), [("podman", "echo true"), ("docker", "exit 1")], ids=["rootless-podman", "docker"]
)
def test_other_engines_need_none(folder: Path, name: str, body: str) -> None:
    with own_network(pretended(folder, body, name)) as flags:
        assert flags == ()


def test_an_engine_without_its_network_programs(folder: Path) -> None:
    body = ROOTFUL.replace("touch", "echo 'Error: netavark: no such file' >&2; exit 125; touch")
    network = own_network(pretended(folder, body))
    with pytest.raises(EngineError, match="can't make a network: Error: netavark: no such file") as caught:
        network.__enter__()
    assert "apt-get install netavark" in caught.value.fix
    assert not (folder / "network-fencepost-1").exists()
