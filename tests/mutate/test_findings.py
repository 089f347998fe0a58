"""What is known about mutants: where one was noticed, and what the journal keeps."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fencepost.mutate.findings import Findings
from fencepost.mutate.journal import Entry, Journal, key_of
from fencepost.mutate.judging import Red, Where, is_false, where
from fencepost.mutate.outcome import CleanRuns
from fencepost.site.mkdocs import read_site
from tests.mutate.mutating import PAGE, SITE, mutant, sample

ORDER = sample().order("second")


def red(step: str, line: int, file: str = PAGE) -> Red:
    return Red("failed", step, file, line, "a reason")


def test_an_expectation_has_to_be_missed_at_its_very_line() -> None:
    one = mutant("#look changed output: alpha")
    line = one.broken.line
    assert where(one, red("look", line), ORDER) is Where.AT_ITS_LINE
    assert where(one, red("look", line + 1), ORDER) is Where.ELSEWHERE
    assert where(one, red("settings", line), ORDER) is Where.ELSEWHERE
    assert where(one, red("look", line, "docs/other.md"), ORDER) is Where.ELSEWHERE
    assert where(one, None, ORDER) is Where.NOWHERE


def test_what_is_left_out_may_be_missed_by_a_later_step() -> None:
    one = mutant("#begin dropped command: cd work")
    begins = one.extents[0].first
    assert where(one, red("begin", begins + 2), ORDER) is Where.AT_ITS_LINE
    assert where(one, red("look", 33), ORDER) is Where.LATER
    assert where(mutant("#look dropped command: count ."), red("begin", begins), ORDER) is Where.ELSEWHERE
    assert where(mutant("#begin wrong exit: exit=1 is added"), red("look", 33), ORDER) is Where.ELSEWHERE


def test_an_included_line_is_one_of_its_step() -> None:
    one = mutant("#count dropped command: count() {")
    assert where(one, red("count", 1, "snippets/count.sh"), ORDER) is Where.AT_ITS_LINE


def test_a_page_that_cannot_be_read_counts_by_the_line_it_names() -> None:
    one = mutant("#look broken fence: its brace is left open")
    unreadable = Red("unreadable", "", PAGE, one.broken.line, "looks like a fence")
    assert where(one, unreadable, ORDER) is Where.AT_ITS_LINE
    assert where(one, Red("unreadable", "", PAGE, 1), ORDER) is Where.ELSEWHERE


def test_swapped_steps_are_both_the_broken_one() -> None:
    one = mutant("#look reordered: it comes behind settings")
    first = one.extents[0].first
    assert where(one, red("settings", first), ORDER) is Where.AT_ITS_LINE
    assert where(one, red("look", first + 8), ORDER) is Where.AT_ITS_LINE
    assert where(one, red("fails", 60), ORDER) is Where.LATER


def test_a_red_step_before_the_broken_one_is_a_false_red() -> None:
    one = mutant("#look changed output: alpha")
    assert is_false(one, red("begin", 7), ORDER)
    assert not is_false(one, red("look", 33), ORDER)
    assert not is_false(one, red("fails", 60), ORDER)
    assert not is_false(one, Red("unreadable", "", PAGE, 1), ORDER)
    assert not is_false(one, None, ORDER)
    # A file that is included may serve an earlier step too.
    assert not is_false(mutant("#count dropped command: count() {"), red("begin", 7), ORDER)


def test_a_journal_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "journal.jsonl"
    journal = Journal(path, "ours")
    journal.note_mutant("a", "name", red("look", 3))
    journal.note_mutant("b", "name", None)
    journal.note_clean("c", "name", None)
    journal.note_clean("c", "name", red("look", 3))
    with path.open("a") as file:
        file.write('{"mutant": "half a li')
    again = Journal(path, "ours")
    assert again.mutant("a") == Entry(red("look", 3), "ours")
    assert again.mutant("b") == Entry(None, "ours")
    assert again.mutant("c") is None
    assert [entry.red for entry in again.clean("c")] == [None, red("look", 3)]


def test_another_fenceposts_results_count_only_if_asked_for(tmp_path: Path) -> None:
    Journal(tmp_path / "journal", "theirs").note_mutant("a", "name", None)
    assert Journal(tmp_path / "journal", "ours").mutant("a") is None
    assert Journal(tmp_path / "journal", "ours", of_any=True).mutant("a") == Entry(None, "theirs")


def test_a_key_changes_with_every_line_and_circumstance() -> None:
    keys = [
        key_of({"a": ["1"]}, "image"),
        key_of({"a": ["2"]}, "image"),
        key_of({"b": ["1"]}, "image"),
        key_of({"a": ["1"]}, "other"),
    ]
    assert len(set(keys)) == 4
    assert key_of({"a": ["1"], "b": []}, "image") == key_of({"b": [], "a": ["1"]}, "image")


def findings(tmp_path: Path) -> Findings:
    return Findings(read_site(SITE), lambda machine: f"image of {machine}", Journal(tmp_path / "journal", "ours"))


def test_a_mutant_that_survives_is_tried_on_the_next_machine(tmp_path: Path) -> None:
    plan, found = sample(), findings(tmp_path)
    one = mutant("#begin dropped command: cd work")
    assert found.next_machine(plan, one) == "first"
    found.note(plan, "first", one, None)
    assert found.next_machine(plan, one) == "second"
    assert found.outcome(plan, one).where is None
    found.note(plan, "second", one, red("look", 33))
    assert found.next_machine(plan, one) == ""
    assert found.outcome(plan, one).where is Where.LATER
    assert findings(tmp_path).outcome(plan, one).where is Where.LATER


@pytest.mark.parametrize("told", ["#begin dropped command: cd work", "#count reordered: it comes behind look"])
@pytest.mark.parametrize(("changed", "known"), [("Package: sample", True), ("beta", False)])
def test_what_was_found_holds_while_the_page_up_to_there_does(
    told: str, changed: str, known: bool, tmp_path: Path
) -> None:
    plan, one = sample(), mutant(told)
    findings(tmp_path).note(plan, "first", one, red("look", one.extents[0].last))
    page = [f"{line} " if line.endswith(changed) else line for line in plan.files[PAGE]]
    later = replace(plan, files={**plan.files, PAGE: page})
    edit = one.broken.edit
    again = replace(one, broken=replace(one.broken, edit=replace(edit, lines=_spaced(edit.lines, changed))))
    assert findings(tmp_path).next_machine(plan, one) == ""
    assert findings(tmp_path).next_machine(later, again) == ("" if known else "first")


def _spaced(lines: tuple[str, ...], changed: str) -> tuple[str, ...]:
    return tuple(f"{line} " if line.endswith(changed) else line for line in lines)


def test_what_survived_has_seen_the_whole_page(tmp_path: Path) -> None:
    plan, one = sample(), mutant("#begin dropped command: cd work")
    findings(tmp_path).note(plan, "first", one, None)
    later = replace(plan, files={**plan.files, PAGE: [*plan.files[PAGE], "More."]})
    assert findings(tmp_path).next_machine(plan, one) == "second"
    assert findings(tmp_path).next_machine(later, one) == "first"


@pytest.mark.parametrize(
    ("green", "missing"), [([], 3), ([True], 2), ([True] * 5, 0), ([True, True, False], 3), ([False, True, True], 1)]
)
def test_clean_runs_count_in_a_row(green: list[bool], missing: int) -> None:
    assert CleanRuns("page@machine", 3, green).missing == missing


def test_what_was_not_asked_for_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, "ours")
    for key in ("a", "b"):
        journal.note_mutant(key, "name", None)
    journal.note_clean("c", "name", None)
    again = Journal(path, "ours")
    again.mutant("a")
    again.note_mutant("d", "name", red("look", 3))
    again.forget_what_was_not_asked_for()
    assert [line["mutant"] for line in map(json.loads, path.read_text().splitlines())] == ["a", "d"]
