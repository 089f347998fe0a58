"""A virtual machine's disk, made from the image of a fake engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from fencepost.errors import EngineError, MachineError
from fencepost.machine.definition import MachineDefinition, MachineSettings
from fencepost.machine.image import Image
from fencepost.machine.making import Making
from fencepost.machine.vm.disk import make_disk
from fencepost.machine.vm.emulator import Emulator
from tests.machine.fake_engine import pretended

MACHINE = MachineDefinition("vm", Path(), MachineSettings.model_validate({"kind": "vm"}), "machines/vm/Containerfile")


def make(folder: Path, exporter: str, maker: str = "cat") -> str:
    """Makes the disk with this exporter and this maker; what the maker was given."""
    received = folder / "received"
    engine = pretended(
        folder,
        f'case "$1" in\ncreate) echo name;;\nexport) {exporter};;\nrun) {maker} >{received};;\nesac',
        "docker",
    )
    make_disk(Emulator(engine, Image("emulator", "sha256:2")), "volume", MACHINE, Image("vm", "sha256:1"), Making())
    return received.read_text()


def test_podman_shows_the_disk_maker_the_image_itself(tmp_path: Path) -> None:
    received = tmp_path / "received"
    engine = pretended(tmp_path, f'[ "$1" = run ] && echo "$@" >{received}')
    make_disk(Emulator(engine, Image("emulator", "sha256:2")), "volume", MACHINE, Image("vm", "sha256:1"), Making())
    assert "--mount type=image,source=sha256:1,destination=/root-of-the-disk,rw=true " in received.read_text()


def test_a_disk_is_made_from_the_engines_export(tmp_path: Path) -> None:
    assert make(tmp_path, "echo a file system") == "a file system\n"


@pytest.mark.parametrize(
    ("exporter", "why"),
    [
        ("echo half; echo first >&2; echo Error: it is gone >&2; exit 125", "Error: it is gone"),
        ("echo half; kill -9 $$", "it was killed by signal 9"),
        ("echo half; exit 3", "exit status 3"),
    ],
    ids=["tells why", "killed", "silent"],
)
def test_an_export_that_is_cut_off_makes_no_disk(tmp_path: Path, exporter: str, why: str) -> None:
    # tar takes an archive that ends between two of its members for a whole one.
    with pytest.raises(EngineError, match="can't be exported") as raised:
        make(tmp_path, exporter)
    assert raised.value.message == f"the file system of vm can't be exported: {why}"
    assert raised.value.file == MACHINE.file


@pytest.mark.timeout(30)
def test_an_export_without_a_reader_is_ended(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="the disk of vm can't be made: exit status 1"):
        make(tmp_path, "sleep 60; exit 0", "exit 1")


def test_a_failed_disk_maker_is_the_error_that_is_reported(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="it has no kernel in /boot"):
        make(
            tmp_path,
            "exec cat /dev/zero",
            r"{ head -c 1 >/dev/null; printf '!it has no kernel in /boot\tinstall one\n' >&2; exit 1; }",
        )
