"""What CI services are told."""

from __future__ import annotations

import http.server
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from builders import MARKDOWN, SiteBuilder
from running import fencepost

from fencepost.faces.cli.ci import github_annotations, markdown_summary
from fencepost.record.change import Change
from fencepost.record.store import RecordStore
from fencepost.run_key import RunKey
from fencepost.verdicts import Verdict

GOOD = """
    ---
    machine: [plain, plain-too]
    ---
    # A page

    ```bash {{ #greet }}
    echo {0}
    ```
    """
BAD = """
    ---
    machine: plain
    ---
    # A page

    ```console {{ #listing }}
    $ echo {0}, 100%
    other
    ```
    """


@pytest.fixture
def site(site: SiteBuilder) -> SiteBuilder:
    shutil.copytree(site.folder / "machines/plain", site.folder / "machines/plain-too")
    site.configure({**MARKDOWN, "fencepost": {}}, theme="mkdocs", plugins=["fencepost"])
    for number in range(3):
        site.page(GOOD.format(number), f"good-{number}.md")
    site.page(BAD.format("x"), "bad.md")
    return site


def store_of(folder: Path) -> RecordStore:
    return RecordStore(folder / ".fencepost/records", read_only=True)


def verdicts(folder: Path) -> bytes:
    """All verdicts of a site's records, and nothing that two runs may differ in."""
    told = [
        [
            record.page,
            record.machine,
            record.verdict,
            [(step.id, step.verdict, step.reason) for step in record.snippets],
        ]
        for record in store_of(folder).read_all()
    ]
    return json.dumps(told).encode()


def test_github_shows_a_failure_at_its_line(site: SiteBuilder, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    summary = tmp_path / "summary.md"
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    done = fencepost(site.folder, "check", env=env)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert line == (
        "::error file=site/docs/bad.md,line=8,title=failed on plain%3A step listing::"
        "its output is not what the page shows%0Acommand: echo x, 100%25%0Aexpected: other%0Abut got: x, 100%25"
    )
    assert "### Fencepost: 6 of 7 pages on their machines are as documented" in summary.read_text()
    assert "| `listing`, docs/bad.md:8 | plain | failed |  | never seen green |" in summary.read_text()
    assert "::error" not in fencepost(site.folder, "check").stdout


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a|b\\|c", "a\\|b\\\\\\|c"),
        ("<img src=x> &lt;", "\\<img src=x\\> \\&lt;"),
        ("![x](y) `z` *a* _b_ ~c~ $d$", "!\\[x\\](y) \\`z\\` \\*a\\* \\_b\\_ \\~c\\~ \\$d\\$"),
        ("https://x www.x", "https\\://x www\\.x"),
        ("a\x1bc\n| b |\r\u202e", "a c \\| b \\|"),
    ],
)
def test_a_summary_is_marked_up_by_nothing_but_itself(name: str, told: str) -> None:
    failure = SimpleNamespace(file=name, line=8, command="false", expected="", actual="\x1bc")
    step = SimpleNamespace(id="listing", verdict=Verdict.FAILED, failure=failure, reason="", notes=[])
    key = RunKey("docs/bad.md", "plain")
    record: Any = SimpleNamespace(
        key=key, page=key.page, machine=key.machine, verdict=Verdict.FAILED, snippets=[step], ran=True
    )
    green: Any = SimpleNamespace(started=datetime(2026, 11, 23, tzinfo=UTC))
    changes = {key: Change(green, (), (name,), rebuilt=True)}
    row = markdown_summary([record], changes).splitlines()[-1]
    assert row == f"| `listing`, {told}:8 | plain | failed | the world | 2026-11-23: {told} |"
    (annotation,) = github_annotations([record], changes).splitlines()
    assert annotation.isprintable()


def test_gitlab_is_told_in_a_file(site: SiteBuilder, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    fencepost(site.folder, "check", "--code-quality", str(report))
    (entry,) = json.loads(report.read_text())
    assert entry["location"] == {"path": "docs/bad.md", "lines": {"begin": 8}}
    assert entry["description"].startswith("failed on plain: step listing: its output is not what the page shows")
    done = fencepost(site.folder, "check", "--code-quality", str(tmp_path / "no/such/folder.json"))
    assert done.returncode == 2
    assert "the report can't be written: No such file or directory" in done.stderr


def test_a_commit_and_the_world_are_told_apart(site: SiteBuilder) -> None:
    fencepost(site.folder, "check")
    # Somebody edits one page; another prints something else from now on, as a page does whose mirror has moved on.
    site.page(GOOD.format("0").replace("echo 0", "false"), "good-0.md")
    store = store_of(site.folder)
    (run,) = store.history(RunKey("docs/bad.md", "plain"))
    path = store.path_of(RunKey("docs/bad.md", "plain")).with_suffix(".runs")
    path.write_text(run.model_copy(update={"verdict": Verdict.PASSED, "image": "sha256:old"}).model_dump_json() + "\n")
    packages = store.packages(run.image)
    assert packages
    store.write_packages("sha256:old", "plain", {**packages, "bash": "1.14-1", "coreutils": packages["coreutils"]})
    done = fencepost(site.folder, "check")
    assert "broken by the world: docs/bad.md on plain\n" in done.stdout
    assert f"    bash 1.14-1 → {packages['bash']}\n" in done.stdout
    assert "broken since a commit: docs/good-0.md on plain, docs/good-0.md on plain-too\n" in done.stdout
    assert "    the page's steps were edited\n" in done.stdout


def test_the_shards_of_a_site_merge_to_the_whole(site: SiteBuilder, tmp_path: Path) -> None:
    whole = fencepost(site.folder, "check")
    assert whole.returncode == 1
    planned = json.loads(fencepost(site.folder, "plan", "--shards", "3").stdout)["include"]
    assert [entry["shard"] for entry in planned] == [1, 2, 3]
    unsplit, together = verdicts(site.folder), tmp_path / "together"
    shutil.copytree(site.folder, together, ignore=shutil.ignore_patterns(".fencepost"))
    for entry in planned:
        shard = tmp_path / f"shard-{entry['shard']}"
        shutil.copytree(together, shard)
        done = fencepost(shard, "check", *entry["pages"].split())
        assert len(store_of(shard).read_all()) == len(entry["pages"].split()), done.stdout + done.stderr
    done = fencepost(together, "merge", *(str(tmp_path / f"shard-{number}") for number in (1, 2, 3)))
    assert done.returncode == 0, done.stderr
    assert verdicts(together) == unsplit
    assert "1 run, 6 unchanged" in fencepost(together, "check").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["plan", "--shards", "0"], "greater than or equal to 1"),
        (["check", "docs/good-0.md@debian-12"], "docs/good-0.md doesn't run on `debian-12`"),
        (["check", "docs/good-0.md@plan"], "unknown machine `plan`"),
        (["check", "docs/god-0.md@plain"], "no page of this site: docs/god-0.md"),
        (["merge", "nowhere"], "no such folder: nowhere"),
        (["merge", "docs"], "there are no records in docs"),
        (["fetch"], "give it as an argument, or set site_url in mkdocs.yml"),
        (["fetch", "nowhere.json"], "can't fetch nowhere.json"),
        (["fetch", "mkdocs.yml"], "holds no records that this version of Fencepost can read"),
        (["fetch", "ftp://127.0.0.1/"], "begins with http:// or https://"),
        (["fetch", "http://127.0.0.1:9/"], "Connection refused"),
        (["fetch", "http://127.0.0.1:9/x y"], "can't fetch http://127.0.0.1:9/x y"),
        (["fetch", "http://127.0.0.1:nine/"], "can't fetch http://127.0.0.1:nine/"),
    ],
)
def test_wrong_calls(build: SiteBuilder, arguments: list[str], told: str) -> None:
    build.real_machine("plain")
    build.page(GOOD.format(0).replace("[plain, plain-too]", "plain"), "good-0.md")
    done = fencepost(build.folder, *arguments)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_record_of_a_shard_that_cannot_be_read_is_told(build: SiteBuilder, tmp_path: Path) -> None:
    (tmp_path / "shard").mkdir()
    (tmp_path / "shard/page.md@plain.json").write_text("{")
    done = fencepost(build.folder, "merge", str(tmp_path / "shard"))
    assert "page.md@plain.json can't be read, and is left out" in done.stdout
    assert (tmp_path / "shard/page.md@plain.json").is_file()


@pytest.fixture
def published(site: SiteBuilder) -> Iterator[str]:
    """The site, checked, built and published on this computer: its address."""
    fencepost(site.folder, "check")
    command = [sys.executable, "-m", "mkdocs", "--quiet", "build"]
    subprocess.run(command, cwd=site.folder, check=True, timeout=120)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(site.folder / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_what_is_published_is_fetched(site: SiteBuilder, published: str, tmp_path: Path) -> None:
    here = tmp_path / "here"
    shutil.copytree(site.folder, here, ignore=shutil.ignore_patterns(".fencepost", "site"))
    (here / "docs/good-2.md").unlink()
    done = fencepost(here, "fetch", published)
    assert done.stdout == f"{published}: 5 new, 2 of pages or machines that this site doesn't have\n".replace(
        published, f"{published}assets/fencepost/records.json"
    )
    assert len(store_of(here).read_all()) == 5
    assert "1 run, 4 unchanged" in fencepost(here, "check").stdout
    # A second time there is nothing new.
    assert ": 0 new, 5 not newer than here" in fencepost(here, "fetch", published).stdout
    done = fencepost(here, "fetch", f"{published}nowhere")
    assert "404" in done.stderr
    assert "is the site built with the plugin" in done.stderr
