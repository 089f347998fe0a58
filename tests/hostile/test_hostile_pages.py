"""Hostile pages get the verdicts in their comments on every kind of machine, and harm no other page.

Each folder of `pages/` is a site, which is checked together with an honest page. A step that forges a verdict has a
failing command, so that a green step shows that the forgery worked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from fencepost.verdicts import Verdict
from tests.helpers.checking import check, engine_or_skip, left_behind, records_of
from tests.helpers.site_builder import SiteBuilder
from tests.hostile.expectations import expanded, expectations, page_differences

PAGES = Path(__file__).parent / "pages"
TOPICS = sorted(path.name for path in PAGES.iterdir() if path.is_dir())
_MACHINE = re.compile(r"^machine: (\w+)\b", re.MULTILINE)


@dataclass(frozen=True)
class Way:
    """A way to open machines.

    Attributes:
        name: what the tests call it.
        engine: the engine that runs it.
        isolation: what records say of it.
        machine: one of the tests' machines, with bash and Python.
    """

    name: str
    engine: str
    isolation: str
    machine: str = "python"

    @property
    def settings(self) -> str:
        """A line for the site's `fencepost.toml`."""
        return f'isolation = "{"auto" if self.isolation == "cell" else "container"}"\n'


WAYS = [
    pytest.param(Way("cell", "podman", "cell"), marks=pytest.mark.engine),
    pytest.param(Way("podman", "podman", "container"), marks=pytest.mark.engine),
    pytest.param(Way("docker", "docker", "container"), marks=pytest.mark.engine),
    pytest.param(Way("vm", "podman", "vm", machine="vm"), marks=[pytest.mark.vm, pytest.mark.timeout(900)]),
]


def on_machine(path: Path, machine: str) -> str:
    """A page's text for a machine. Where it says `any`, it runs on every one; empty where it is for others only."""
    text = expanded(path.read_bytes().decode())
    named = _MACHINE.search(text)
    assert named, f"{path.name} names no machine"
    if named[1] not in {"any", machine}:
        return ""
    return text[: named.start()] + f"machine: {machine}" + text[named.end() :]


def hostile_pages() -> list[Path]:
    return sorted(PAGES.glob("*/*.md"))


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_hostile_pages_get_their_expected_verdicts(build: SiteBuilder, way: Way, topic: str) -> None:
    engine = engine_or_skip(way.engine)
    build.real_machine(way.machine)
    build.write("fencepost.toml", 'output-limit = 1\nmemory = "256m"\nprocesses = 96\n' + way.settings)
    texts = {path.name: on_machine(path, way.machine) for path in [*(PAGES / topic).glob("*.md"), PAGES / "honest.md"]}
    texts = {name: text for name, text in texts.items() if text}
    for name, text in texts.items():
        build.write(f"docs/{name}", text)

    records = check(build, engine, jobs=2)

    assert {Path(record.page).name for record in records} == texts.keys()
    assert {record.isolation for record in records} == {way.isolation}
    result = [
        difference
        for record in records
        for difference in page_differences(record, expectations(texts[Path(record.page).name], way.machine))
    ]
    assert not result, "\n".join(result)
    # What is kept is what was told, and of an error nothing is kept.
    assert sorted(records_of(build), key=lambda record: record.page) == [
        record for record in records if record.verdict is not Verdict.ERROR
    ]
    assert left_behind(engine) == []


@pytest.mark.parametrize("path", hostile_pages(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_hostile_page_states_its_verdicts_and_ends_honestly(path: Path) -> None:
    text = path.read_bytes().decode()
    for machine in ("python", "vm"):
        expected = list(expectations(text, machine).values())
        assert any("passed" not in step.verdicts for step in expected) or "forges-an-answer" in path.stem
        assert "passed" in expected[-1].verdicts
