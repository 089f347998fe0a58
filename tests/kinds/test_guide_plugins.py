"""The plugins that the guide shows are complete."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fencepost.kinds.console import ConsoleKind
from fencepost.kinds.kind import StepKind
from fencepost.kinds.registry import Registry
from fencepost.machine.engine import Engine

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "extend-it.md"


def shown_objects() -> dict[str, Any]:
    objects: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        exec(block, objects)
    return objects


def test_the_plug_ins_of_the_guide_are_whole() -> None:
    shown = shown_objects()
    registry = Registry()
    for kind in (shown["FISH"], shown["SHELL_SESSION"]):
        assert isinstance(kind, StepKind)
        registry.add(kind, "example")
    assert list(registry.languages) == ["fish", "shellsession"]
    command, *_ = shown["SHELL_SESSION"].commands("Shell > echo a\na")
    assert (command.source, command.expected) == ("echo a", ("a",))
    assert isinstance(shown["SHELL_SESSION"], ConsoleKind)
    engine = shown["Wharf"]("/usr/bin/wharf", "1.0")
    assert isinstance(engine, Engine)
    assert engine.argv("ps") == ["/usr/bin/wharf", "ps"]
