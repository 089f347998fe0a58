"""`fencepost mutate`, from the call to the exit status."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.programs import fencepost, started
from tests.helpers.site_builder import SiteBuilder

WAIT_SECONDS = 60

GOOD = """
    ---
    machine: plain
    ---

    ```bash { #make }
    mkdir work
    ```

    ```bash { #look }
    test -d work
    ```
    """

CARELESS = """
    ---
    machine: python
    ---

    ```bash { #write }
    echo hello >greeting
    mkdir never-used
    ```

    ```console
    $ cat greeting
    hello
    $ touch never-read
    ```

    ```python
    import math
    four = 2 + 2
    assert math.sqrt(four) == 2
    unused = 7
    ```

    ```text { file="notes" }
    first
    second
    ```

    ```bash
    grep first notes
    ```
    """

SLOW = """
    ---
    machine: plain
    ---

    ```bash
    {steps}
    ```
    """


def journal(site: SiteBuilder) -> list[dict[str, Any]]:
    path = site.folder / ".fencepost" / "mutations" / "docs" / "page.md.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_each_unnoticed_break_is_listed_with_what_to_check(site: SiteBuilder) -> None:
    site.real_machine("python")
    page = site.page(CARELESS)
    before = page.read_bytes()
    done = fencepost(site.folder, "mutate", "docs/page.md")
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    unnoticed = [line for line in lines if ": not noticed: " in line]
    assert [line.partition(": not noticed: ")[0] for line in unnoticed] == [
        "docs/page.md:7",
        "docs/page.md:13",
        "docs/page.md:20",
        "docs/page.md:25",
    ]
    assert "passes without `mkdir never-used`" in unnoticed[0]
    assert "passes without `$ touch never-read`" in unnoticed[1]
    assert "passes without `unused = 7`" in unnoticed[2]
    assert "passes without the line `second` of a file" in unnoticed[3]
    advice = [lines[lines.index(line) + 1].strip() for line in unnoticed]
    assert advice[0].startswith("add a command that fails without it, such as `test -e FILE`")
    assert advice[1].startswith("show what it prints under it")
    assert advice[2].startswith("add an `assert`")
    assert advice[3].startswith("run a program that needs it")
    assert lines[-1] == "6 of 10 breaks were noticed"
    assert "\x1b" not in done.stdout
    assert page.read_bytes() == before
    # A page that was only broken has no record.
    assert not (site.folder / ".fencepost" / "records").exists()


def test_a_page_whose_every_break_is_noticed_ends_with_0(site: SiteBuilder) -> None:
    site.page(GOOD)
    done = fencepost(site.folder, "mutate", "docs/page.md@plain")
    assert (done.returncode, done.stdout) == (0, "1 of 1 breaks were noticed\n"), done.stderr


def test_a_page_that_fails_as_it_is_gets_no_breaks(site: SiteBuilder) -> None:
    site.page(GOOD.replace("test -d work", "test -d werk"))
    done = fencepost(site.folder, "mutate", "docs/page.md")
    assert done.returncode == 2
    assert done.stdout.splitlines() == [
        "docs/page.md:10: step `look` fails (exit status 1) on plain before anything is broken",
        "  make it pass first:  fencepost check docs/page.md --machine plain",
    ]
    assert all("clean" in entry for entry in journal(site))


def test_a_page_that_passes_only_sometimes_is_not_judged(site: SiteBuilder) -> None:
    site.page(GOOD.replace("test -d work", "test -d werk"))
    fencepost(site.folder, "mutate", "docs/page.md")
    # As if the first of two runs had passed, and the second hadn't been made yet.
    entry = json.dumps({**journal(site)[0], "red": None})
    site.write(".fencepost/mutations/docs/page.md.jsonl", f"{entry}\n")
    done = fencepost(site.folder, "mutate", "docs/page.md")
    assert done.returncode == 2
    assert "in some runs of the unchanged page, and passes in others" in done.stdout
    assert "breaks were noticed" not in done.stdout


def test_a_page_without_steps_has_nothing_to_break(site: SiteBuilder) -> None:
    site.page("---\nmachine: plain\n---\n\nOnly prose.\n")
    site.page("---\nmachine: plain\n---\n\n```bash\ntest -d /tmp\n```\n", "checks.md")
    site.page("Not even a machine.\n", "prose.md")
    for page, message in [
        ("page", "nothing to break: it has no step that runs"),
        ("checks", "nothing to break: its steps only check"),
        ("prose", "nothing to break: docs/prose.md doesn't run, because it has no `machine:`"),
    ]:
        done = fencepost(site.folder, "mutate", f"docs/{page}.md")
        assert done.returncode == 2
        assert message in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["docs/pege.md"], "no page of this site: docs/pege.md\n  did you mean `docs/page.md`?"),
        (["docs/page.md@plane"], "unknown machine `plane`\n  did you mean `plain`?"),
        (["docs/page.md", "-m", "debian-13"], "docs/page.md doesn't run on debian-13"),
        ([], "Missing argument"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_call_ends_with_2(site: SiteBuilder, arguments: list[str], message: str) -> None:
    site.page(GOOD)
    done = fencepost(site.folder, "mutate", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_machine_that_this_computer_lacks_is_left_out(site: SiteBuilder) -> None:
    site.page(GOOD.replace("machine: plain", "machine: [plain, debian-13]"))
    site.write("machines/debian-13/machine.toml", 'kind = "vm"\n')
    settings = site.folder / "fencepost.toml"
    settings.write_text(settings.read_text() + 'virtual-machines = "never"\n')
    done = fencepost(site.folder, "mutate", "docs/page.md")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "docs/page.md isn't broken on debian-13: it " in done.stdout
    assert "1 of 1 breaks were noticed" in done.stdout


def test_an_interrupted_call_goes_on_where_it_was(site: SiteBuilder) -> None:
    site.page(SLOW.format(steps="\n    ".join(f"sleep 0.0{number}" for number in range(51, 57))))
    with started(site.folder, "fencepost", "mutate", "docs/page.md") as process:
        deadline = time.monotonic() + WAIT_SECONDS
        while not mutants(site) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=WAIT_SECONDS)
    assert process.returncode == 130, output
    done_first = mutants(site)
    assert 1 <= len(done_first) < 6
    assert f"{len(done_first)} of 6 breaks are done; the same command goes on with the others" in output
    again = fencepost(site.folder, "mutate", "docs/page.md")
    assert "0 of 6 breaks were noticed" in again.stdout
    assert len(mutants(site)) == 6
    assert mutants(site)[: len(done_first)] == done_first
    # What was known about the page before it changed is forgotten.
    site.page(GOOD)
    fencepost(site.folder, "mutate", "docs/page.md")
    assert len(mutants(site)) == 1


def mutants(site: SiteBuilder) -> list[str]:
    return [entry["mutant"] for entry in journal(site) if "mutant" in entry]


def test_a_journal_that_cannot_be_written_is_an_error(site: SiteBuilder) -> None:
    site.page(GOOD)
    site.write(".fencepost/mutations", "a file where a folder should be")
    done = fencepost(site.folder, "mutate", "docs/page.md")
    assert done.returncode == 2
    assert "the journal can't be written" in done.stderr
    assert str(Path(".fencepost") / "mutations") in done.stderr
