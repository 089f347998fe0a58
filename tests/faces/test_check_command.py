"""`fencepost check`, from the call to the exit status."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from builders import SiteBuilder
from checking import records_of
from running import fencepost, started

from fencepost.machine.engine import Engine
from fencepost.machine.ownership_labels import LABEL
from fencepost.record.store import RecordStore

# The number of the system call on the two usual processors.
TGKILL = {"x86_64": 234, "aarch64": 131}[platform.machine()]

GOOD = """
    ---
    machine: plain
    ---
    # A page

    ```bash { #greet }
    echo hello
    ```

    ```console
    $ echo "$PWD"
    /
    ```
    """

BAD = """
    ---
    machine: plain
    ---
    # A page

    ```bash { #greet }
    echo hello
    ls /no/such/folder
    echo never
    ```

    ```bash { #after }
    echo after
    ```
    """


def test_a_warning_stands_at_its_line_where_the_page_has_moved_it(site: SiteBuilder) -> None:
    text = "---\nmachine: plain\n---\n{}\n```console\n$ true\n$ false; true\n```\n"
    site.page(text.format("A word."))
    assert "docs/page.md:7: warning: `false` ended" in fencepost(site.folder, "check").stdout
    site.page(text.format("A word.\n\nAnd more."))
    again = fencepost(site.folder, "check").stdout
    assert "1 unchanged" in again
    assert "docs/page.md:9: warning: `false` ended" in again


def test_all_as_documented(site: SiteBuilder) -> None:
    site.page(GOOD)
    first = fencepost(site.folder, "check")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "passed       docs/page.md on plain: 2 of 2 steps" in first.stdout
    assert "1 run, 0 unchanged" in first.stdout
    assert "\x1b" not in first.stdout


def test_what_did_not_change_is_not_run_again(site: SiteBuilder) -> None:
    page = site.page(GOOD)
    fencepost(site.folder, "check")
    assert "0 run, 1 unchanged" in fencepost(site.folder, "check").stdout
    assert "1 run, 0 unchanged" in fencepost(site.folder, "check", "--fresh").stdout
    # A record's time is told to the second.
    time.sleep(1.1)
    assert "runs because: older than 1e-07 days" in fencepost(site.folder, "check", "-v", "--max-age", "1e-7").stdout
    page.write_text(page.read_text() + "\nMore prose.\n")
    assert "0 run, 1 unchanged" in fencepost(site.folder, "check").stdout
    page.write_text(page.read_text().replace("echo hello", "echo hello there"))
    assert "runs because: its steps changed" in fencepost(site.folder, "check", "-v").stdout
    site.write("machines/plain/machine.toml", 'env = { A = "1" }\n')
    assert "runs because: its machine's settings" in fencepost(site.folder, "check", "-v").stdout


def test_a_failure_names_page_line_command_and_output(site: SiteBuilder) -> None:
    site.page(BAD)
    done = fencepost(site.folder, "check")
    assert done.returncode == 1
    expected = [
        "docs/page.md:8: failed: step `greet` on plain: exit status 2",
        "  >    8 | ls /no/such/folder",
        "  expected:  exit status 0",
        "  but got:   exit status 2",
        "    hello",
        "    ls: cannot access '/no/such/folder': No such file or directory",
        "  run it again:  fencepost check docs/page.md --machine plain",
        "1 page: 1 blocked, 1 failed",
    ]
    told = done.stdout.splitlines()
    assert [line for line in expected if line not in told] == []


def test_a_failed_page_runs_again(site: SiteBuilder) -> None:
    site.page(BAD)
    fencepost(site.folder, "check")
    again = fencepost(site.folder, "check", "-v")
    assert "runs because: it was failed the last time" in again.stdout


def test_bad_input_stops_everything_before_anything_runs(site: SiteBuilder) -> None:
    site.page(GOOD, "good.md")
    site.page(GOOD.replace("machine: plain", "machine: plian"), "bad.md")
    site.page(GOOD.replace("#greet", "#greet exti=1"), "worse.md")
    done = fencepost(site.folder, "check")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "docs/bad.md:2: unknown machine `plian`",
        "  did you mean `plain`?",
        "docs/worse.md:6: unknown attribute `exti=`",
        "  did you mean `exit`?",
    ]
    assert not (site.folder / ".fencepost").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "docs/pgae.md"], "did you mean `docs/page.md`?"),
        (["check", "--machine", "plian"], "did you mean `plain`?"),
        (["check", "--engine", "dokcer"], "did you mean `docker`?"),
        (["chekc"], "chekc"),
        (["check", "--site", "docs"], "no mkdocs.yml"),
        *((["check", f"--max-age={days}"], "from 0 to 36500") for days in ("nan", "inf", "1e300", "-1")),
    ],
)
def test_a_wrong_call(site: SiteBuilder, arguments: list[str], told: str) -> None:
    site.page(GOOD)
    done = fencepost(site.folder, *arguments)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_transcript_without_a_prompt_is_an_error(site: SiteBuilder) -> None:
    site.page(GOOD.replace('$ echo "$PWD"', 'echo "$PWD"'))
    done = fencepost(site.folder, "check")
    assert done.returncode == 2
    assert done.stderr.startswith("docs/page.md:11: a console fence starts with a prompt")


def test_a_page_with_broken_front_matter_is_named_and_the_others_run(site: SiteBuilder) -> None:
    site.page(GOOD, "good.md")
    site.page("---\ntitle: Odd: it\n---\n\nProse.\n", "odd.md")
    done = fencepost(site.folder, "check")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "docs/odd.md:2: the front matter isn't valid YAML: mapping values are not allowed here",
        "  MkDocs would show it as text; quote values that contain a colon",
    ]
    assert [(record.page, record.verdict) for record in records_of(site)] == [("docs/good.md", "passed")]
    assert fencepost(site.folder, "check", "docs/good.md").returncode == 0
    # No job of a plan would be given it.
    assert fencepost(site.folder, "plan", "--shards", "2").returncode == 2


@pytest.mark.parametrize("thread", ["main", "another"])
def test_ctrl_c_leaves_no_machine(site: SiteBuilder, engine: Engine, thread: str) -> None:
    site.page(GOOD, "a.md")
    site.page(GOOD.replace("echo hello", "echo begun; sleep 100"), "b.md")
    with started(site.folder, "fencepost", "check", "-v", "-j", "1", stderr=subprocess.PIPE) as process:
        assert process.stdout
        for line in process.stdout:
            if "b.md on plain: runs because" in line:
                break
        time.sleep(2)
        # The kernel may give a signal to any thread of a process.
        threads = sorted(int(path.name) for path in Path(f"/proc/{process.pid}/task").iterdir())
        told_to = process.pid if thread == "main" else threads[-1]
        ctypes.CDLL(None).syscall(TGKILL, process.pid, told_to, signal.SIGINT)
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert complaint.strip() == "interrupted; every machine is removed, finished pages keep their records"
    assert _machines_of(engine, process.pid) == []
    records = sorted(path.name for path in (site.folder / ".fencepost/records/docs").iterdir())
    assert records == ["a.md@plain.json", "a.md@plain.runs"]


def test_no_engine_at_all(build: SiteBuilder, tmp_path: object) -> None:
    build.real_machine("plain")
    build.page(GOOD)
    done = fencepost(build.folder, "check", env={"PATH": str(tmp_path)})
    assert done.returncode == 3
    assert "podman is not installed; docker is not installed" in done.stderr
    assert "sudo apt-get install podman" in done.stderr
    assert not (build.folder / ".fencepost").exists()


def test_doctor_names_what_is_missing(build: SiteBuilder, tmp_path: object) -> None:
    done = fencepost(build.folder, "doctor", env={"PATH": str(tmp_path)})
    assert done.returncode == 3
    assert re.search(r"^missing +engine: no container engine works\n +sudo apt-get install podman$", done.stdout, re.M)


def test_a_site_without_machines(build: SiteBuilder) -> None:
    build.page("Prose.\n")
    done = fencepost(build.folder, "check")
    assert done.returncode == 2
    assert "add `machine: NAME`" in done.stderr


def test_machines_are_listed_built_and_removed(site: SiteBuilder) -> None:
    site.machine("throwaway", "FROM debian:12\nRUN true\n")
    assert "throwaway  container  not built" in fencepost(site.folder, "machines", "list").stdout
    assert (
        "throwaway: localhost/fencepost/throwaway:" in fencepost(site.folder, "machines", "build", "throwaway").stdout
    )
    assert "throwaway  container  built" in fencepost(site.folder, "machines", "list").stdout
    fencepost(site.folder, "machines", "remove", "throwaway")
    assert "throwaway  container  not built" in fencepost(site.folder, "machines", "list").stdout


def _machines_of(engine: Engine, pid: int) -> list[str]:
    told = engine.call("ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}").stdout
    return [name for name in told.split() if name.startswith(f"fencepost-{pid}-")]


def test_a_pattern_that_is_none_is_an_error(site: SiteBuilder) -> None:
    site.page(GOOD.replace("\n    /\n", "\n    any (thing (re)\n"))
    done = fencepost(site.folder, "check")
    assert done.returncode == 2
    assert done.stderr.startswith("docs/page.md:12: `any (thing (re)` is no regular expression")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["check", "docs/"], ["docs/", "docs/a.md", "docs/b.md"]),
        (["check", "docs/a.md@"], ["docs/a.md@plain"]),
        (["check", "--machine", "pl"], ["plain"]),
        (["shell", "docs/a.md", "--after", ""], ["a-page-step-1", "greet"]),
        (["check", "nowhere/"], []),
    ],
)
def test_a_shell_completes_pages_machines_and_steps(build: SiteBuilder, words: list[str], offered: list[str]) -> None:
    build.real_machine("plain")
    build.page(GOOD, "a.md")
    build.page(GOOD, "b.md")
    env = {"_FENCEPOST_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(["fencepost", *words])}
    env["COMP_CWORD"] = str(len(words))
    # The program's own name decides which variable is read.
    program = Path(sys.executable).with_name("fencepost")
    done = subprocess.run(
        [program], cwd=build.folder, env={**os.environ, **env}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == offered, done.stderr


def test_a_shell_completes_nothing_where_there_is_no_site(tmp_path: Path) -> None:
    env = {"_FENCEPOST_COMPLETE": "complete_bash", "COMP_WORDS": "fencepost check ", "COMP_CWORD": "2"}
    program = Path(sys.executable).with_name("fencepost")
    done = subprocess.run(
        [program], cwd=tmp_path, env={**os.environ, **env}, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_two_checks_at_a_time_do_not_tread_on_each_other(site: SiteBuilder, engine: Engine) -> None:
    for number in range(6):
        site.page(GOOD.replace("hello", f"hello {number}"), f"{number}.md")
    with ExitStack() as ending:
        checks = [ending.enter_context(started(site.folder, "fencepost", "check", "--fresh")) for _ in range(2)]
        told = [check.communicate(timeout=240)[0] for check in checks]
    assert [check.returncode for check in checks] == [0, 0], told
    records = records_of(site)
    assert [record.verdict for record in records] == ["passed"] * 6
    store = RecordStore(site.read().records)
    assert [len(store.history(record.key)) for record in records] == [2] * 6
    assert store.unreadable == []
    assert all(_machines_of(engine, check.pid) == [] for check in checks)
