"""Engines of other packages: one that works, and those that don't, which hinder no other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import SiteBuilder
from checking import engine_or_skip, records_of
from plugging import install, install_wharf
from running import fencepost

from fencepost.errors import EngineError, SiteError
from fencepost.machine.doctor import Finding, examine
from fencepost.machine.engines.registry import engine_names, find_engine

SOUND = """
from fencepost.machine.engines.podman import Podman

class Crane(Podman):
    name = "crane"
    {}
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of packages, in which the programs `podman` and `crane` lie too. There are no others."""
    for name in ("podman", "crane"):
        (tmp_path / name).write_text("#!/bin/sh\necho 9.9.9\n")
        (tmp_path / name).chmod(0o755)
    for variable in ("CONTAINER_HOST", "CONTAINER_CONNECTION", "DOCKER_HOST"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("fencepost_crane", None)


@pytest.mark.engine
@pytest.mark.parametrize("chosen", ["option", "setting"])
def test_a_page_is_checked_on_it(
    build: SiteBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    podman = engine_or_skip("podman")
    folder = tmp_path / "packages"
    folder.mkdir()
    environment = {**install_wharf(folder, monkeypatch), "WHARF_NOTES": str(tmp_path / "notes")}
    build.real_machine("plain")
    build.page("---\nmachine: plain\n---\n\n```bash\ntrue\n```\n")
    if chosen == "setting":
        build.write("fencepost.toml", 'engine = "wharf"\n')
    option = ("--engine", "wharf") if chosen == "option" else ()
    done = fencepost(build.folder, "check", *option, env=environment)
    assert done.returncode == 0, done.stderr
    (record,) = records_of(build)
    assert (record.verdict, record.engine) == ("passed", f"wharf {podman.version}")
    assert "run --interactive --rm --name fencepost-" in (tmp_path / "notes").read_text()


def test_a_name_that_nobody_registered_is_compared_with_those_that_are(packages: Path, build: SiteBuilder) -> None:
    install(packages, "fencepost-crane", {"crane": "fencepost_crane:Crane"}, SOUND.format(""))
    assert engine_names() == ["podman", "docker", "crane"]
    with pytest.raises(SiteError, match="unknown engine `crain`") as raised:
        find_engine("crain")
    assert raised.value.fix == "did you mean `crane`?"
    with pytest.raises(SiteError) as raised:
        find_engine("lxc")
    assert raised.value.fix == "podman or docker or crane"
    build.write("fencepost.toml", 'engine = "crain"\n')
    with pytest.raises(SiteError, match="input should be 'auto', 'podman', 'docker' or 'crane', not `crain`"):
        build.read()
    build.write("fencepost.toml", 'engine = "crane"\n')
    assert build.read().settings.engine == "crane"


def test_without_podman_and_docker_it_is_found_by_itself(packages: Path) -> None:
    install(packages, "fencepost-crane", {"crane": "fencepost_crane:Crane"}, SOUND.format(""))
    assert find_engine().name == "podman"
    (packages / "podman").unlink()
    assert find_engine().name == "crane"
    (packages / "crane").unlink()
    with pytest.raises(EngineError, match="docker is not installed; crane is not installed") as raised:
        find_engine()
    assert "sudo apt-get install podman   (or docker.io; " in raised.value.fix


WRONG = {
    "no-module": ("elsewhere:Crane", "", "ModuleNotFoundError"),
    "no-name": ("fencepost_crane:Crain", SOUND, "AttributeError"),
    "import-fails": ("fencepost_crane:Crane", "1 / 0", "ZeroDivisionError"),
    "import-ends-all": ("fencepost_crane:Crane", "raise SystemExit(0)", "SystemExit"),
    "no-syntax": ("fencepost_crane:Crane", "class", "SyntaxError"),
    "no-class": ("fencepost_crane:Crane", "Crane = 3", "'int' object has no attribute 'find'"),
    "lacks-methods": (
        "fencepost_crane:Crane",
        "from fencepost.machine.engine import Engine\nclass Crane(Engine):\n    name = 'crane'\n"
        "    @classmethod\n    def connect(cls, program): return cls(program, '1')\n",
        "abstract method label_template",
    ),
    "another-name": ("fencepost_crane:Crane", SOUND.format("name = 'podman'"), "its name is 'podman'"),
    "finds-nothing": (
        "fencepost_crane:Crane",
        SOUND.format("find = classmethod(lambda cls: None)"),
        "returned None, which is no Engine",
    ),
    "no-text": ("fencepost_crane:Crane", SOUND.format("build_step = 3"), "build_step is 3, and not a text"),
    "no-template": (
        "fencepost_crane:Crane",
        SOUND.format("label_template = lambda self, label: None"),
        r"label_template is None, and not a text",
    ),
    "no-flags": (
        "fencepost_crane:Crane",
        SOUND.format("filter_flags = lambda self: '--strict'"),
        r"filter_flags is '--strict', and not a tuple of texts",
    ),
    "raises": ("fencepost_crane:Crane", SOUND.format("build_flags = lambda self: 1 / 0"), "ZeroDivisionError"),
}


@pytest.mark.parametrize("value,module,why", WRONG.values(), ids=WRONG)
def test_a_wrong_plug_in_is_an_error_that_names_its_package(packages: Path, value: str, module: str, why: str) -> None:
    install(packages, "fencepost-crane", {"crane": value}, module)
    pattern = f"the engine `crane` of the package fencepost-crane can't be used: .*{why}"
    with pytest.raises(EngineError, match=pattern) as raised:
        find_engine("crane")
    assert raised.value.fix == "update that package, or remove it"
    assert [finding.text for finding in faults()] == [raised.value.message]
    assert (find_engine().name, find_engine("podman").name) == ("podman", "podman")


def test_a_name_that_two_packages_register_is_nobodys(packages: Path) -> None:
    install(packages, "fencepost-crane", {"crane": "fencepost_crane:Crane"}, SOUND.format(""))
    install(packages, "another-crane", {"crane": "another_crane:Crane"}, SOUND.format(""))
    twice = r"the engine `crane` is registered twice, by (fencepost|another)-crane and (fencepost|another)-crane"
    with pytest.raises(EngineError, match=twice):
        find_engine("crane")
    assert len(faults()) == 1
    assert find_engine().name == "podman"


def test_a_name_of_fenceposts_own_cannot_be_taken(packages: Path) -> None:
    install(packages, "fencepost-crane", {"podman": "fencepost_crane:Crane"}, SOUND.format(""))
    with pytest.raises(EngineError, match="the engine `podman` is registered twice, by fencepost and fencepost-crane"):
        find_engine("podman")
    # Nobody has asked for the name here, and Fencepost's own goes first.
    assert type(find_engine()).__name__ == "Podman"


def faults() -> list[Finding]:
    """What the doctor finds wrong with `crane`."""
    return [finding for finding in examine() if finding.what == "crane" and not finding.good]
