"""A failed step as its author reads it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from fencepost.faces.failure_text import failure_text
from fencepost.kinds.result import Failure, StepResult
from fencepost.verdicts import Verdict

PAGE = ["```console", "$ cmd", *(f"{number}" for number in range(3, 40))]


def told(expected: str, actual: str, *, line: int = 3, command: str = "cmd") -> str:
    """What stands between the excerpt and what to type next."""
    job: Any = SimpleNamespace(page=SimpleNamespace(name="docs/a.md"), definition=SimpleNamespace(name="plain"))
    snippet: Any = SimpleNamespace(id="step-1", runner="console")
    failure = Failure("docs/a.md", line, command, expected, actual)
    result = StepResult(snippet, Verdict.FAILED, 0, reason="it differs", output=actual, failure=failure, differs=True)
    text = failure_text(job, result, {"docs/a.md": PAGE})
    excerpt, _, rest = text.partition(f" | {PAGE[line + 1]}\n\n")
    assert "docs/a.md:3: failed: step `step-1` on plain: it differs\n\n" in excerpt or line != 3
    return rest.partition("\n\n  run it again:")[0]


def test_one_line_for_another() -> None:
    assert told("a", "b\n") == "  expected:  a\n  but got:   b"


def test_lines_that_look_alike() -> None:
    assert told("\\a", "\\a\n") == (
        "  expected:  \\a\n  but got:   \\a\n"
        "  hint:      line 3: a backslash in front (`\\`) takes the rest of a line literally, and isn't part of it: "
        "write `\\\\a`"
    )


def test_a_missing_output_is_named() -> None:
    assert told("a", "") == "  expected:  a\n  but got:   nothing"
    assert told("a\nb", "\n") == "  expected:\n    a\n    b\n  but got:   nothing"


def test_the_actual_output_is_what_a_terminal_shows() -> None:
    assert told("a", "x\b\x1b[1my\x1b[m\n") == "  expected:  a\n  but got:   y"


def test_long_differences_are_cut_to_their_context() -> None:
    numbers = [str(number) for number in range(60)]
    changed = [*numbers[:20], "x  y", *numbers[21:]]
    assert told("\n".join([*numbers[:20], "x y", *numbers[21:]]), "\n".join(changed)) == (
        "  expected (-), but got (+):\n      (18 lines not shown here)\n      18\n      19\n    - x y\n    + x  y\n"
        "      21\n      22\n      (37 lines not shown here)\n"
        "  hint:      line 3: column 2: 1 space on the page, 2 spaces in the output"
    )


def test_a_long_output_is_cut() -> None:
    lines = told("0", "\n".join(str(number) for number in range(1000))).split("\n")
    assert lines[1:3] == ["      0", "    + 1"]
    assert lines[-1] == "      (970 lines not shown here)"


@pytest.mark.parametrize(("line", "begins"), [(3, "  expected:"), (20, "  command:  cmd\n\n  expected:")])
def test_the_command_is_named_where_the_excerpt_lacks_it(line: int, begins: str) -> None:
    assert told("a", "b", line=line).startswith(begins)
