"""The operators: which mutants there are, and that each breaks its own step and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fencepost.errors import ManyErrors
from fencepost.mutate.mutant import Mutant
from fencepost.mutate.plan import plan_of
from fencepost.page.edited import reading_instead
from fencepost.site.mkdocs import read_site
from tests.mutate.mutating import PAGE, SITE, broken, mutant, sample

MUTANTS = sample().mutants


def test_the_sample_is_broken_in_these_ways() -> None:
    told = [one.name.partition("#")[2] for one in MUTANTS]
    assert told == (SITE / "mutants.txt").read_text("utf-8").splitlines()
    assert len(set(told)) == len(told)


def test_a_step_is_tried_on_every_machine_on_which_it_runs() -> None:
    assert {one.machines for one in MUTANTS if one.step == "packages"} == {("second",)}
    assert {one.machines for one in MUTANTS if one.step != "packages"} == {("first", "second")}


@pytest.mark.parametrize("one", MUTANTS, ids=lambda one: one.name.partition("#")[2])
def test_a_mutant_stays_among_the_lines_of_its_step(one: Mutant) -> None:
    file = SITE / one.broken.edit.file
    before = file.read_text("utf-8")
    assert broken(one) != before
    site = read_site(SITE)
    try:
        with reading_instead({file.resolve(): broken(one)}):
            (page,) = site.read_pages()
    except ManyErrors as errors:
        assert one.has(errors.errors[0].file, errors.errors[0].line)
        return
    assert file.read_text("utf-8") == before
    steps = {snippet.id: snippet for snippet in page.snippets}
    for step in one.steps:
        # Some mutants take the whole step away.
        if step in steps:
            assert all(one.has(origin.file, origin.line) for origin in (steps[step].opening, *steps[step].origins))
    for others in steps.keys() - set(one.steps):
        assert not one.has(steps[others].opening.file, steps[others].opening.line)


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("#begin wrong exit: exit=1 is added", "```bash { #begin exit=1 }"),
        ("#fails wrong exit: exit=3 becomes 4", "```bash { #fails exit=4 }"),
        ("#fails wrong exit: exit=3 is dropped", "```bash { #fails }"),
        ("#broken unclaimed broken: it is said to work", "```bash { #broken }"),
        ("#count dropped command: count() {", ":"),
        ("#look dropped command: cat alpha \\", "$ true"),
        ("#look changed output: cat: gamma: No such ... or directory, part 2", "cat: gamma: No such ... ~or directory"),
        ("#look wrong exit: [1] is changed: cat gamma", "[2]"),
        ("#settings wrong package: libc6 in Depends: libc6 (>= 2.7)", "Depends: libc6-that-is-none (>= 2.7)"),
        ("#fails changed pattern: 'libc6 (' in grep --quiet 'libc6 (' settings", "grep --quiet 'never said' settings"),
        ("#reckon negated assertion: assert root == 7, root", "assert not (root == 7)"),
        ("#count removed include: count.sh.gone is asked for", '    --8<-- "count.sh.gone"'),
        ("#reckon misspelt language: ptyhon", "```ptyhon { #reckon }"),
        ("#settings broken fence: its brace is left open", '```text { #settings file="settings" title="settings"'),
    ],
)
def test_what_a_mutant_says_instead(told: str, line: str) -> None:
    assert line in broken(mutant(told)).split("\n")


def test_swapped_steps_stand_in_each_others_place() -> None:
    text = broken(mutant("#look reordered: it comes behind settings"))
    assert text.index("#settings") < text.index("#look") < text.index("#fails")
    assert text.count("```") == (SITE / PAGE).read_text("utf-8").count("```")


def test_on_a_virtual_machine_each_step_is_broken_once(tmp_path: Path) -> None:
    site = read_site(shutil.copytree(SITE, tmp_path / "site"))
    for name in ("first", "second"):
        (site.folder / "machines" / name / "machine.toml").write_text('kind = "vm"\n')
    (plan,) = plan_of(site, site.read_pages()[0])
    assert [one.step for one in plan.mutants] == [snippet.id for snippet in plan.page.snippets]
