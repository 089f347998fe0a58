"""Builds the site with MkDocs' heirs, and compares: the same verdicts at the same steps?

    make tomorrow

Material for MkDocs ends in May 2027. This tells what would be lost by moving on today. It works on copies; the site's
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
Told = Counter[tuple[str, str, str]]


def main() -> int:
    """Prints a line for each builder; 1 where one of them tells something else than MkDocs does."""
    differs = False
    expected: Told | None = None
    for name, commands in BUILDERS.items():
        with tempfile.TemporaryDirectory() as folder:
            problem = build(Path(folder), commands)
            told = Counter() if problem else verdicts(Path(folder) / "site")
            lost = missing_files(Path(folder) / "site")
        if problem:
            print(f"{name:<12}can't build it: {problem}")
            differs = True
            continue
        if expected is None:
            expected = told
            print(f"{name:<12}{len(told)} verdicts")
            continue
        only = {"missing": expected - told, "more": told - expected}
        print(f"{name:<12}{'the same verdicts at the same steps' if told == expected else 'other verdicts:'}")
        for word, entries in only.items():
            for page, place, verdict in sorted(entries):
                print(f"{'':<12}{word}: {page}{place} {verdict}")
        for path in lost:
            print(f"{'':<12}missing: {path}")
        differs = differs or told != expected or bool(lost)
    return int(differs)


def build(folder: Path, commands: Sequence[Sequence[str]]) -> str:
    """Builds a copy of the site in a folder; what went wrong, if something did."""
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


def verdicts(site: Path) -> Told:
    """Every page's standing and every step's verdict, by the page's address."""
    told: Told = Counter()
    for path in site.rglob("*.html"):
        html = path.read_text("utf-8")
        page = path.relative_to(site).as_posix().removesuffix("index.html")
        # Lists of posts have neither steps nor a standing of their own.
        if page in {"", "404.html"} or page.startswith("assets/"):
            continue
        told.update((page, "", standing) for standing in HEADER.findall(html))
        step = ""
        for anchor, verdict in STEP.findall(html):
            if anchor:
                step = anchor
            elif step:
                told[page, step, verdict] += 1
        if copied := len(COPIED.findall(html)):
            told[page, "", f"{copied} blocks to copy"] += 1
    return told


def missing_files(site: Path) -> list[str]:
    """What pages point at beside them, and what isn't there."""
    missing = set()
    for path in site.rglob("index.html"):
        for way in re.findall(r'(?:href|src)="([^"#?:]*assets/fencepost/[^"#?]*)', path.read_text("utf-8")):
            if not (path.parent / way).is_file():
                missing.add(f"{path.relative_to(site)} -> {way}")
    return sorted(missing)


if __name__ == "__main__":
    sys.exit(main())
