"""Commands that only check, which are never left out."""

from __future__ import annotations

import pytest

from fencepost.mutate.checks import only_checks


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
        "grep -q word \\\n    file",
    ],
)
def test_a_check(command: str) -> None:
    assert only_checks(command)


@pytest.mark.parametrize(
    "command",
    [
        "mkdir work",
        "grep word file >found",
        "grep word file | tee found",
        "test -e work || mkdir work",
        "test -e a; rm a",
        "diff -u old new >change.patch",
        "echo test -e a",
        "true",
        "testing --now",
        "grep word file && make",
        "for f in *; do grep -q word $f; done",
    ],
)
def test_a_command_that_does_something(command: str) -> None:
    assert not only_checks(command)
