"""Breaks how a page is put together: includes, files, the order of steps, the fence itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trials.mutation.edits import with_header
from trials.mutation.mutant import Broken, Edit
from trials.mutation.standing import Standing

_INCLUDE = re.compile(r'--8<-- "(?P<file>[^"]+)"')
_FILE = re.compile(r'\s+file="(?P<file>[^"]*)"')


def removed_include(standing: Standing) -> Iterator[Broken]:
    """Each include left out, and each made to name a file that isn't there."""
    first = standing.opening.line
    for number, line in enumerate(standing.fence, first):
        if match := _INCLUDE.search(line):
            file, name = standing.opening.file, match["file"]
            yield Broken(f"{name} is left out", Edit(file, number, 1, ()), later=True)
            gone = line.replace(f'"{name}"', f'"{name}.gone"')
            yield Broken(f"{name}.gone is asked for", Edit(file, number, 1, (gone,)), line=number)


def dropped_file(standing: Standing) -> Iterator[Broken]:
    """A file that is not written: `file=` left out."""
    if match := _FILE.search(standing.header):
        yield Broken(match["file"], with_header(standing, _FILE.sub("", standing.header)), later=True)


def broken_fence(standing: Standing) -> Iterator[Broken]:
    """A brace that isn't closed: the site would show the step as text, and not run it."""
    header = standing.header.rstrip()
    if header.endswith("}"):
        line = standing.opening.line
        yield Broken("its brace is left open", with_header(standing, header[:-1].rstrip()), line=line)


def misspelt_language(standing: Standing) -> Iterator[Broken]:
    """A language with two of its letters swapped: the site would show the step, and nobody would run it."""
    language = standing.snippet.language
    if standing.snippet.runner != "file" and len(language) > 2:
        swapped = language[0] + language[2] + language[1] + language[3:]
        header = standing.header.replace(language, swapped, 1)
        yield Broken(swapped, with_header(standing, header), line=standing.opening.line)


def reordered(standing: Standing) -> Iterator[Broken]:
    """The step changes its place with the one behind it."""
    following = standing.following
    if not following or following.opening.file != standing.opening.file:
        return
    between = standing.files[standing.opening.file][standing.closing : following.opening.line - 1]
    lines = (*following.fence, *between, *standing.fence)
    edit = Edit(standing.opening.file, standing.opening.line, len(lines), lines)
    yield Broken(f"it comes behind {following.snippet.id}", edit, later=True, with_next=True)
