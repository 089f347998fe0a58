"""The reference tells every word that Fencepost knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from fencepost.machine.definition import MachineSettings
from fencepost.page import attributes, frontmatter
from fencepost.page.languages import RUNNABLE
from fencepost.settings import Settings
from fencepost.verdicts import Verdict

DOCS = Path(__file__).parents[1] / "docs"
WORDS = [
    *(f"`.{name}`" for name in attributes.CLASSES),
    *(f"`{name}=" for name in attributes.KEYS),
    *(f"`{name}`" for name in attributes.BARE),
    *(f"`{name}:`" for name in frontmatter.KEYS),
    *(f"`{name}`" for name in RUNNABLE),
    *(f"`{field.alias}`" for field in Settings.model_fields.values()),
    *(f"`{name}`" for name in (field.alias for field in MachineSettings.model_fields.values())),
]


@pytest.mark.parametrize("word", WORDS)
def test_the_reference_tells_it(word: str) -> None:
    assert word in (DOCS / "reference.md").read_text("utf-8")


@pytest.mark.parametrize("verdict", Verdict)
def test_the_guide_tells_what_a_verdict_means(verdict: Verdict) -> None:
    words = {"known-broken": "known to be broken", "timed-out": "timed out", "unexpectedly-works": "unexpectedly works"}
    assert f"| {words.get(verdict, verdict)} |" in (DOCS / "guide" / "index.md").read_text("utf-8")
