"""All machines of a site."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import IO, Any

import pytest

from fencepost.errors import EngineError, MachineError
from fencepost.machine.computer import Computer
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.engines.podman import Podman
from fencepost.machine.fleet import Fleet
from fencepost.machine.image import Image, image_name, images_at_hand
from fencepost.machine.making import Making
from fencepost.machine.progress import ProgressLines
from fencepost.machine.vm.vm_provider import VirtualMachines
from tests.helpers.site_builder import SiteBuilder


def test_stopping_ends_what_is_being_made(build: SiteBuilder) -> None:
    site = build.read()
    lines: list[str] = []
    # An engine that refuses everything, so that the machine isn't there and nothing can be removed.
    fleet = Fleet(Podman("false", "0"), site.settings, ProgressLines(lines.append))
    fleet.stop()
    with pytest.raises(EngineError, match="stopped"):
        fleet.image(site.machine("debian-12"))
    assert lines == []


def test_a_boot_that_nobody_waits_for_ends(build: SiteBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    build.machine("virtual", toml='kind = "vm"\n')
    lines: list[str] = []
    fleet = Fleet(Podman("false", "0"), build.read().settings, ProgressLines(lines.append))

    def waits(*arguments: Any, **_: Any) -> None:
        making = arguments[-1]
        making.does("booting")
        fleet.stop()
        making.pause(60)

    monkeypatch.setattr("fencepost.machine.vm.vm_provider.provide_saved", waits)
    monkeypatch.setattr("fencepost.machine.vm.vm_provider.accelerator_of", lambda _: "kvm")
    monkeypatch.setattr("fencepost.machine.vm.vm_provider.provide_emulator", lambda *_: None)
    monkeypatch.setattr("fencepost.machine.vm.vm_provider.available_memory", lambda *_: 0)
    with pytest.raises(EngineError, match="stopped"):
        fleet.make_ready(build.read().machine("virtual"), Image("image", "sha256:0"))
    assert lines == ["virtual: booting"]


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

    def refused(path: Path, mode: str, **how: Any) -> IO[Any]:
        if path.parent.name == "unreadable":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, mode, **how)

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


def test_several_machines_are_made_at_a_time(build: SiteBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a-vm", "b-vm"):
        build.machine(name, toml='kind = "vm"\n')
    build.machine("bad")
    site = build.read()
    begun: list[str] = []
    together = threading.Barrier(2)

    def build_image(_engine: Engine, definition: MachineDefinition, _making: Making) -> Image:
        begun.append(definition.name)
        if definition.name.startswith("debian"):
            together.wait(20)
        if definition.name == "bad":
            raise EngineError("can't be built")
        return Image(definition.name, "sha256:0")

    monkeypatch.setattr("fencepost.machine.fleet.provide_image", build_image)
    monkeypatch.setattr("fencepost.machine.fleet.computer_of", lambda _: Computer("", 0, 2, "x86_64"))
    monkeypatch.setattr(VirtualMachines, "make_ready", lambda *_: None)
    fleet = Fleet(Podman("false", "0"), site.settings)
    results = {definition.name: image for definition, image in fleet.make_all(site.machines.values())}
    bad = results.pop("bad")
    assert isinstance(bad, EngineError)
    assert results == {name: Image(name, "sha256:0") for name in ("a-vm", "b-vm", "debian-12", "debian-13")}
    assert begun[3:] == ["a-vm", "b-vm"]


def test_a_base_machine_is_made_once(build: SiteBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    build.machine("base")
    for name in ("one", "two"):
        build.machine(name, "FROM localhost/base\n")
    site = build.read()
    begun: list[str] = []
    lines: list[str] = []

    def build_image(_engine: Engine, definition: MachineDefinition, making: Making) -> Image:
        begun.append(definition.name)
        making.does(f"building {definition.name}")
        time.sleep(0.3)
        return Image(definition.name, "sha256:0")

    monkeypatch.setattr("fencepost.machine.fleet.provide_image", build_image)
    monkeypatch.setattr("fencepost.machine.fleet.computer_of", lambda _: Computer("", 0, 2, "x86_64"))
    fleet = Fleet(Podman("false", "0"), site.settings, ProgressLines(lines.append))
    machines = [site.machines["one"], site.machines["two"]]
    for again in (False, True):
        begun.clear()
        for _ in fleet.make_all(machines, again=again):
            pass
        assert (begun[0], sorted(begun[1:])) == ("base", ["one", "two"])
    assert "two: waiting for the image of base, which is being built" in lines
