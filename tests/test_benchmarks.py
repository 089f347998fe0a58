"""The benchmarks' own words: what they write into a page, draw, and give their tools to read."""

from __future__ import annotations

import math
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from contest import Contest, Entry
from contestants import PEERS, Tool
from drawing import Bar, draw
from load import growth, run
from results import tables
from steps import fences, script, steps_of
from written import README, write_between

_SVG = "{http://www.w3.org/2000/svg}"


def test_what_stands_between_the_comments_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n<!-- y: begin -->\nstays\n<!-- y: end -->\n")
    write_between(page, "x", "new\n")
    write_between(page, "x", "newer\n")
    assert page.read_text() == (
        "a\n<!-- x: begin -->\n\nnewer\n\n<!-- x: end -->\nb\n<!-- y: begin -->\nstays\n<!-- y: end -->\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "nothing\n",
        "<!-- x: begin -->\n",
        "<!-- x: end -->\n<!-- x: begin -->\n",
        "<!-- x: begin -->\n<!-- x: begin -->\n<!-- x: end -->\n",
    ],
)
def test_a_page_without_both_comments_is_left_alone(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(ValueError, match="hasn't both"):
        write_between(page, "x", "new")
    assert page.read_text() == text


def test_every_part_has_its_place_in_the_readme(tmp_path: Path) -> None:
    copy = tmp_path / "README.md"
    copy.write_text(README.read_text("utf-8"), "utf-8")
    for name in ("side by side", "parts", "virtual machines", "load"):
        write_between(copy, name, "found")


def test_bars_are_as_long_as_their_logarithms() -> None:
    bars = [Bar("a <b>", 0.1, "ours"), Bar("c", 1, "theirs"), Bar("d", 10, "floor")]
    drawing = ET.fromstring(draw("five & more", [("some", bars[:2]), ("others", bars[2:])]))
    widths = [float(bar.attrib["width"]) for bar in drawing.iter(f"{_SVG}rect")]
    assert math.isclose(widths[2] - widths[1], widths[1] - widths[0], abs_tol=3)
    assert widths[0] > 0
    texts = [text.text for text in drawing.iter(f"{_SVG}text")]
    assert {"a <b>", "c", "d", "some", "others", "0.1 s", "1 s", "10 s"} <= set(texts)


def test_a_fault_is_one_step_in_the_middle() -> None:
    sound = steps_of(0, 5, "shell")
    wrong = steps_of(0, 5, "shell", fault="status")
    assert [number for number in range(5) if sound[number] != wrong[number]] == [2]
    shows = steps_of(0, 5, "shell", fault="output")
    assert [step.command for step in shows] == [step.command for step in sound]
    assert [step.shown for step in shows].count("something else") == 1
    assert "something else" in fences("bash")(shows)


def contest_of(folder: Path, command: str, counts: str = "") -> Entry:
    tool = Tool("shell", ("sh", "-c", command), script, counts=counts)
    entry = Entry(tool, folder, 2)
    contest = Contest(folder, 2, lambda text: None)
    contest.judge(entry)
    contest.race([entry], lambda tool: True)
    return entry


def test_a_tool_that_runs_every_step_is_measured(tmp_path: Path) -> None:
    entry = contest_of(tmp_path, "for page in docs/*; do sh -e $page || exit; done", "step {last_step}")
    assert entry.measured
    assert entry.notices_status
    assert not entry.notices_output
    assert len(entry.times[20]) == len(entry.times[40]) == 2
    assert entry.shortest <= entry.seconds <= entry.longest
    told = tables([entry], {})
    assert "| yes | no |" in told


def test_a_tool_that_leaves_steps_out_is_not(tmp_path: Path) -> None:
    entry = contest_of(tmp_path, "for page in docs/*; do head -n 7 $page | sh; done")
    assert entry.trouble == "ran 7 steps of 20"
    assert not entry.times
    assert "ran 7 steps of 20" in tables([entry], {})


def test_a_tool_that_counts_something_else_is_not(tmp_path: Path) -> None:
    entry = contest_of(tmp_path, "for page in docs/*; do sh $page; done; echo 3 passed", "{steps} passed")
    assert entry.trouble == "didn't print: 20 passed"


def test_every_peer_is_in_the_dependency_group_and_pinned() -> None:
    root = README.parents[1]
    pinned = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (root / "benchmarks" / "constraints.txt").read_text("utf-8").splitlines()
    }
    assert {tool.package for tool in PEERS} <= pinned
    ignored = subprocess.run(["git", "check-ignore", "-q", ".bench/venv"], cwd=root, check=False).returncode
    assert ignored in {0, 128}  # 128: no repository here


def test_what_a_program_takes_is_its_own_memory_and_what_it_says_is_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    large = "import time; kept = bytearray(100 << 20); time.sleep(0.2); print('done')"
    took = run((sys.executable, "-c", large), folder, "done")
    assert 100 < took.mebibytes < 200
    small = run((sys.executable, "-c", "import time; time.sleep(0.2); print('done')"), folder, "done")
    assert 0 < small.mebibytes < 50
    with pytest.raises(RuntimeError, match="no 'finished'"):
        run((sys.executable, "-c", "print('done')"), folder, "finished")
    with pytest.raises(RuntimeError):
        run((sys.executable, "-c", "print('done'); exit(1)"), folder, "done")


def test_growth_is_told_from_each_size_to_the_next() -> None:
    assert growth([2, 3, 30]) == ["1.5 times", "10.0 times"]
