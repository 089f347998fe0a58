"""Measure what Fencepost adds to `mkdocs build` and to the size of a page: the same site with and without it.

    make bench-site

300 posts of 20 steps, all verified, in Material for MkDocs with its blog and search.
"""

from __future__ import annotations

import gzip
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from corpus import make_posts

from fencepost import __version__
from fencepost.page.page import Page
from fencepost.record.model import Record, SnippetRecord
from fencepost.record.store import RecordStore
from fencepost.render import places
from fencepost.site.mkdocs import read_site
from fencepost.verdicts import Verdict

ROUNDS = 5
POSTS, STEPS = 300, 20
RUNS = 10
OUTPUT = re.compile(r"<samp>.*?</samp>", re.DOTALL)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "site"
        make_posts(folder, pages=POSTS, snippets=STEPS)
        verify(folder)
        without = yaml.safe_load((folder / "mkdocs.yml").read_text("utf-8"))
        without["plugins"].remove("fencepost")
        without["markdown_extensions"].remove("fencepost")
        (folder / "without.yml").write_text(yaml.safe_dump(without), "utf-8")
        build(folder, "mkdocs.yml")
        times: dict[str, list[float]] = {"mkdocs.yml": [], "without.yml": []}
        for _ in range(ROUNDS):
            for config, taken in times.items():
                taken.append(build(folder, config))
        ours, theirs = (statistics.median(taken) for taken in times.values())
        pairs = [(mine / other - 1) * 100 for mine, other in zip(*times.values(), strict=True)]
        print(f"mkdocs build, {POSTS} posts of {STEPS} steps: {ours:.1f} s with Fencepost, {theirs:.1f} s without")
        spread = f"from {min(pairs):.1f} to {max(pairs):.1f}"
        print(f"  it adds {statistics.median(pairs):.1f} % ({spread}; target: at most 8 %)")
        weigh(folder)


def verify(folder: Path) -> None:
    """Write records of ten runs in which all steps of all pages passed."""
    site = read_site(folder)
    store = RecordStore(site.records)
    for page in site.read_pages():
        for ago in range(RUNS, 0, -1):
            store.write(verified(page, datetime.now(UTC) - timedelta(days=ago)))


def verified(page: Page, started: datetime) -> Record:
    """Return the record of a run in which all steps passed."""
    steps = tuple(
        SnippetRecord(
            id=step.id,
            title=step.title,
            language=step.language,
            source=step.source,
            written_to=step.attributes.file,
            file=step.opening.file,
            line=step.opening.line,
            source_sha256=step.source_sha256,
            step_sha256=step.step_sha256,
            verdict=Verdict.PASSED,
            exit=0,
            seconds=0.1,
            output="".join(f"line {number} of what it printed\n" for number in range(5)),
            truncated=False,
            reason=None,
            failure=None,
            notes=(),
            empty=False,
        )
        for step in page.snippets
    )
    return Record(
        schema=1,
        page=page.name,
        machine="debian-12",
        title="Debian 12",
        image="sha256:" + "0" * 64,
        engine="podman 4.3.1",
        accelerator=None,
        isolation="cell",
        fencepost=__version__,
        started=started,
        seconds=2.0,
        verdict=Verdict.PASSED,
        reason="",
        steps_sha256=page.digest_on("debian-12"),
        network=False,
        capabilities=(),
        snippets=steps,
    )


def build(folder: Path, config: str) -> float:
    """Return the processor time in seconds of a whole build, with Python's start: one process that never waits."""
    command = [sys.executable, "-m", "mkdocs", "--quiet", "build", "-f", config, "-d", f"built-{config}"]
    # Let Python write bytecode: otherwise it would compile Fencepost's files, and only these, in each build.
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def weigh(folder: Path) -> None:
    """Print how much more a reader loads, captured output not counted."""
    page = "post-007/index.html"
    with_it = OUTPUT.sub("", (folder / "built-mkdocs.yml" / page).read_text("utf-8"))
    without = (folder / "built-without.yml" / page).read_text("utf-8")
    html = len(with_it.encode()) - len(without.encode())
    packed = len(gzip.compress(with_it.encode())) - len(gzip.compress(without.encode()))
    assets = [(folder / "built-mkdocs.yml" / path).read_bytes() for path in (places.STYLESHEET, places.SCRIPT)]
    print(f"a page of {STEPS} steps: {html / 1000:.1f} kB more HTML, {packed / 1000:.1f} kB of it on the way (gzip)")
    print(
        f"  stylesheet and script, once: {sum(map(len, assets)) / 1000:.1f} kB, "
        f"{sum(len(gzip.compress(asset)) for asset in assets) / 1000:.1f} kB on the way"
    )


if __name__ == "__main__":
    main()
