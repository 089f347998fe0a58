"""Machines as their authors write them."""

from __future__ import annotations

import pytest
from builders import SiteBuilder

from fencepost.errors import FencepostError


def error_of(build: SiteBuilder) -> str:
    with pytest.raises(FencepostError) as raised:
        _ = build.read().machines
    assert raised.value.exit_status == 2
    return str(raised.value)


def test_a_site_without_machines(build: SiteBuilder) -> None:
    (build.folder / "machines").rename(build.folder / "elsewhere")
    assert build.read().machines == {}


def test_machines_lie_where_the_settings_say(build: SiteBuilder) -> None:
    (build.folder / "machines").rename(build.folder / "elsewhere")
    build.write("fencepost.toml", 'machines = "elsewhere"\n')
    assert sorted(build.read().machines) == ["debian-12", "debian-13"]


def test_files_and_hidden_folders_are_no_machines(build: SiteBuilder) -> None:
    build.write("machines/README.md", "")
    build.write("machines/.git/config", "")
    assert sorted(build.read().machines) == ["debian-12", "debian-13"]


def test_a_machine_with_settings(build: SiteBuilder) -> None:
    toml = 'memory = "512m"\ncapabilities = ["SYS_ADMIN"]\nenv = { LANG = "de_DE.UTF-8" }\n'
    build.machine("big", toml=toml)
    settings = build.read().machines["big"].settings
    assert (settings.kind, settings.memory) == ("container", "512m")
    assert settings.capabilities == ("SYS_ADMIN",)
    assert settings.env == {"LANG": "de_DE.UTF-8"}


def test_no_containerfile(build: SiteBuilder) -> None:
    (build.folder / "machines/empty").mkdir()
    told = error_of(build)
    assert told == "machines/empty: no Containerfile in this machine's folder\n  add one, or remove the folder"


def test_a_dockerfile_is_to_be_renamed(build: SiteBuilder) -> None:
    build.write("machines/old/Dockerfile", "FROM scratch\n")
    assert "rename the Dockerfile" in error_of(build)


@pytest.mark.parametrize("name", ["Debian", "debian_12", "-x", "a@b", "a b", "x" * 65])
def test_names_that_name_no_machine(build: SiteBuilder, name: str) -> None:
    build.machine(name)
    assert error_of(build).startswith(f"machines/{name}: `{name}` can't name a machine")


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("memory = = 1\n", ": can't be read as TOML"),
        ('\nmemmory = "1g"\n', ":2: unknown setting `memmory`\n  did you mean `memory`?"),
        ('kind = "zeppelin"\n', ":1: `kind`: "),
        ('memory = "lots"\n', ":1: `memory`: "),
        ('capabilities = "SYS_ADMIN"\n', ":1: `capabilities`: "),
        ("env = { A = 1 }\n", ":1: `env`: "),
    ],
)
def test_a_bad_machine_toml(build: SiteBuilder, toml: str, told: str) -> None:
    build.machine("bad", toml=toml)
    assert error_of(build).startswith(f"machines/bad/machine.toml{told}")


def test_the_digest_changes_with_all_that_the_image_is_made_from(build: SiteBuilder) -> None:
    def digest() -> str:
        return build.read().machines["debian-12"].digest

    first = digest()
    assert digest() == first
    build.write("machines/debian-12/machine.toml", 'memory = "1g"\n')
    assert digest() == first
    build.write("machines/debian-12/files/hosts", "127.0.0.1 chef\n")
    second = digest()
    assert second != first
    build.write("machines/debian-12/files/hosts", "127.0.0.1 cook\n")
    third = digest()
    assert third not in {first, second}
    (build.folder / "machines/debian-12/files").rename(build.folder / "machines/debian-12/other")
    assert digest() not in {first, second, third}
