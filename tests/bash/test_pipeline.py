"""The members of a pipeline are those that a real bash sees: each is marked, and bash prints the marks."""

from __future__ import annotations

import re
import subprocess

import pytest

from fencepost.bash.whole_script import pipelines_of
from tests.bash.random_commands import Author
from tests.bash.real_bash import is_recent
from tests.bash.test_completeness import HARMLESS

_BEGIN, _END = "{ begins_here; ", "; ends_here; } "


def as_bash_prints(script: str) -> str | None:
    """A script as bash shows a function, without blanks and semicolons; `None` where it is no script."""
    done = subprocess.run(
        ["bash", "-c", f"f() {{\n{script}\n}}\ndeclare -f f"], capture_output=True, text=True, check=False
    )
    return re.sub(r"[\s;]+", "", done.stdout) if done.returncode == 0 and not done.stderr else None


def with_marks(script: str) -> tuple[str, int]:
    places = []
    for pipeline in pipelines_of(script):
        for member in pipeline.members:
            places += [(member.begin, _BEGIN), (member.end, _END)]
    for at, mark in sorted(places, key=lambda place: place[0], reverse=True):
        script = script[:at] + mark + script[at:]
    return script, len(places) // 2


def assert_same_members(script: str) -> int:
    printed = as_bash_prints(script)
    if printed is None or "<<" in script:
        return 0
    marked, count = with_marks(script)
    again = as_bash_prints(marked)
    assert again is not None, (script, marked)
    without = again.replace(re.sub(r"[\s;]", "", _BEGIN), "").replace(re.sub(r"[\s;]", "", _END), "")
    assert without == printed, (script, marked)
    return count


@pytest.mark.slow
@pytest.mark.skipif(not is_recent(), reason="no bash 5.2 or later here")
def test_pipeline_members_are_those_that_bash_sees() -> None:
    whole = HARMLESS
    joined = [f"{one} | {other}" for one, other in zip(whole, [*whole[7:], *whole[:7]], strict=True)]
    assert sum(map(assert_same_members, whole + joined)) > 50


@pytest.mark.slow
@pytest.mark.skipif(not is_recent(), reason="no bash 5.2 or later here")
def test_members_of_random_commands_are_those_that_bash_sees() -> None:
    parts = [text for text in (Author(seed).whole(3) for seed in range(500)) if "<" not in text and " #" not in text]
    parts = [text for text in parts if as_bash_prints(f"{text} | a") is not None]
    assert len(parts) > 50
    count = 0
    for number in range(len(parts) - 5):
        a, b, c, d, e = parts[number : number + 5]
        count += assert_same_members(f'{a} | {b}|&{c} && if {d}\\\n|{e}; then echo "$({a} |\n{d})"; fi | {e}')
        count += assert_same_members(f"x=(a $({b}|{c})); for i in 1; do {d} |  # why\n {e}; done")
    assert count > 150


@pytest.mark.parametrize(
    ("script", "decides"),
    [
        ("a | b", [False]),
        ("a | b; c | d && e", [False, True]),
        ("if a | b; then c | d; elif e | f; then g | h; fi", [True, False, True, False]),
        ("while a | b; do c | d; done", [True, False]),
        ("! a | b", [True]),
        ("f() { a | b; }", [True]),
        ("function f ( a | b )", [True]),
        ("a | b &", [True]),
        ("a | b & c | d", [True, False]),
        ("if [ $(a | b) ]; then c; fi", [True]),
        ("x=$(a | b)", [False]),
        ("for i in 1; do a | b; done | c", [False, False]),
        ("case x in a|b) c | d ;; esac", [False]),
        ("echo 'a | b' || true", []),
        ("[[ a =~ a|b ]] && a || b", []),
        ("a | b\nif", []),
    ],
)
def test_members_that_decide_the_status(script: str, decides: list[bool]) -> None:
    assert [pipeline.decides for pipeline in pipelines_of(script)] == decides
