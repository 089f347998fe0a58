"""Commands that only check or print, which are never left out."""

from __future__ import annotations

import pytest

from fencepost.mutate.effects import has_no_effect


@pytest.mark.parametrize(
    "command",
    [
        "test -e notes",
        "[ -d work ] && [[ $x == y ]]",
        "grep -q word file",
        "! grep word file",
        "ls | grep --quiet notes",
        "dpkg -l |\n    grep xen",
        "test -e a || exit 1",
        "test -e a || { echo gone; exit 1; }",
        "diff a b >/dev/null 2>&1",
        "grep -q 'a > b; rm' file",
        "command -v python3",
        "echo done",
        "cat notes; ls -l work",
        "printf '%s > %s\\n' a b >&2",
        "grep -q word \\\n    file",
    ],
)
def test_a_command_without_an_effect(command: str) -> None:
    assert has_no_effect(command)


@pytest.mark.parametrize(
    "command",
    [
        "mkdir work",
        "grep word file >found",
        "grep word file | tee found",
        "test -e work || mkdir work",
        "test -e a; rm a",
        "diff -u old new >change.patch",
        "echo hello >greeting",
        "cat notes | sudo tee copy",
        "make | tail -n 3",
        "make 2>&1 | grep -q done",
        "printf -v name x",
        "true",
        "testing --now",
        "grep word file && make",
        "for f in *; do grep -q word $f; done",
    ],
)
def test_a_command_with_an_effect(command: str) -> None:
    assert not has_no_effect(command)
