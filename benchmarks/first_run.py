"""Measures the first run of a newcomer: from `git clone` to the verdict of every page, in an empty store.

    make bench-first-run                  this commit
    make bench-first-run BASE=f77558e     an older one first, for comparison

Each run has a home, a cache and a podman store of its own, which are removed afterwards. It prints what `make site`
prints, with the seconds since `git clone`. The container engine is installed already; `tools/prepare` says what it
would have installed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from written import README, write_between

ROOT = Path(__file__).parents[1]
_VERDICT = re.compile(r"(passed|failed|skipped|error|known|blocked|timed)\S* +(docs/\S+ on \S+):")
_STORAGE = '[storage]\ndriver = "overlay"\ngraphroot = "{0}/graph"\nrunroot = "{0}/run"\n'


@dataclass
class FirstRun:
    """The course of one first run.

    Attributes:
        commit: the commit.
        verdicts: the seconds from `git clone` to each verdict, by page and machine.
        seconds: the seconds to the end.
    """

    commit: str
    verdicts: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def first(self) -> float:
        """The seconds to the first verdict."""
        return min(self.verdicts.values())

    @property
    def last(self) -> float:
        """The seconds to the last verdict."""
        return max(self.verdicts.values())


def run(commit: str) -> FirstRun:
    """Clone the repository and run `make site` there, as a newcomer does.

    Raises:
        RuntimeError: when a page didn't pass.
    """
    done = FirstRun(commit)
    folder = Path(tempfile.mkdtemp(prefix="fencepost-first-run-"))
    storage = folder / "storage.conf"
    storage.write_text(_STORAGE.format(folder))
    home = folder / "home"
    home.mkdir()
    # Settings for pip and apt come from the environment too, so keep it.
    environment = {**os.environ, "HOME": str(home), "CONTAINERS_STORAGE_CONF": str(storage)}
    environment |= {"XDG_CACHE_HOME": str(home / ".cache"), "PYTHONUNBUFFERED": "1"}
    try:
        began = time.monotonic()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
        subprocess.run(["git", "checkout", "--quiet", commit], cwd=folder / "clone", check=True)
        with subprocess.Popen(
            ["make", "site"],
            cwd=folder / "clone",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout
            for line in process.stdout:
                seconds = time.monotonic() - began
                print(f"{seconds:6.0f} s  {line}", end="", flush=True)
                if match := _VERDICT.match(line):
                    done.verdicts[match[2]] = seconds
        done.seconds = time.monotonic() - began
        if process.returncode or not done.verdicts:
            raise RuntimeError(f"make site of {commit} ended with {process.returncode}")
    finally:
        remove(folder, environment)
    return done


def remove(folder: Path, environment: dict[str, str]) -> None:
    """Remove a run's containers, images and files."""
    for command in (("rm", "--all", "--force"), ("volume", "prune", "--force"), ("rmi", "--all", "--force")):
        subprocess.run(["podman", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
    subprocess.run(["umount", str(folder / "graph" / "overlay")], stderr=subprocess.DEVNULL, check=False)
    shutil.rmtree(folder, ignore_errors=True)


def table(runs: list[FirstRun]) -> str:
    """Return the results in Markdown."""
    head = " | ".join(run.commit for run in runs)
    rows = [f"| seconds from `git clone` to | {head} |", "|---|" + "---:|" * len(runs)]
    for name, value in (("the first verdict", "first"), ("the last verdict", "last"), ("the end", "seconds")):
        rows.append(f"| {name} | " + " | ".join(f"{getattr(run, value):.0f}" for run in runs) + " |")
    if len(runs) > 1:
        before, now = runs
        rows += ["", f"The ratios are {now.first / before.first:.2f} and {now.last / before.last:.2f}."]
    return "\n".join(rows)


def main() -> None:
    """Run, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default="", help="an older commit to compare with")
    options = parser.parse_args()
    described = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, check=True)
    commits = [*([options.base] if options.base else []), described.stdout.decode().strip()]
    text = table([run(commit) for commit in commits])
    print(text)
    if options.base:
        write_between(README, "first run", text)


if __name__ == "__main__":
    main()
