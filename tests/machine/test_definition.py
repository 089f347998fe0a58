"""Machines as their authors define them."""

from __future__ import annotations

import os

import pytest

from fencepost.errors import FencepostError
from tests.helpers.site_builder import SiteBuilder


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
    text = error_of(build)
    assert text == "machines/empty: no Containerfile in this machine's folder\n  add one, or remove the folder"


def test_a_dockerfile_is_to_be_renamed(build: SiteBuilder) -> None:
    build.write("machines/old/Dockerfile", "FROM scratch\n")
    assert "rename the Dockerfile" in error_of(build)


@pytest.mark.parametrize("name", ["Debian", "debian_12", "-x", "a@b", "a b", "x" * 65])
def test_names_that_name_no_machine(build: SiteBuilder, name: str) -> None:
    build.machine(name)
    assert error_of(build).startswith(f"machines/{name}: `{name}` can't name a machine")


VM = 'kind = "vm"\n'


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("memory = = 1\n", ": can't be read as TOML"),
        pytest.param(f"processors = {'9' * 5000}\n", ": can't be read as TOML", id="digits without end"),
        ('\nmemmory = "1g"\n', ":2: unknown setting `memmory`\n  did you mean `memory`?"),
        ('kind = "zeppelin"\n', ":1: `kind`: "),
        ('memory = "lots"\n', ":1: `memory`: "),
        ('capabilities = "SYS_ADMIN"\n', ":1: `capabilities`: "),
        ("env = { A = 1 }\n", ":1: `env`: "),
        ('\nenv.A = "\\u0000"\n', ":2: `env`: takes values without null characters"),
        ('[env]\n"" = "a"\n', ":1: `env`: takes names of letters, digits and underscores"),
        ('env = { "FOO BAR" = "a" }\n', ":1: `env`: takes names of letters, digits and underscores"),
        ('env = { "A;touch /tmp/pwn;" = "a" }\n', ":1: `env`: takes names of letters, digits and underscores"),
        ('env = { "Ä" = "a" }\n', ":1: `env`: takes names of letters, digits and underscores"),
        ('capabilities = ["FOO"]\n', ":1: `capabilities`: takes names that Linux knows, such as `SYS_ADMIN`"),
        (VM + 'disk = "0g"\n', ":2: `disk`: takes a size between `64m` and `16384g`, not `0g`"),
        (VM + 'disk = "99999999999g"\n', ":2: `disk`: takes a size between `64m` and `16384g`, not `99999999999g`"),
        pytest.param(f'{VM}disk = "{"9" * 5000}g"\n', ":2: `disk`: ", id="a disk without end"),
        (VM + "boot-timeout = 999999\n", ":2: `boot-timeout`: input should be less than or equal to 86400"),
        ('memory = "0"\n', ":1: `memory`: takes a size between `6m` and `16384g`, not `0`"),
    ],
)
def test_a_bad_machine_toml(build: SiteBuilder, toml: str, expected: str) -> None:
    build.machine("bad", toml=toml)
    assert error_of(build).startswith(f"machines/bad/machine.toml{expected}")


def test_capabilities_are_named_as_the_engines_know_them(build: SiteBuilder) -> None:
    build.machine("able", toml='capabilities = ["SYS_ADMIN", "CAP_BPF", "cap_net_admin", "ALL"]\n')
    assert len(build.read().machines["able"].settings.capabilities) == 4


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


def test_the_digest_of_plain_files_stays_what_it_was(build: SiteBuilder) -> None:
    build.machine("plain", "FROM scratch\nCOPY files /\n", 'memory = "1g"\n')
    build.write("machines/plain/files/grüße", "hello\n")
    # Another one would have every machine built again.
    expected = "f4b9b53d7fdbbc48b15b81aa429907d5988144b3f766025a40cee91a3b74060a"
    assert build.read().machines["plain"].digest == expected


def test_the_digest_changes_with_what_is_no_content(build: SiteBuilder) -> None:
    seen: set[str] = set()

    def is_new() -> bool:
        digest = build.read().machines["debian-12"].digest
        known = digest in seen
        seen.add(digest)
        return not known

    file = build.write("machines/debian-12/etc/hello", "hello\n")
    assert is_new()
    file.chmod(0o755)
    assert is_new()
    # What a umask takes away differs between computers.
    file.chmod(0o700)
    assert not is_new()
    build.write("machines/debian-12/etc/machine.toml", "x = 1\n")
    assert is_new()
    build.write("machines/debian-12/etc/machine.toml", "x = 2\n")
    assert is_new()
    folder = file.parent / "empty"
    folder.mkdir()
    assert is_new()
    link = file.parent / "link"
    for target in (".", "empty", "nowhere", "hello", "../etc/hello"):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        assert is_new()


def test_a_file_name_that_is_no_utf_8(build: SiteBuilder) -> None:
    first = build.read().machines["debian-12"].digest
    name = os.fsencode(build.folder) + b"/machines/debian-12/gr\xfc\xdfe"
    with open(name, "wb") as file:
        file.write(b"hello\n")
    assert build.read().machines["debian-12"].digest != first


def test_a_machine_may_start_from_another(build: SiteBuilder) -> None:
    build.machine("small", "FROM debian:13\n")
    build.machine("large", "FROM localhost/small AS first\nFROM localhost/unknown\nFROM debian:12\n")
    build.machine("largest", "FROM localhost/large\n")
    machines = build.read().machines
    assert machines["largest"].bases == (machines["large"],)
    assert machines["large"].bases == (machines["small"],)
    digests = {name: machine.digest for name, machine in machines.items()}
    build.machine("small", "FROM debian:12\n")
    differs = [name for name, machine in build.read().machines.items() if machine.digest != digests[name]]
    assert differs == ["large", "largest", "small"]


def test_machines_that_start_from_each_other(build: SiteBuilder) -> None:
    build.machine("one", "FROM localhost/three\n")
    build.machine("three", "# here\nFROM localhost/two\n")
    build.machine("two", "FROM localhost/one\n")
    assert error_of(build) == (
        "machines/two/Containerfile:1: starts from itself: one from three from two from one\n"
        "  start one of them from another image"
    )
