"""A machine's list of packages, which a page may have changed."""

from __future__ import annotations

import pytest

from fencepost.machine.packages import packages_in


@pytest.mark.parametrize(
    ("expected", "packages"),
    [
        ("bash 5.2.15-2+b2\nlibc6 2:2.36~rc1-9\n", {"bash": "5.2.15-2+b2", "libc6": "2:2.36~rc1-9"}),
        ("glibc 2.34-1.el9^git1\nlibstdc++ 11_1-1\n", {"glibc": "2.34-1.el9^git1", "libstdc++": "11_1-1"}),
        ("musl-1.2.4_git1-r2\n", {"musl": "1.2.4_git1-r2"}),
        ("python@3 1:3.12-1\n", {"python@3": "1:3.12-1"}),
    ],
    ids=["dpkg", "rpm", "apk", "pacman"],
)
def test_each_kind_tells_its_own_way(expected: str, packages: dict[str, str]) -> None:
    assert packages_in(expected) == packages


@pytest.mark.parametrize(
    "line", ["a\x1bc 2\x1b[2J", "[x](https://example.org) 1", "<img> 1", "a `1`", "a\u202eb 1", "<b>-1-r1", "a|b 1"]
)
def test_invalid_names_and_versions_are_left_out(line: str) -> None:
    assert packages_in(f"bash 5.2\n{line}\n") == {"bash": "5.2"}
