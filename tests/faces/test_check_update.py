"""`fencepost check --update` and `--diff`, from the call to the file."""

from __future__ import annotations

import pytest

from tests.helpers.programs import fencepost
from tests.helpers.site_builder import SiteBuilder

PAGE = """
    ---
    machine: plain
    ---
    # A page

    ```console
    $ echo one; echo and more; echo two
    eins
    ...
    zwei
    $ seq 2
    1
    ```

    ```bash { #between }
    greeting=hello
    ```

    ```console
    $ echo "$greeting"
    hallo
    ```
    """


def test_all_outputs_are_rewritten_in_one_go_and_checked_again(site: SiteBuilder) -> None:
    page = site.page(PAGE)
    before = page.read_text()
    done = fencepost(site.folder, "check", "--update")
    after = before.replace("eins", "one").replace("zwei", "two").replace("1\n", "1\n2\n").replace("hallo", "hello")
    assert page.read_text() == after
    assert "rewrote 3 outputs in docs/page.md; checking again" in done.stdout
    assert "1 page: 3 passed" in done.stdout
    assert done.returncode == 0, done.stdout
    # Now there is nothing to run, and nothing to rewrite.
    assert "0 run, 1 unchanged" in fencepost(site.folder, "check", "--update").stdout
    assert page.read_text() == after


@pytest.mark.parametrize("options", [["--diff"], ["--update", "--diff"]])
def test_a_diff_writes_nothing(site: SiteBuilder, options: list[str]) -> None:
    page = site.page(PAGE)
    before = page.read_text()
    done = fencepost(site.folder, "check", *options)
    assert page.read_text() == before
    assert done.returncode == 1
    assert "--- docs/page.md\n+++ docs/page.md\n" in done.stdout
    assert all(line in done.stdout for line in ["\n-eins\n+one\n ...\n", "\n-zwei\n+two\n", "\n-hallo\n+hello\n"])


def test_other_failures_stay_failures(site: SiteBuilder) -> None:
    page = site.page(PAGE + "\n    ```console\n    $ false\n    ```\n")
    done = fencepost(site.folder, "check", "--update")
    assert "hello" in page.read_text()
    assert done.returncode == 1
    assert "docs/page.md:26: failed: step `a-page-step-3` on plain: exit status 1" in done.stdout


def test_an_output_that_is_never_the_same_is_told(site: SiteBuilder) -> None:
    site.page("---\nmachine: plain\n---\n\n```console\n$ cat /proc/sys/kernel/random/uuid\nx\n```\n")
    done = fencepost(site.folder, "check", "--update")
    assert done.returncode == 1
    assert "rewrote 1 output in docs/page.md" in done.stdout
    assert "its output is not what the page shows" in done.stdout


def test_a_failure_names_the_command_that_rewrites_it(site: SiteBuilder) -> None:
    site.page(PAGE)
    done = fencepost(site.folder, "check")
    assert "rewrite it:    fencepost check docs/page.md --machine plain --update" in done.stdout


def test_an_output_that_is_right_on_another_machine_is_not_lost(site: SiteBuilder) -> None:
    machine = site.machine("other", "FROM debian:12\n", "env = { WHO = 'other' }\n")
    assert machine.is_dir()
    page = site.page("---\nmachine: [plain, other]\n---\n\n```console\n$ echo ${WHO:-plain}\nplain\n```\n")
    before = page.read_text()
    assert fencepost(site.folder, "check").returncode == 1
    done = fencepost(site.folder, "check", "--update")
    assert page.read_text() == before
    assert "docs/page.md on other and docs/page.md on plain print different things" in done.stdout
    assert "docs/page.md:7" in done.stdout


def test_no_escape_reaches_the_terminal_in_a_diff(site: SiteBuilder) -> None:
    site.page("---\nmachine: plain\n---\n\n```console\n$ printf 'A\\033cB\\033\\033[m[31m\\n'\nother\n```\n")
    done = fencepost(site.folder, "check", "--diff")
    # `ESC c` has cleared the screen.
    assert "\n-other\n+B[31m\n" in done.stdout
    assert "\x1b" not in done.stdout
