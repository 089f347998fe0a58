"""`fencepost check` of pages in which nothing runs, and its warnings about steps that passed."""

from __future__ import annotations

import pytest

from tests.faces.test_check_command import GOOD
from tests.helpers.programs import fencepost
from tests.helpers.site_builder import SiteBuilder

RETRIED = """
    ---
    machine: plain
    ---
    # A page

    ```bash { #unsteady retry=2 }
    test -e there || { touch there; false; }
    ```
    """

COMMENTS = """
    ---
    machine: plain
    ---
    # A page

    ```bash { #stop }
    # killall httpd
    ```
    """


def test_a_warning_is_repeated_and_changes_no_verdict(site: SiteBuilder) -> None:
    site.page(RETRIED)
    first = fencepost(site.folder, "check")
    assert first.returncode == 0
    text = "  docs/page.md:6: warning: passed only at try 2 of 3\n"
    assert text in first.stdout
    # Nothing has to run, and nothing was done about it.
    again = fencepost(site.folder, "check", env={"GITHUB_ACTIONS": "true"})
    assert "0 run, 1 unchanged" in again.stdout
    assert text in again.stdout
    assert "::warning file=docs/page.md,line=6,title=warning on plain%3A step unsteady::passed only at" in again.stdout


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (COMMENTS, "nothing in the page's steps runs"),
        ("---\nmachine: plain\n---\n# A page\n", "the page has no step that runs"),
        ("---\nmachine: plain\n---\n\n```bash { .notest }\ntrue\n```\n", "the page has no step that runs"),
    ],
)
def test_a_page_in_which_nothing_runs_has_not_passed(site: SiteBuilder, page: str, expected: str) -> None:
    site.page(page)
    for _ in range(2):
        done = fencepost(site.folder, "check", "-v")
        assert done.returncode == 2, done.stdout + done.stderr
        assert f"skipped      docs/page.md on plain: nothing was checked: {expected}" in done.stdout
        assert "passed" not in done.stdout
        assert "nothing was checked: no page here has a step that runs\n  write commands into" in done.stderr
    assert "0 run, 1 unchanged" in done.stdout
    # Beside a page that ran, it is no reason to complain.
    site.page(GOOD, "good.md")
    done = fencepost(site.folder, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed       docs/good.md on plain: 2 of 2 steps" in done.stdout
    assert fencepost(site.folder, "check").returncode == 0


def test_a_step_in_which_nothing_runs_is_counted_apart(site: SiteBuilder) -> None:
    site.page(f"{GOOD}\n    ```bash {{ #stop }}\n    # killall httpd\n    ```\n")
    done = fencepost(site.folder, "check", "-v")
    assert done.returncode == 0
    assert "  skipped page@plain: stop (0.00 s): nothing in it runs: it holds comments alone\n" in done.stdout
    assert "passed       docs/page.md on plain: 2 of 2 steps, 1 in which nothing runs, " in done.stdout
    assert "1 page: 2 passed, 1 skipped\n" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["docs/prose.md"], "nothing to check: no page here has a machine\n  add `machine: NAME`"),
        (["docs/page.md", "--machine", "debian-12"], "no page here runs on `debian-12`\n  they have: plain"),
        (["docs/page.md", "--update"], "nothing was checked: every step here needs a fixture\n  run pytest"),
    ],
)
def test_a_check_that_finds_nothing_to_run(site: SiteBuilder, arguments: list[str], expected: str) -> None:
    site.page("# Just prose\n", "prose.md")
    site.page("---\nmachine: plain\n---\n\n```python { fixture:answer }\nanswer\n```\n\n```bash\n```\n")
    done = fencepost(site.folder, "check", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert expected in done.stderr


def test_a_page_that_this_computer_cannot_run_is_no_mistake(site: SiteBuilder) -> None:
    site.page("---\nmachine: plain\nrequires: kvm\n---\n\n```bash\ntrue\n```\n")
    site.page(COMMENTS, "comments.md")
    done = fencepost(site.folder, "check", env={"GITHUB_STEP_SUMMARY": str(site.folder / "summary.md")})
    assert done.returncode == 0
    assert "docs/page.md on plain: nothing was checked: needs KVM, which a container can't give" in done.stdout
    summary = (site.folder / "summary.md").read_text()
    assert "0 of 0 pages on their machines are as documented" in summary
    assert "Nothing was checked of docs/comments.md on plain: nothing in the page's steps runs." in summary
