"""How each engine has to behave: the suite that a plugin's engine has to pass as well."""

from __future__ import annotations

import re
import secrets
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fencepost.errors import EngineError
from fencepost.machine.computer import computer_of
from fencepost.machine.definition import read_machines
from fencepost.machine.doctor import Finding
from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import find_engine
from fencepost.machine.image import Image, provide_image
from fencepost.machine.making import Making
from fencepost.machine.ownership_labels import (
    LABEL,
    fresh_name,
    owner,
    owner_has_ended,
    remove_containers,
    remove_left_behind,
)
from fencepost.machine.progress import ProgressLines
from fencepost.machine.vm.saved import remove_volume, volumes_of
from fencepost.machine.warm.program import may_make_programs
from tests.helpers.checking import check, containers_of_this_process, left_behind, steps_of
from tests.helpers.site_builder import MACHINES, SiteBuilder

PAGES = Path(__file__).parent / "pages"


@pytest.fixture(scope="module")
def image(engine: Engine) -> Image:
    """An image of the engine's."""
    return provide_image(engine, read_machines(MACHINES, MACHINES)["plain"], Making(ProgressLines(print)))


@pytest.fixture
def container(engine: Engine, image: Image) -> Iterator[str]:
    """A container of a process that has ended, and whose own processes never end."""
    with subprocess.Popen(["true"]) as process:
        pass
    name, who = fresh_name(), f"{process.pid}-1-{owner().split('-', 2)[2]}"
    assert owner_has_ended(engine, who)
    flags = ("--detach", "--name", name, "--label", f"{LABEL}={who}", "--network", "none", *engine.run_options)
    engine.call("run", *flags, image.id, "sleep", "600")
    yield name
    remove_containers(engine, [name])


def container_in_use(engine: Engine, image: Image) -> str:
    """Start a container of this process, which no other check removes, and return its name."""
    name = fresh_name()
    flags = ("--detach", "--name", name, "--label", f"{LABEL}={owner()}", "--network", "none", *engine.run_options)
    engine.call("run", *flags, image.id, "sleep", "600")
    return name


def names_in(engine: Engine) -> list[str]:
    return engine.call("ps", "--all", "--format", "{{.Names}}").stdout.split()


def test_an_engine_is_found_by_its_name(engine: Engine) -> None:
    assert find_engine(engine.name) == engine
    assert re.match(r"\d+\.\d+", engine.version)
    assert Path(engine.program).name == engine.name


def test_an_engine_describes_its_computer(engine: Engine) -> None:
    here = computer_of(engine)
    asked = computer_of(replace(engine, remote="an address by which it is asked"))
    assert (asked.processors, asked.architecture) == (here.processors, here.architecture)
    assert asked.name
    assert abs(asked.memory - here.memory) <= 1
    assert Path(engine.call("info", "--format", engine.storage_template).stdout.strip()).is_absolute()
    assert all(isinstance(finding, Finding) for finding in engine.needs())


def test_an_image_has_one_id(engine: Engine, image: Image) -> None:
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", image.id)
    assert engine.image_ids([image.name, "localhost/fencepost/there-is-none:1"]) == {image.name: image.id}
    assert engine.image_id("localhost/fencepost/there-is-none:1") == ""


def test_a_build_that_fails_names_its_line(build: SiteBuilder, engine: Engine) -> None:
    shell = 'SHELL ["/bin/bash", "-c"]'
    build.machine("bad", f"FROM debian:12\n\n{shell}\nRUN [[ -n $BASH ]]\nENV A=1\nRUN echo there && false\nRUN true\n")
    with pytest.raises(EngineError, match=r"machines/bad/Containerfile:6: the machine bad can't be built") as raised:
        provide_image(engine, build.read().machine("bad"), Making(ProgressLines(print)))
    assert "    there\n" in str(raised.value)


def test_a_refusal_is_an_error_of_this_engine(engine: Engine) -> None:
    with pytest.raises(EngineError, match=f"{engine.name} rmi failed: .+"):
        engine.call("rmi", "localhost/fencepost/there-is-none:1")
    assert engine.fix_for("write /x: No space left on device").startswith("free some space")
    assert engine.fix_for("a complaint that is new") == ""


def test_leftovers_of_a_killed_check_carry_its_label(engine: Engine, container: str) -> None:
    # A check of another test may find it too, and remove it first: then an engine returns while that goes on.
    remove_left_behind(engine)
    while container in names_in(engine):
        time.sleep(0.1)


def test_a_container_that_is_gone_is_no_error(engine: Engine, image: Image) -> None:
    name = container_in_use(engine, image)
    remove_containers(engine, [fresh_name(), name])
    assert name not in names_in(engine)
    remove_containers(engine, [name])


def test_a_container_in_use_is_not_lost(engine: Engine, image: Image) -> None:
    name = container_in_use(engine, image)
    try:
        engine.end_lost_containers()
        assert name not in remove_left_behind(engine)
        assert len(containers_of_this_process(engine)) == 1
    finally:
        remove_containers(engine, [name])


def test_a_volume_is_known_by_its_label(engine: Engine) -> None:
    name = f"fencepost-{secrets.token_hex(4)}"
    engine.call("volume", "create", "--label", "fencepost.machine=of-a-test", name)
    try:
        assert volumes_of(engine, "of-a-test") == [name]
        listed = engine.call("volume", "ls", "--format", f"{{{{.Name}}}} {engine.label_template('fencepost.machine')}")
        assert f"{name} of-a-test" in listed.stdout.splitlines()
    finally:
        remove_volume(engine, name)
    assert volumes_of(engine, "of-a-test") == []


def test_a_user_namespace_is_one_where_it_gives_one(engine: Engine, image: Image) -> None:
    if not engine.gives_user_namespaces:
        assert engine.user_namespace_flags() == ()
        return
    flags = ("--rm", "--label", f"{LABEL}={owner()}", "--network", "none", *engine.run_options)
    ids = engine.call("run", *flags, *engine.user_namespace_flags(), image.id, "cat", "/proc/self/uid_map").stdout
    assert ids.split()[:2] != ["0", "0"]


@pytest.mark.parametrize("isolation", ["auto", "container"])
def test_a_page_is_alone(build: SiteBuilder, engine: Engine, monkeypatch: pytest.MonkeyPatch, isolation: str) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.invalid:1")
    build.machine("alone.example", "FROM debian:12\n", f'isolation = "{isolation}"\n')
    build.page((PAGES / "alone.md").read_text("utf-8"))
    (record,) = check(build, engine)
    assert [(step.id, step.output) for step in steps_of(record).values() if step.verdict != "passed"] == []
    assert record.engine == f"{engine.name} {engine.version}"
    warm = isolation == "auto" and engine.gives_user_namespaces and may_make_programs()
    assert record.isolation == ("cell" if warm else "container")
    assert left_behind(engine) == []
