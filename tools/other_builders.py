"""Build the site with MkDocs' successors, and compare: do they show the same verdicts at the same steps?

    make tomorrow

Material for MkDocs ends in May 2027. This shows what would be lost by moving on today. It works on copies; the site's
own folder stays as it is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ("docs", "machines", "snippets", ".fencepost", "mkdocs.yml", "zensical.yml", "pyproject.toml")
PUBLISH = ("fencepost", "publish", "site")
BUILDERS: dict[str, Sequence[Sequence[str]]] = {
    "MkDocs": [("mkdocs", "--quiet", "build", "--strict")],
    "ProperDocs": [("properdocs", "--quiet", "build", "--strict", "-f", "mkdocs.yml")],
    "Zensical": [("zensical", "build", "--clean", "--strict", "-f", "zensical.yml"), PUBLISH],
}
HEADER = re.compile(r'<aside class="fencepost-header"[^>]* data-fencepost-standing="([a-z-]+)"')
STEP = re.compile(r'<a href="(#[^"]+)" class="fencepost-link"|data-fencepost-verdict="([a-z-]+)"')
COPIED = re.compile(r' data-copy="')
Verdicts = Counter[tuple[str, str, str]]


def main() -> int:
    """Print a line for each builder; return 1 if any result differs from MkDocs'."""
    differs = False
    expected: Verdicts | None = None
    for name, commands in BUILDERS.items():
        with tempfile.TemporaryDirectory() as folder:
            problem = build(Path(folder), commands)
            actual = Counter() if problem else verdicts(Path(folder) / "site")
            missing = missing_files(Path(folder) / "site")
        if problem:
            print(f"{name:<12}can't build it: {problem}")
            differs = True
            continue
        if expected is None:
            expected = actual
            print(f"{name:<12}{len(actual)} verdicts")
            continue
        differences = {"missing": expected - actual, "more": actual - expected}
        print(f"{name:<12}{'the same verdicts at the same steps' if actual == expected else 'other verdicts:'}")
        for word, entries in differences.items():
            for page, place, verdict in sorted(entries):
                print(f"{'':<12}{word}: {page}{place} {verdict}")
        for path in missing:
            print(f"{'':<12}missing: {path}")
        differs = differs or actual != expected or bool(missing)
    return int(differs)


def build(folder: Path, commands: Sequence[Sequence[str]]) -> str:
    """Build a copy of the site in a folder; return an error message, or an empty string."""
    for source in SOURCES:
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, folder / source)
        elif (ROOT / source).is_file():
            shutil.copy(ROOT / source, folder)
    programs = Path(sys.executable).parent
    for program, *arguments in commands:
        if not (programs / program).is_file():
            return f"{program} is not installed"
        done = subprocess.run(
            [str(programs / program), *arguments],
            cwd=folder,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode:
            return (done.stdout + done.stderr).strip()[-2000:]
    return ""


def verdicts(site: Path) -> Verdicts:
    """Return every page's standing and every step's verdict, with the page's address."""
    counts: Verdicts = Counter()
    for path in site.rglob("*.html"):
        html = path.read_text("utf-8")
        page = path.relative_to(site).as_posix().removesuffix("index.html")
        # Lists of posts have neither steps nor a standing of their own.
        if page in {"", "404.html"} or page.startswith("assets/"):
            continue
        counts.update((page, "", standing) for standing in HEADER.findall(html))
        step = ""
        for anchor, verdict in STEP.findall(html):
            if anchor:
                step = anchor
            elif step:
                counts[page, step, verdict] += 1
        if copied := len(COPIED.findall(html)):
            counts[page, "", f"{copied} blocks to copy"] += 1
    return counts


def missing_files(site: Path) -> list[str]:
    """Return the links of pages to files of Fencepost that don't exist."""
    missing = set()
    for path in site.rglob("index.html"):
        for link in re.findall(r'(?:href|src)="([^"#?:]*assets/fencepost/[^"#?]*)', path.read_text("utf-8")):
            if not (path.parent / link).is_file():
                missing.add(f"{path.relative_to(site)} -> {link}")
    return sorted(missing)


if __name__ == "__main__":
    sys.exit(main())
