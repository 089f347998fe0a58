"""What a check says before it makes machines."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from fencepost.check.announcement import announcement

KINDS = {"debian-12": "container", "debian-13": "container", "xen-12": "vm"}


def announced(seconds: dict[str, float], *, idle: bool = False) -> str:
    """Return what a check of two pages on three machines says."""
    jobs: Any = [
        SimpleNamespace(
            definition=SimpleNamespace(name=name, settings=SimpleNamespace(kind=kind)), needs_no_machine=idle
        )
        for name, kind in KINDS.items()
        for _ in range(2)
    ]
    fleet: Any = SimpleNamespace(seconds_to_make=lambda definition: seconds.get(definition.name, 0))
    return announcement(jobs, fleet, 2)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (
            {"debian-12": 40, "debian-13": 40, "xen-12": 170},
            "6 checks on 3 machines; 3 (1 virtual) to be made first: about 4 minutes",
        ),
        ({"debian-12": 40}, "6 checks on 3 machines; 1 to be made first: about 2 minutes"),
        ({"xen-12": 3600}, "6 checks on 3 machines; 1 (1 virtual) to be made first: about 32 minutes"),
    ],
)
def test_says_what_is_made_and_how_long_it_takes(seconds: dict[str, float], expected: str) -> None:
    assert announced(seconds) == f"{expected} on this computer; later checks are quick"


def test_says_nothing_if_everything_is_ready() -> None:
    assert announced({}) == ""
    assert announced({"debian-12": 40}, idle=True) == ""
