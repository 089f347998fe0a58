"""The statements of Python steps that `fencepost mutate` breaks."""

from __future__ import annotations

import pytest

from fencepost.kinds.console import CONSOLE
from fencepost.kinds.kind import Statement
from fencepost.kinds.python import PYTHON
from fencepost.kinds.shell import SHELL


@pytest.mark.parametrize(
    ("source", "statements"),
    [
        ("import math\nx = (1,\n     2)", [Statement(0, 1, "pass"), Statement(1, 3, "pass")]),
        ("assert x == 2, x", [Statement(0, 1, "assert not (x == 2)", asserts=True)]),
        ("@cache\ndef f():\n    return 1", [Statement(0, 3, "pass")]),
        ("'''A docstring.'''\nprint(x)\nfor a in b:\n    print(a)", []),
        ("for a in b:\n    c.append(a)", [Statement(0, 2, "pass")]),
        ("if", []),
    ],
)
def test_statements_of_python(source: str, statements: list[Statement]) -> None:
    assert PYTHON.statements(source) == statements


def test_bash_and_transcripts_have_commands_instead() -> None:
    assert list(SHELL.statements("x = 1")) == list(CONSOLE.statements("$ true")) == []
