"""All machines of a site."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import pytest

from fencepost.errors import EngineError, MachineError
from fencepost.machine.engine import Engine
from fencepost.machine.engines.podman import Podman
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import Image, image_name, images_at_hand
from fencepost.machine.vm.vm_provider import VirtualMachines
from tests.helpers.site_builder import SiteBuilder


def test_stopping_ends_what_is_being_made(build: SiteBuilder) -> None:
    site = build.read()
    result: list[str] = []
    # An engine that refuses everything, so that the machine isn't there and nothing can be removed.
    fleet = Fleet(Podman("false", "0"), site.settings, result.append)
    fleet.stop()
    with pytest.raises(EngineError, match="stopped"):
        fleet.image(site.machine("debian-12"))
    assert result == []


def test_a_boot_that_nobody_waits_for_ends(build: SiteBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    build.machine("virtual", toml='kind = "vm"\n')
    result: list[str] = []
    fleet = Fleet(Podman("false", "0"), build.read().settings, result.append)

    def waits(*arguments: Any) -> None:
        making = arguments[-1]
        making.say("booting")
        fleet.stop()
        making.pause(60)

    monkeypatch.setattr("fencepost.machine.vm.vm_provider.provide_saved", waits)
    monkeypatch.setattr("fencepost.machine.vm.vm_provider.accelerator_of", lambda _: "kvm")
    monkeypatch.setattr(VirtualMachines, "_emulation", lambda _: None)
    with pytest.raises(EngineError, match="stopped"):
        fleet.make_ready(build.read().machine("virtual"), Image("image", "sha256:0"))
    assert result == ["booting"]


def test_an_image_at_hand_is_not_asked_for_again(build: SiteBuilder) -> None:
    site = build.read()
    definition = site.machine("debian-12")
    there = Image(image_name(definition), "sha256:abc")
    # An engine that refuses everything.
    fleet = Fleet(Podman("false", "0"), site.settings, at_hand={there.name: there})
    assert fleet.image(definition) == there


def test_a_machine_that_cannot_be_read_is_not_asked_for(build: SiteBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    build.machine("unreadable")
    site = build.read()
    # Root may read everything.
    opened = Path.open

    def refused(path: Path, mode: str) -> IO[Any]:
        if path.parent.name == "unreadable":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, mode)

    monkeypatch.setattr(Path, "open", refused)
    monkeypatch.setattr(Engine, "image_ids", lambda _, names: dict.fromkeys(names, "sha256:abc"))
    at_hand = images_at_hand(Podman("false", "0"), site.machines.values())
    readable = [name for name in site.machines if name != "unreadable"]
    assert list(at_hand) == [image_name(site.machine(name)) for name in readable]


def test_a_machine_of_large_files_is_not_asked_for_ahead_of_time(
    build: SiteBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        with (build.machine("large") / name).open("wb") as file:
            file.truncate(10 << 20)
    site = build.read()
    monkeypatch.setattr(Engine, "image_ids", lambda _, names: dict.fromkeys(names, "sha256:abc"))
    at_hand = images_at_hand(Podman("false", "0"), site.machines.values())
    small = [name for name in site.machines if name != "large"]
    assert list(at_hand) == [image_name(site.machine(name)) for name in small]


def test_a_virtual_machine_has_to_fit_the_engines_computer(build: SiteBuilder, tmp_path: Path) -> None:
    build.machine("vm", toml='kind = "vm"\nmemory = "6g"\n')
    site = build.read()

    def lacking(memory: int, architecture: str) -> str:
        program = tmp_path / f"podman-{memory}-{architecture}"
        program.write_text(f"#!/bin/sh\nprintf 'builder\\t{memory << 30}\\t8\\t{architecture}\\n'\n")
        program.chmod(0o755)
        engine = Podman(str(program), "9.9.9", remote="ssh://root@builder")
        return Fleet(engine, site.settings).lacking(site.machine("vm"))

    assert lacking(8, "amd64") == ""
    assert lacking(4, "amd64") == (
        "needs 6 GiB of memory for its virtual machine; builder, where the engine is, has 4 GiB"
    )
    assert lacking(8, "arm64") == "needs an x86_64 computer for its virtual machine, not aarch64"


def test_a_containerfile_that_is_not_text_is_told_with_its_line(build: SiteBuilder) -> None:
    (build.machine("latin") / "Containerfile").write_bytes(b"FROM debian:13\n# Gr\xfc\xdfe\n")
    site = build.read()
    with pytest.raises(MachineError, match="not UTF-8 text") as raised:
        Fleet(Podman("false", "0"), site.settings).image(site.machine("latin"))
    assert (raised.value.file, raised.value.line) == ("machines/latin/Containerfile", 2)
