"""A page's front matter: parsed, or refused with file and line."""

from __future__ import annotations

import math
from collections.abc import Iterable

from mkdocs.utils.meta import get_data

from fencepost.errors import PageError
from fencepost.page.frontmatter import read_front_matter
from trials.fuzzing.taking import holds, text
from trials.fuzzing.target import ROOT, Target


def one(data: bytes) -> None:
    """Try the beginning of a page."""
    page = text(data).replace("\r\n", "\n").replace("\r", "\n")
    _, front_matter = get_data(page)
    try:
        read = read_front_matter(front_matter, page, "page.md")
    except PageError as error:
        holds(error.message and error.file == "page.md" and 0 <= error.line <= page.count("\n") + 2, error)
        holds(len(str(error)) < 2000 + len(page), len(str(error)))
        return
    holds(all(name and isinstance(name, str) for name in read.machines), read)
    holds(len(set(read.machines)) == len(read.machines), read)
    holds(read.timeout is None or (math.isfinite(read.timeout) and 0 < read.timeout <= 86400), read)
    holds(read.machines or not (read.network or read.timeout or read.requires), read)
    holds(set(read.requires) <= {"kvm"}, read)
    holds(len(read.title) <= len(page), len(read.title))
    holds(bool(read.machines) == ("machine" in front_matter), read)


def seeds() -> Iterable[bytes]:
    """Yield the beginnings of the site's own pages and of the samples."""
    for path in sorted([*(ROOT / "docs").rglob("*.md"), *(ROOT / "tests/page/forms").glob("*.md")]):
        yield path.read_bytes()[:200].rpartition(b"\n")[0] + b"\n---\n"
    yield b"---\nmachine: [debian-12, debian-13]\nnetwork: true\ntimeout: 120\nrequires: [kvm]\n---\n"


TARGET = Target(
    name="front_matter",
    says="Machines are names, each once; times are finite; anything else is an error with file and line.",
    code=("page/frontmatter.py",),
    words=(
        b"---\n",
        b"machine:",
        b"\ntimeout:",
        b"\nnetwork:",
        b"\nrequires:",
        b"\ntitle:",
        b"[",
        b"&a ",
        b"*a",
        b".inf",
        b".nan",
    )
    + (b"? ", b"!!", b"2001-99-99", b"|\n"),
    seeds=seeds,
    one=one,
    longest=300,
)
