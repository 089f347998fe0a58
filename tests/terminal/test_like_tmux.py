"""The screen model shows what another terminal shows: tmux."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from fencepost.columns import tabs_as_spaces
from fencepost.terminal import lines_of
from tests.terminal.tmux import Pane, a_pane
from tests.terminal.written_outputs import WRITTEN

pytestmark = pytest.mark.slow

GENERATED = 300


class Parts(NamedTuple):
    """What outputs are put together from."""

    texts: tuple[str, ...]
    steps: tuple[str, ...]
    numbers: tuple[str, ...]
    orders: str


ESCAPES = ("\x1b7", "\x1b8", "\x1bD", "\x1bE", "\x1b=", "\x1b(B")
ESCAPES += ("\x1b[s", "\x1b[u", "\x1b[31m", "\x1b[?25l", "\x1b]0;t\a")
LINES = ("\r", "\n", "\r\n", "\t", "\v", "\f", "\a", "\0", "\x7f", "\x0e\x0f")
NARROW = Parts(
    ("a", "bc", "def", "ghij  ", " ", "e\u0301", "ß", "x" * 30),
    ("\b", "\b\b", *LINES),
    ("", "0", "1", "2", "3", "5", "3;4", ";2", "2;"),
    "@ABCDEFGHJKPX`df",
)
# Every column is an even one: where something begins in the middle of a wide character, tmux may leave half of it.
WIDE = Parts(("bc", "日本", "日", "ghij  ", "日本語日本語", "한글"), ("\b\b", *LINES), ("2", "4"), "ABCDEFJKPX@d")


@pytest.fixture(scope="module")
def pane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pane]:
    with a_pane(tmp_path_factory.mktemp("tmux")) as started:
        yield started


def shown(output: str) -> list[str]:
    return [tabs_as_spaces(line) for line in lines_of(output)]


@pytest.mark.parametrize("output", [output for output, _ in WRITTEN.values()], ids=WRITTEN)
def test_written_outputs_show_as_in_tmux(pane: Pane, output: str) -> None:
    assert shown(output) == pane.lines(output)


@pytest.mark.parametrize("parts", [NARROW, WIDE], ids=["narrow", "wide"])
def test_random_outputs_show_as_in_tmux(pane: Pane, parts: Parts) -> None:
    chance = random.Random(14)
    for number in range(GENERATED):
        output = generated(parts, chance)
        assert shown(output) == pane.lines(output), (number, output)


def generated(parts: Parts, chance: random.Random) -> str:
    """Some text, and movements in it: on a screen that is high and wide enough for all of them."""
    told = []
    for _ in range(chance.randint(2, 14)):
        kind = chance.choices(("text", "step", "escape", "order"), (5, 3, 1, 4))[0]
        if kind == "text":
            told.append(chance.choice(parts.texts))
        elif kind == "step":
            told.append(chance.choice(parts.steps))
        elif kind == "escape":
            told.append(chance.choice(ESCAPES))
        else:
            told.append(f"\x1b[{chance.choice(parts.numbers)}{chance.choice(parts.orders)}")
    return "".join(told)
