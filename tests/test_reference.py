"""The reference and the guide mention every name that Fencepost accepts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from fencepost.faces.cli.app import application
from fencepost.faces.generator.mkdocs_plugin import FencepostPlugin
from fencepost.fence import attributes
from fencepost.kinds.registry import registry
from fencepost.machine.definition import MachineSettings
from fencepost.page import frontmatter
from fencepost.settings import Settings
from fencepost.verdicts import Verdict

DOCS = Path(__file__).parents[1] / "docs"
WORDS = [
    *(f"`.{name}`" for name in attributes.CLASSES),
    *(f"`{name}=" for name in attributes.KEYS),
    *(f"`{name}`" for name in attributes.BARE),
    *(f"`{name}:`" for name in frontmatter.KEYS),
    *(f"`{name}`" for name in registry().languages),
    *(f"`{field.alias}`" for field in Settings.model_fields.values()),
    *(f"`{name}`" for name in (field.alias for field in MachineSettings.model_fields.values())),
]


@pytest.mark.parametrize("word", WORDS)
def test_the_reference_has_every_word(word: str) -> None:
    assert word in (DOCS / "reference.md").read_text("utf-8")


@pytest.mark.parametrize("verdict", Verdict)
def test_the_guide_tells_what_a_verdict_means(verdict: Verdict) -> None:
    words = {"known-broken": "known to be broken", "timed-out": "timed out", "unexpectedly-works": "unexpectedly works"}
    assert f"| {words.get(verdict, verdict)} |" in (DOCS / "guide" / "index.md").read_text("utf-8")


COMMAND_LINE = re.compile(r"(?:^|[\s`(]|\$\()(?:fencepost|\$FENCEPOST) (?P<words>[a-z-]+[^`|>)\n]*)")
# Of a line that shows what can be typed.
BEGINNINGS = ("fencepost ", "$ fencepost ", "- run: ", "run: ", "run it again", "look around", "- fencepost ")
SOURCES = [*DOCS.rglob("*.md"), *(DOCS.parent / ".github/workflows").glob("*.yml"), DOCS.parent / "README.md"]
CALLS = sorted(
    {
        match["words"].split("#")[0].split("  ")[0].strip()
        for source in SOURCES
        for line in source.read_text("utf-8").splitlines()
        if line.strip().startswith(BEGINNINGS)
        for match in COMMAND_LINE.finditer(line)
    }
)


@pytest.mark.parametrize("call", CALLS)
def test_every_command_line_that_is_shown_can_be_typed(call: str) -> None:
    """The command exists, and so does each of its options."""
    command = typer.main.get_command(application())
    words = call.split()
    while commands := getattr(command, "commands", None):
        assert words[0] in commands, call
        command = commands[words.pop(0)]
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known, call


def test_enough_command_lines_are_shown() -> None:
    assert {call.split()[0] for call in CALLS} >= {"check", "shell", "plan", "merge", "fetch", "machines"}


def test_the_reference_lists_every_command_and_option() -> None:
    text = (DOCS / "reference.md").read_text("utf-8")
    for name, command in typer.main.get_command(application()).commands.items():  # type: ignore[attr-defined]
        assert f"| `fencepost {name}" in text
        if name in {"check", "plan"}:
            options = [parameter.opts[0] for parameter in command.params if parameter.param_type_name == "option"]
            assert [option for option in options if option not in text] == []
    assert [name for name, _ in FencepostPlugin.config_scheme if f"| `{name}` |" not in text] == []
