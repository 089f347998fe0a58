"""Notices of ended jobs, as bash 5.2 prints them at a prompt, belong to no output."""

from __future__ import annotations

import pytest

from fencepost.transcript.difference import Part, difference
from fencepost.transcript.match import comparable_lines, first_difference, matches
from fencepost.transcript.update import updated

NOTICES = {
    "done": "[1]+  Done                    sleep 0.1",
    "done, one of many": "[12]-  Done                    sleep 0.1",
    "done, neither the last nor the one before": "[1]   Done                    sleep 0.1",
    "an exit status": "[1]+  Exit 3                  ( exit 3 )",
    "an exit status as POSIX has it": "[1]+  Done(3)                 ( exit 3 )",
    "terminated": "[1]-  Terminated              sleep 100",
    "terminated, without a sign": "[3]   Terminated              sleep 100",
    "killed": "[1]+  Killed                  sleep 100 | sleep 100",
    "a crash": "[1]+  Segmentation fault      ./a.out",
    "a crash with a core": "[1]+  Aborted                 (core dumped) sleep 100",
    "a crash with a core, without a sign": "[1]   Segmentation fault      (core dumped) ./a.out",
    "another signal": "[1]+  Real-time signal 0      sleep 5",
    "a pipeline": "[1]+  Done                    false | true",
    "started elsewhere": "[1]+  Done                    sleep 0.2  (wd: /usr)",
    "started elsewhere, and where it is now": "[1]+  Terminated              sleep 100  (wd: ~)\n(wd now: /tmp)",
    "a loop": "[1]+  Done                    for i in 1 2;\ndo\n    sleep 0.05;\ndone",
    "a condition": "[1]+  Done                    if true; then\n    sleep 0.1;\nelse\n    false;\nfi",
    "a loop in a loop": "[1]+  Done                    while a; do\n    if b; then\n        c;\n    fi;\ndone",
    "a choice": "[1]+  Exit 1                  case x in \n    x)\n        sleep 0.1\n    ;;\nesac",
    "written by hand": "[1]+ Done sleep 1",
    "cut by hand": "[1]+  Done",
}
ON_PAGES = {
    "its text elided": "[1]+  Done                    ...",
    "its number elided": "[...]+  Done                    sleep 1",
    "all behind it elided": "[1]+  Done...",
    "without a sign, elided": "[1]   Done ...",
    "as a pattern": r"\[\d+\]\+  Done +sleep \d+ (re)",
    "taken literally": "\\[1]+  Done                    sleep 1",
}
OUTPUTS = [
    "[1] 12345",
    "[1]+  Running                 sleep 100 &",
    "[2]-  Stopped                 vi",
    "[2]+  Stopped (signal)        vi",
    "[1] Done",
    "[1] Killed three processes",
    "[1]   Done",
    "[1]  Done compiling",
    "[INFO] Done",
    "Killed",
    "Terminated",
    "(wd now: /tmp)",
    "x [1]+  Done                    sleep 1",
]


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)
def test_a_notice_may_come_or_not(notice: str) -> None:
    lines = notice.split("\n")
    assert matches(["a", "b"], f"a\n{notice}\nb\n")
    assert matches(["a", "b"], f"{notice}\na\nb\n{notice}\n")
    assert matches(["a", *lines, "b"], "a\nb\n")
    assert matches([*lines, "a"], f"a\n{notice}\n")
    assert matches(lines, "")
    assert matches(lines, f"{notice}\n")
    assert not matches(lines, f"{notice}\nmore\n")
    assert not matches(["a", *lines], f"{notice}\n")
    assert comparable_lines(f"a\n\n{notice}\n") == ["a"]


@pytest.mark.parametrize("shown", ON_PAGES.values(), ids=ON_PAGES)
def test_on_a_page_it_may_hold_patterns(shown: str) -> None:
    assert matches([shown, "a"], "a\n")
    assert matches([shown, "a"], "a\n[1]+  Done                    sleep 1\n")


@pytest.mark.parametrize("line", OUTPUTS)
def test_text_that_looks_like_a_notice_is_output(line: str) -> None:
    assert matches([line], f"{line}\n")
    assert not matches([line], "")
    assert not matches(["a"], f"a\n{line}\n")


def test_lines_after_a_notice_are_output() -> None:
    assert comparable_lines("[1]+  Done                    for i in 1 2;\ndo\nmore\n") == ["do", "more"]
    assert comparable_lines("[1]+  Done                    sleep 1\n    more\ndone\n") == ["    more", "done"]


def test_the_place_of_a_difference_is_that_on_the_page() -> None:
    notice = NOTICES["done"]
    assert first_difference([notice, "a", notice, "b"], "a\nc\n") == 3
    assert first_difference([notice, "a"], f"{notice}\na\nmore\n") == 2
    assert first_difference(["a", notice], "b\n") == 0
    assert first_difference([notice], "b\n") == 1


def test_a_difference_is_told_without_notices() -> None:
    result = difference([NOTICES["done"], "a", "b"], f"a\n{NOTICES['killed']}\nc\n")
    assert result == [(Part.FITS, "a"), (Part.MISSING, "b"), (Part.MORE, "c")]


def test_an_update_writes_no_notice_and_takes_none_away() -> None:
    done, killed = NOTICES["done"], NOTICES["killed"]
    assert updated(["old"], f"new\n{killed}\n") == ["new"]
    assert updated(["a", done, "old"], f"a\n{killed}\nnew\n") == ["a", done, "new"]
    loop = NOTICES["a loop"].split("\n")
    assert updated([*loop, "old"], "new\nmore\n") == [*loop, "new", "more"]
