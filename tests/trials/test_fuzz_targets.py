"""The fuzz targets hold for their seeds, and for every input that they once failed with."""

from __future__ import annotations

from pathlib import Path

import pytest

from trials.fuzzing.target import NAMES, load

FOUND = sorted(path for path in (Path(__file__).parent / "found").rglob("*") if path.is_file())


@pytest.mark.parametrize("name", NAMES)
def test_every_target_holds_for_the_samples(name: str) -> None:
    target = load(name)
    seeds = list(target.seeds())
    assert seeds
    for seed in seeds:
        target.one(seed[: target.longest])


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_earlier_findings_stay_fixed(path: Path) -> None:
    load(path.parent.name).one(path.read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_a_target_begins_anew_when_its_code_changes(name: str) -> None:
    target = load(name)
    assert all((Path("src/fencepost") / part).exists() for part in target.code)
    assert len(target.digest) == 64
