"""Pages like those of real documentation: each gets its right verdict, and its script ends as the page does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from fencepost.errors import ManyErrors
from fencepost.machine.engine import Engine
from fencepost.publish.script import script_of_steps
from fencepost.record.model import Record
from fencepost.transcript.hints import hints
from fencepost.verdicts import Verdict
from tests.helpers.checking import check
from tests.helpers.site_builder import SiteBuilder

HERE = Path(__file__).parent
MACHINES = HERE.parents[1] / "machines"
WANTED: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "verdicts.yaml").read_text("utf-8"))

Sites = tuple[dict[tuple[str, str], Record], dict[tuple[str, str], Record]]


@pytest.fixture(scope="module")
def checked(podman: Engine, tmp_path_factory: pytest.TempPathFactory) -> Sites:
    """The records of the pages, and those of pages that run the scripts of the green ones; by name and machine."""
    site = _site(tmp_path_factory.mktemp("pages"))
    shutil.copytree(HERE / "pages", site.folder / "docs", dirs_exist_ok=True)
    records = _by_name(check(site, podman))
    scripts = _site(tmp_path_factory.mktemp("scripts"))
    read = site.read()
    for (name, machine), record in records.items():
        if record.verdict is Verdict.PASSED:
            page = read.read_page(site.folder / "docs" / f"{name}.md")
            assert page
            steps = page.snippets_on(machine)
            text = script_of_steps(steps, page=page.name, title=name, machine=machine, called=machine, env={})
            scripts.page(_that_runs(text, machine), f"{name}@{machine}.md")
    return records, _by_name(check(scripts, podman))


def _site(folder: Path) -> SiteBuilder:
    site = SiteBuilder(folder / "site")
    for name in ("debian-13", "debian-testing"):
        shutil.copytree(MACHINES / name, site.folder / "machines" / name, dirs_exist_ok=True)
    return site


def _that_runs(script: str, machine: str) -> str:
    return (
        f"---\nmachine: {machine}\n---\n"
        f'~~~~~~ {{ #script file="/tmp/steps.sh" }}\n{script}~~~~~~\n\n```bash {{ #run }}\nbash /tmp/steps.sh\n```\n'
    )


def _by_name(records: list[Record]) -> dict[tuple[str, str], Record]:
    return {(Path(record.page).stem, record.machine): record for record in records}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("20a-doctest-in-python", "docs/page.md:9: the fence is a Python transcript"),
        ("33b-heredoc-in-function", "docs/page.md:10: the fence ends before this command does: bash waits for a line"),
    ],
)
def test_a_page_is_refused_before_anything_runs(name: str, expected: str, build: SiteBuilder) -> None:
    page = build.page((HERE / "refused" / f"{name}.md").read_text("utf-8"))
    with pytest.raises(ManyErrors) as caught:
        build.read().read_page(page)
    assert [str(error).startswith(expected) for error in caught.value.errors] == [True]


def test_every_page_has_an_expected_verdict() -> None:
    assert sorted(WANTED) == sorted(path.stem for path in (HERE / "pages").glob("*.md"))


@pytest.mark.engine
@pytest.mark.parametrize("name", WANTED)
def test_a_page_gets_its_expected_verdict(name: str, checked: Sites) -> None:
    wanted = WANTED[name]
    for (page, machine), record in checked[0].items():
        if page == name:
            assert record.verdict == wanted["is"], (machine, [step.output for step in record.snippets])
            step = next((step for step in record.snippets if step.failure), None)
            if step and step.failure:
                failure = step.failure
                found = hints(failure.expected, failure.actual, failure.line)
                result = (step.reason, step.output, failure.expected, failure.actual, *found)
                assert wanted.get("at") == failure.line
                assert wanted.get("says", "") in "\n".join(map(str, result))
            notes = [note.text for step in record.snippets for note in step.notes]
            assert all(wanted.get("note", "none is expected") in note for note in notes)
            assert bool(notes) == ("note" in wanted)


@pytest.mark.engine
@pytest.mark.parametrize("name", [name for name, wanted in WANTED.items() if wanted["is"] == "passed"])
def test_the_script_of_a_green_page_ends_well(name: str, checked: Sites) -> None:
    records = [record for (page, _), record in checked[1].items() if page.partition("@")[0] == name]
    assert records
    for record in records:
        assert record.verdict is Verdict.PASSED, (record.machine, [step.output for step in record.snippets])
