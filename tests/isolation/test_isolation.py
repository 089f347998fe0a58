"""What a page can't reach, with each kind of isolation: each attempt is a step that passes if it fails."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import find_engine
from fencepost.record.model import Record
from tests.helpers.checking import check, left_behind, records_of, steps_of
from tests.helpers.site_builder import SiteBuilder

PAGES = Path(__file__).parent / "pages"
ABSTRACT = "fencepost-test-of-the-host"


@dataclass(frozen=True)
class Shelter:
    """A way to keep pages apart.

    Attributes:
        engine: the engine.
        isolation: what records then say.
    """

    engine: Engine
    isolation: str


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(pair, id="-".join(pair), marks=pytest.mark.engine)
        for pair in (("podman", "cell"), ("podman", "container"), ("docker", "container"))
    ],
)
def shelter(request: pytest.FixtureRequest) -> Shelter:
    name, isolation = request.param
    try:
        return Shelter(find_engine(name), isolation)
    except EngineError as error:
        if name in os.environ.get("FENCEPOST_REQUIRE", "").split(","):
            pytest.fail(f"FENCEPOST_REQUIRE asks for {name}: {error}")
        pytest.skip(str(error))


@pytest.fixture
def site(build: SiteBuilder, shelter: Shelter) -> SiteBuilder:
    """A site whose pages are kept apart in that way."""
    build.real_machine("python")
    build.write("fencepost.toml", f'isolation = "{"auto" if shelter.isolation == "cell" else "container"}"\n')
    return build


def add(site: SiteBuilder, name: str, **replaced: str) -> None:
    text = (PAGES / f"{name}.md").read_text("utf-8")
    for old, new in {"SITE_FOLDER": str(site.folder), **replaced}.items():
        text = text.replace(old, new)
    site.write(f"docs/{name}.md", text)


def run(site: SiteBuilder, shelter: Shelter, jobs: int = 1) -> dict[str, Record]:
    records = {Path(record.page).stem: record for record in check(site, shelter.engine, jobs=jobs, fresh=True)}
    assert {record.isolation for record in records.values()} == {shelter.isolation}
    assert left_behind(shelter.engine) == []
    return records


def assert_each_attempt_failed(record: Record) -> None:
    assert {step.id: (str(step.verdict), step.output) for step in record.snippets if step.verdict != "passed"} == {}


@contextmanager
def listening_on_the_host() -> Iterator[dict[str, str]]:
    """Servers of this computer that a page must not reach; its addresses."""
    with socket.socket() as server, socket.socket(socket.AF_UNIX) as abstract:
        server.bind(("0.0.0.0", 0))
        server.listen()
        abstract.bind(f"\0{ABSTRACT}")
        abstract.listen()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            # Sends nothing: the kernel only chooses the address it would send from.
            try:
                probe.connect(("192.0.2.1", 9))
                address = probe.getsockname()[0]
            except OSError:
                address = "127.0.0.1"
        yield {
            "HOST_PORT": str(server.getsockname()[1]),
            "HOST_ADDRESS": address,
            "ABSTRACT_SOCKET": ABSTRACT,
            "HOME_FOLDER": str(Path.home()),
        }


def test_the_host(site: SiteBuilder, shelter: Shelter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "SECRET_OF_THE_HOST")
    devices = [Path("/dev", name) for name in ("null", "zero", "full", "random", "urandom")]
    marks = [device.stat().st_mtime_ns for device in devices]
    with listening_on_the_host() as placeholders:
        add(site, "the-host", **placeholders)
        assert_each_attempt_failed(run(site, shelter)["the-host"])
    # An engine without root can make no devices, so a container of it has the host's, which everybody may touch there.
    if os.geteuid() == 0 or shelter.isolation == "cell":
        assert [device.stat().st_mtime_ns for device in devices] == marks


def test_system_calls(site: SiteBuilder, shelter: Shelter) -> None:
    add(site, "system-calls")
    assert_each_attempt_failed(run(site, shelter)["system-calls"])


def test_a_pages_root_is_not_the_computers_root(site: SiteBuilder, shelter: Shelter) -> None:
    if shelter.isolation == "container":
        pytest.skip("it is the engine's own, which may be the computer's")
    add(site, "is-root")
    assert_each_attempt_failed(run(site, shelter)["is-root"])


def test_its_own_name_and_sudo(site: SiteBuilder, shelter: Shelter) -> None:
    add(site, "knows-itself")
    assert_each_attempt_failed(run(site, shelter)["knows-itself"])


def test_earlier_runs(site: SiteBuilder, shelter: Shelter) -> None:
    add(site, "leaves-things")
    add(site, "looks-for-leftovers")
    records = run(site, shelter)
    # One page at a time, so a warm container is the same one for both.
    assert records["leaves-things"].started <= records["looks-for-leftovers"].started
    assert_each_attempt_failed(records["leaves-things"])
    assert_each_attempt_failed(records["looks-for-leftovers"])


def test_other_pages(site: SiteBuilder, shelter: Shelter) -> None:
    add(site, "keeps-a-secret")
    add(site, "pries")
    records = run(site, shelter, jobs=2)
    assert_each_attempt_failed(records["keeps-a-secret"])
    attempts = steps_of(records["pries"])
    assert attempts.pop("attacks").reason == "ended its shell (killed by signal 9)"
    assert {name: str(step.verdict) for name, step in attempts.items()} == dict.fromkeys(attempts, "passed")


def test_its_record_and_the_site(site: SiteBuilder, shelter: Shelter) -> None:
    add(site, "forges")
    before = _digests(site.folder)
    record = run(site, shelter)["forges"]
    assert _digests(site.folder) == before
    assert records_of(site) == [record]
    assert [(step.id, str(step.verdict)) for step in record.snippets] == [
        ("where-it-writes", "passed"),
        ("what-it-prints", "passed"),
        ("fails-all-the-same", "failed"),
    ]


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".fencepost" not in path.parts
    }
