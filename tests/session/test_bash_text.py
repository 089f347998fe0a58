"""The text that bash gets around a snippet."""

from __future__ import annotations

import pytest

from fencepost.session.bash_text import Wrapper
from fencepost.session.shell_state import ShellState


@pytest.mark.parametrize("traps_matter", [False, True])
def test_text_after_the_snippet_does_not_hold_the_mark(traps_matter: bool) -> None:
    wrapper = Wrapper("0011223344556677aabbccdd")
    text = wrapper.wrap("the snippet", 7, ShellState(traps_matter=traps_matter))
    before, _, behind = text.partition("the snippet")
    mark = wrapper.mark.decode().strip()
    halves = mark[: len(mark) // 2], mark[len(mark) // 2 :]
    assert all(half in before for half in halves)
    assert all(half not in behind for half in halves)
