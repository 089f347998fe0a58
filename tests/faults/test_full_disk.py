"""A full disk at each write of each task, refused by the kernel itself.

Existing files stay whole, the error names a file and a fix, and the task succeeds as soon as there is room.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.programs import fencepost

ROOT = Path(__file__).parents[2]
# How often each is refused at least: fewer would mean that something isn't written any more, or not here.
TASKS = {
    ("check", "pages"): 3,
    ("check", "files"): 1,
    ("update", "pages"): 3,
    ("update", "files"): 1,
    ("merge", "pages"): 2,
    ("merge", "files"): 3,
    ("fetch", "pages"): 2,
    ("fetch", "files"): 3,
    ("publish", "pages"): 10,
    ("publish", "files"): 5,
    ("packages", "pages"): 3,
    ("packages", "files"): 2,
    ("bootstrap", "pages"): 3,
    ("bootstrap", "files"): 2,
    ("lock", "files"): 2,
}


@pytest.fixture(scope="session")
def own_mounts() -> list[str]:
    """What runs a command that may mount, and whose mounts nobody else sees."""
    command = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
    try:
        tried = subprocess.run([*command, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    except OSError as error:
        pytest.skip(f"needs unshare and mount: {error}")
    if tried.returncode:
        pytest.skip(f"this computer lets nobody mount: {tried.stderr.decode().strip()}")
    return command


@pytest.mark.slow
@pytest.mark.parametrize(("task", "shortage"), TASKS, ids=["-".join(key) for key in TASKS])
def test_a_full_disk_at_every_write(own_mounts: list[str], tmp_path: Path, task: str, shortage: str) -> None:
    done = subprocess.run(
        [*own_mounts, sys.executable, "-m", "tests.faults.full_disk", str(tmp_path), task, shortage],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    tries = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(tries) > TASKS[task, shortage]
    for one in tries[:-1]:
        judge_refusal(one, tmp_path)
    assert tries[-1]["status"] == 0
    for one in tries:
        assert one["again"] == [0, ""]
        judge_whole(one["before"], one["after"])


def judge_refusal(one: dict[str, Any], disk: Path) -> None:
    assert one["status"] == 3, one["told"]
    assert "No space left on device" in one["told"]
    if "could not be made from its packages" not in one["told"]:
        assert one["told"].startswith(f"{disk}/") or one["told"].startswith("docs/page.md: ")
        assert "free some space" in one["told"]
    judge_whole(one["before"], one["full"])


def judge_whole(before: dict[str, Any], then: dict[str, Any]) -> None:
    """Nothing is lost or half there, and nothing lies about."""
    assert set(before["records"]) <= set(then["records"])
    assert then["unreadable"] == []
    assert then["parts"] == []
    for name, runs in before["runs"].items():
        assert then["runs"][name] >= runs
    assert then["page"] in {0, 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [("plan", "--shards", "2"), ("schema",), ("--version",)], ids=lambda words: words[0]
)
def test_a_full_disk_behind_standard_output(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: A site\n")
    (tmp_path / "docs").mkdir()
    with open("/dev/full", "w") as full:
        done = fencepost(tmp_path, *command, stdout=full)
    assert done.returncode == 3
    assert done.stderr == "the output: can't be read or written: No space left on device\n"
