"""Python steps under pytest: items of pytest-markdown-docs, whose code runs on the page's machine.

They keep that plugin's syntax, fixtures and runner registry. Two of its habits don't matter here: it runs a snippet
again when a runner raises TypeError, which ours never does, and it shows its own excerpt, which ours replaces.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytest_markdown_docs._runners import _Runner, register_runner
from pytest_markdown_docs.definitions import FenceTestDefinition
from pytest_markdown_docs.plugin import MarkdownInlinePythonItem

from fencepost.fence.snippet import Snippet


class FixtureValueError(Exception):
    """A fixture's value can't be passed to the machine."""


@dataclass(frozen=True)
class MachineFence(FenceTestDefinition):  # type: ignore[misc]  # pytest-markdown-docs ships no types
    """A fence, with the item that knows its machine."""

    item: Any = None


@register_runner()
class FencepostRunner(_Runner):  # type: ignore[misc]
    """Runs a fence on its page's machine, in the page's live interpreter."""

    def runtest(self, test: MachineFence, args: dict[str, Any], *, asyncio_runner: Any = None) -> None:
        """Run the step with the fixtures' values, converted to JSON and back."""
        del asyncio_runner
        test.item.run_on_machine({name: _as_json(name, args[name]) for name in test.fixture_names})

    def repr_failure(self, test: MachineFence, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """Return the step's own report."""
        del test, style
        return str(excinfo.value)


class PythonStepItem(MarkdownInlinePythonItem):  # type: ignore[misc]
    """A Python step."""

    def __init__(self, name: str, parent: Any, snippet: Snippet) -> None:
        definition = MachineFence(
            source=snippet.source,
            fixture_names=snippet.attributes.fixtures,
            start_line=snippet.opening.line,
            source_path=Path(snippet.opening.file),
            runner_name=FencepostRunner.__name__,
            # Retries happen in the session, together with the step's other attributes.
            max_retries=0,
            item=self,
        )
        super().__init__(name, parent, definition)
        self.node_on_machine = parent
        self.snippet = snippet
        self.add_marker("fencepost")

    def setup(self) -> None:
        """Prepare the fixtures, start the machine, and run the steps before this one."""
        super().setup()
        self.node_on_machine.prepare(self.snippet)

    def run_on_machine(self, values: dict[str, Any]) -> None:
        """Run the step with its fixtures' values."""
        self.node_on_machine.run_step(self, self.snippet, values)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the file and line of the step, and its name in reports."""
        return self.path, self.snippet.opening.line - 1, f"{self.node_on_machine.name}: {self.name}"


def _as_json(name: str, value: Any) -> Any:
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError) as error:
        raise FixtureValueError(
            f"the fixture `{name}` returns a {type(value).__name__}: only JSON values can be passed to a machine"
        ) from error
