"""A fence's language is one of ours, a misspelling of one, or another one."""

from __future__ import annotations

import pytest
from pygments.lexers import get_all_lexers

from fencepost.kinds.registry import registry
from fencepost.page.languages import hint_for

RUNNABLE = registry().languages

HIGHLIGHTED = sorted({alias for lexer in get_all_lexers() for alias in lexer[1]} - set(RUNNABLE))


def test_no_language_that_can_be_highlighted_is_a_misspelt_one() -> None:
    assert len(HIGHLIGHTED) > 500
    assert [language for language in HIGHLIGHTED if hint_for(language)] == []


@pytest.mark.parametrize("language", [*RUNNABLE, "Bash", "", "ash", "zsh", "ipython", "mermaid"])
def test_no_hint_for(language: str) -> None:
    assert hint_for(language) == ""


@pytest.mark.parametrize(
    ("language", "meant"), [("bahs", "bash"), ("Pyhton", "python"), ("consloe", "console"), ("hsell", "shell")]
)
def test_a_hint_for(language: str, meant: str) -> None:
    assert hint_for(language) == f"did you mean `{meant}`?"
