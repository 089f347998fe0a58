"""Outputs are rewritten in place, and nothing else in a file changes by a byte."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from builders import SiteBuilder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from fencepost.check.job import Job
from fencepost.check.rewriting import Rewriting, rewriting_of
from fencepost.errors import EngineError, SiteError
from fencepost.kinds.result import StepResult
from fencepost.transcript.parse import parse_transcript
from fencepost.verdicts import Verdict

HEAD = "---\nmachine: debian-12\n---\n\n"


def results_of(build: SiteBuilder, printed: Mapping[str, str | Mapping[str, str]]) -> list[tuple[Job, StepResult]]:
    """What a check would tell of the site's pages, if commands had printed this (on each machine, or on this one)."""
    site = build.read()
    results = []
    for page in site.read_pages():
        for machine in page.front_matter.machines:
            job = Job(page, site.machine(machine))
            for snippet in job.snippets:
                told = []
                for command in parse_transcript(snippet.source):
                    output = printed[command.source]
                    told.append((command, output if isinstance(output, str) else output[machine]))
                results.append((job, StepResult(snippet, Verdict.FAILED, printed=tuple(told), differs=True)))
    return results


def rewrite(build: SiteBuilder, printed: Mapping[str, str | Mapping[str, str]]) -> Rewriting:
    """Rewrites what has to be."""
    rewriting = rewriting_of(results_of(build, printed), build.folder)
    rewriting.write(build.folder)
    return rewriting


# name: (the page, the page afterwards); `one` prints `ONE`, `two` two lines.
PAGES = {
    "plain": ("```console\n$ one\nx\n```\n", "```console\n$ one\nONE\n```\n"),
    "in a list": (
        "1.  Item\n\n    ```console\n    $ two\n    1\n    ```\n\n    More\n",
        "1.  Item\n\n    ```console\n    $ two\n    1\n    2\n    ```\n\n    More\n",
    ),
    "indented by tabs": (
        '=== "A"\n\n\t```console\n\t$ two\n\t1\n\tx\n\t```\n',
        '=== "A"\n\n\t```console\n\t$ two\n\t1\n\t2\n\t```\n',
    ),
    "in a quote": ("> ```console\n> $ two\n> 1\n> ```\n", "> ```console\n> $ two\n> 1\n> 2\n> ```\n"),
    "windows line ends": ("```console\r\n$ two\r\nx\r\n```\r\n", "```console\r\n$ two\r\n1\r\n2\r\n```\r\n"),
    "an elision and a pattern": (
        "```console\n$ two\n[0-9] (re)\n3\n$ one\n...\n```\n",
        "```console\n$ two\n[0-9] (re)\n2\n$ one\n...\n```\n",
    ),
    "spaces at the end of a line that stays": (
        "```console\n$ two\n1  \n3\t\n```\nend  \n",
        "```console\n$ two\n1  \n2\n```\nend  \n",
    ),
    "a status beneath": ("```console\n$ one\nx\n[3]\n```\n", "```console\n$ one\nONE\n[3]\n```\n"),
    "no output shown": ("```console\n$ one\n$ two\nx\n```\n", "```console\n$ one\n$ two\n1\n2\n```\n"),
    "several fences": (
        "```console\n$ two\nx\ny\nz\n```\n\ntext\n\n```console\n# one\nx\n```\n",
        "```console\n$ two\n1\n2\n```\n\ntext\n\n```console\n# one\nONE\n```\n",
    ),
    "the last line of the file": ("```console\n$ one\nx\n```", "```console\n$ one\nONE\n```"),
    "known to be broken": (
        '```console { .known-broken reason="r" match="x" }\n$ one\nx\n```\n',
        '```console { .known-broken reason="r" match="x" }\n$ one\nx\n```\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), PAGES.values(), ids=PAGES)
def test_in_place(build: SiteBuilder, before: str, after: str) -> None:
    page = build.write("docs/page.md", HEAD + before)
    rewriting = rewrite(build, {"one": "ONE\n", "two": "1\n2\n"})
    assert page.read_bytes().decode() == HEAD + after
    assert not rewriting.problems
    # And then there is nothing left to do.
    assert not rewriting_of(results_of(build, {"one": "ONE\n", "two": "1\n2\n"}), build.folder).files


def test_a_byte_order_mark_and_the_file_mode_stay(build: SiteBuilder) -> None:
    page = build.write("docs/page.md", f"\ufeff{HEAD}```console\n$ one\nx\n```\n")
    page.chmod(0o640)
    rewrite(build, {"one": "ONE\n"})
    assert page.read_bytes().decode() == f"\ufeff{HEAD}```console\n$ one\nONE\n```\n"
    assert page.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in page.parent.iterdir()] == ["page.md"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_page_stays_its_owners(build: SiteBuilder) -> None:
    page = build.write("docs/page.md", f"{HEAD}```console\n$ one\nx\n```\n")
    os.chown(page, 1234, 2345)
    # Whoever gives a file away takes such a mode from it.
    page.chmod(0o2755)
    rewrite(build, {"one": "ONE\n"})
    now = page.stat()
    assert "ONE" in page.read_text()
    assert (now.st_uid, now.st_gid, now.st_mode & 0o7777) == (1234, 2345, 0o2755)


def test_a_page_that_cannot_be_given_back(build: SiteBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    page = build.write("docs/page.md", f"{HEAD}```console\n$ one\nx\n```\n")

    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "chown", refused)
    rewrite(build, {"one": "ONE\n"})
    assert "ONE" in page.read_text()


def test_an_included_file(build: SiteBuilder) -> None:
    output = build.write("docs/out.txt", "x")
    transcript = build.write("docs/whole.txt", "# --8<-- [start:it]\n$ two\nx\n# --8<-- [end:it]\n")
    text = f'{HEAD}- Item\n\n    ```console\n    $ one\n    --8<-- "docs/out.txt"\n    ```\n\n'
    page = build.write("docs/page.md", text + '```console\n--8<-- "docs/whole.txt:it"\n```\n')
    before = page.read_bytes()
    rewriting = rewrite(build, {"one": "1\n2\n", "two": "3\n4\n"})
    assert page.read_bytes() == before
    assert output.read_bytes() == b"1\n2"
    assert transcript.read_text() == "# --8<-- [start:it]\n$ two\n3\n4\n# --8<-- [end:it]\n"
    assert rewriting.files == ["docs/out.txt", "docs/whole.txt"]
    assert "+1\n+2\n\\ No newline at end of file\n" in rewriting.diff()


def test_machines_that_print_different_things(build: SiteBuilder) -> None:
    head = HEAD.replace("debian-12", "[debian-12, debian-13]")
    page = build.write("docs/page.md", f"{head}```console\n$ cat /etc/debian_version\nx\n$ one\nx\n```\n")
    printed = {"cat /etc/debian_version": {"debian-12": "12.1\n", "debian-13": "13.0\n"}, "one": "ONE\n"}
    rewriting = rewrite(build, printed)
    assert page.read_text() == f"{head}```console\n$ cat /etc/debian_version\nx\n$ one\nONE\n```\n"
    (problem,) = rewriting.problems
    assert "on debian-12 and docs/page.md on debian-13 print different things" in str(problem)
    assert (problem.file, problem.line) == ("docs/page.md", 7)


@pytest.mark.parametrize("part", ["1:2", "1:3", "3:4"])
def test_outputs_that_share_lines_of_a_file(build: SiteBuilder, part: str) -> None:
    run = build.write("run.txt", "$ three\none\ntwo\nthree\n")
    build.write("docs/a.md", f'{HEAD}```console\n--8<-- "run.txt"\n```\n')
    command = "$ three\n" if part == "3:4" else ""
    build.write("docs/b.md", f'{HEAD}```console\n{command}--8<-- "run.txt:{part}"\n```\n')
    rewriting = rewrite(build, {"three": "one\nTWO\nthree\n"})
    assert run.read_text() == "$ three\none\ntwo\nthree\n"
    (problem,) = rewriting.problems
    assert "docs/a.md on debian-12 and docs/b.md on debian-12 show different parts of this output" in str(problem)
    assert (problem.file, problem.line) == ("run.txt", 2)


def test_outputs_that_share_lines_of_a_file_and_are_right(build: SiteBuilder) -> None:
    build.write("run.txt", "$ three\none\n...\n")
    build.write("docs/a.md", f'{HEAD}```console\n--8<-- "run.txt"\n```\n')
    build.write("docs/b.md", f'{HEAD}```console\n$ one\n--8<-- "run.txt:2:2"\n```\n')
    rewriting = rewrite(build, {"three": "one\nTWO\nthree\n", "one": "one\n"})
    assert not rewriting.problems
    assert not rewriting.files


def test_lines_that_are_included_by_their_numbers(build: SiteBuilder) -> None:
    run = build.write("run.txt", "$ it\none\ntwo\nthree\n")
    build.write("docs/page.md", f'{HEAD}```console\n--8<-- "run.txt:1:3"\n```\n')
    (problem,) = rewrite(build, {"it": "one\nTWO\nthree\n"}).problems
    assert run.read_text() == "$ it\none\ntwo\nthree\n"
    assert "included by line numbers, and now has more or fewer lines" in str(problem)
    assert (problem.file, problem.line) == ("run.txt", 2)

    assert not rewrite(build, {"it": "one\nTWO\n"}).problems
    assert run.read_text() == "$ it\none\nTWO\nthree\n"


@pytest.mark.parametrize("end", ["", "\n\n\n"], ids=["at once", "with blank lines"])
def test_a_whole_file_with_several_outputs(build: SiteBuilder, end: str) -> None:
    run = build.write("run.txt", f"$ one\nx\n$ two\nx{end}")
    build.write("docs/page.md", f'{HEAD}```console\n--8<-- "run.txt"\n```\n')
    assert not rewrite(build, {"one": "1\n2\n", "two": "3\n4\n"}).problems
    assert run.read_text() == f"$ one\n1\n2\n$ two\n3\n4{end}"


def test_a_file_that_one_page_includes_twice(build: SiteBuilder) -> None:
    output = build.write("out.txt", "x\n")
    fence = '```console\n$ {}\n--8<-- "out.txt"\n```\n\n'
    build.write("docs/page.md", HEAD + fence.format("one") + fence.format("two"))
    (problem,) = rewrite(build, {"one": "ONE\n", "two": "1\n2\n"}).problems
    assert output.read_text() == "x\n"
    assert "docs/page.md on debian-12 prints different things each time" in str(problem)
    assert (problem.file, problem.line) == ("out.txt", 1)


def test_a_file_that_was_saved_meanwhile_is_left_alone(build: SiteBuilder) -> None:
    page = build.write("docs/page.md", f"{HEAD}```console\n$ one\nx\n```\n")
    results = results_of(build, {"one": "ONE\n"})
    page.write_text(page.read_text().replace("$ one\n", "$ one\nnew line\n"))
    (problem,) = rewriting_of(results, build.folder).problems
    assert "has changed since its step ran" in str(problem)

    rewriting = rewriting_of(results_of(build, {"one": "ONE\n"}), build.folder)
    page.write_text(page.read_text() + "more\n")
    with pytest.raises(SiteError, match="changed while its steps ran"):
        rewriting.write(build.folder)
    assert "more" in page.read_text()


@pytest.mark.parametrize(
    ("first", "second"),
    [("$ one\n", "$ two\n"), ("$ one \\\n> x\n", "$ two \\\n> x\n")],
    ids=["in one line", "in several lines"],
)
def test_an_output_is_not_written_beneath_another_command(build: SiteBuilder, first: str, second: str) -> None:
    fence = f"```console\n{second}old\n```\n"
    page = build.write("docs/page.md", f"{HEAD}```console\n{first}old\n```\n\n{fence}")
    printed = {"one": "ONE\n", "two": "old\n", "one \\\nx": "ONE\n", "two \\\nx": "old\n"}
    results = results_of(build, printed)
    page.write_text(HEAD + fence)
    rewriting = rewriting_of(results, build.folder)
    assert not rewriting.files
    (problem,) = rewriting.problems
    assert "has changed since its step ran" in str(problem)


def test_a_full_disk(build: SiteBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    page = build.write("docs/page.md", f"{HEAD}```console\n$ one\nx\n```\n")
    rewriting = rewriting_of(results_of(build, {"one": "ONE\n"}), build.folder)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(EngineError, match=r"docs/page\.md: can't be written: No space left"):
        rewriting.write(build.folder)
    assert [path.name for path in page.parent.iterdir()] == ["page.md"]
    assert "\nx\n" in page.read_text()


indents = some.sampled_from(["", "    ", "\t", "> ", "> > "])
ends = some.sampled_from(["\n", "\r\n"])
texts = some.lists(some.text("ab .$#[1]\\`~>-8<\t", max_size=8), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.data(), indents, ends)
def test_only_the_output_changes(
    tmp_path_factory: pytest.TempPathFactory, data: some.DataObject, indent: str, end: str
) -> None:
    build = SiteBuilder(tmp_path_factory.mktemp("site") / "site")
    around = data.draw(some.sampled_from(["", "text", "  spaces  "]))
    printed = {"one": "\n".join(data.draw(texts)), "two": "\n".join(data.draw(texts))}
    opening = ["- item", "", f"{indent}```console"] if indent.isspace() else [f"{indent}```console"]
    above = [*HEAD.splitlines(), around, "", *opening, f"{indent}$ one"]
    between, below = [f"{indent}$ two"], [f"{indent}```", "", around]
    text = end.join([*above, f"{indent}old", f"{indent}...", *between, f"{indent}old", *below])
    page = build.write("docs/page.md", text)
    rewrite(build, printed)
    after = page.read_bytes().decode()
    assert after.startswith(end.join(above) + end)
    assert after.endswith(end + end.join(below))
    assert end.join(between) in after
    assert after.count("\r") == (after.count("\n") if end == "\r\n" else 0)
    # What was written is read as what came.
    assert not rewriting_of(results_of(build, printed), build.folder).files


def test_nothing_is_rewritten_outside_of_the_site(build: SiteBuilder, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("x\n")
    build.configure({"attr_list": {}, "pymdownx.superfences": {}, "pymdownx.snippets": {"restrict_base_path": False}})
    name = os.path.relpath(outside, build.folder)
    build.write("docs/page.md", f'{HEAD}```console\n$ one\n--8<-- "{name}"\n```\n')
    rewriting = rewrite(build, {"one": "ONE\n"})
    assert outside.read_text() == "x\n"
    assert "outside of the site" in str(rewriting.problems[0])
