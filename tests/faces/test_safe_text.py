"""Text of pages and machines is shown so that it controls no terminal and no CI service."""

from __future__ import annotations

import pytest

from fencepost.faces.safe_text import shown, shown_on_one_line


@pytest.fixture(autouse=True)
def on_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::error::x", "\\::error::x"),
        ("first\n    ::stop-commands::x", "first\n    \\::stop-commands::x"),
        ("\n\n\u3000::x", "\n\n\u3000\\::x"),
        ("   8 | echo '##[group]x'", "   8 | echo '##\\[group]x'"),
        ("###[x]", "###\\[x]"),
        ("std::string, # [x]", "std::string, # [x]"),
        ("\x1b::x \u202e", "␛::x \\u202e"),
    ],
)
def test_lines_are_no_commands_to_github(text: str, expected: str) -> None:
    assert shown(text) == expected
    assert shown(expected) == expected


def test_lines_stay_as_they_are_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert shown("  ::x\n##[x]") == "  ::x\n##[x]"


def test_a_name_cannot_begin_a_line() -> None:
    assert shown_on_one_line("docs/x\n::error::\x1bc.md") == "docs/x␊::error::␛c.md"
