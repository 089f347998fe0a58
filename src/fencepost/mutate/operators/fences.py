"""Break how a page is put together: includes, files, the order of steps, the fence itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fencepost.mutate.edits import with_header
from fencepost.mutate.mutant import Broken, Edit
from fencepost.mutate.standing import Standing

_INCLUDE = re.compile(r'--8<-- "(?P<file>[^"]+)"')
_FILE = re.compile(r'\s+file="(?P<file>[^"]*)"')


def removed_include(standing: Standing) -> Iterator[Broken]:
    """Leave each include out, and make each name a file that isn't there."""
    first = standing.opening.line
    for number, line in enumerate(standing.fence, first):
        if match := _INCLUDE.search(line):
            file, name = standing.opening.file, match["file"]
            yield Broken(f"{name} is left out", Edit(file, number, 1, ()), later=True)
            gone = line.replace(f'"{name}"', f'"{name}.gone"')
            yield Broken(f"{name}.gone is asked for", Edit(file, number, 1, (gone,)), line=number)


def dropped_file(standing: Standing) -> Iterator[Broken]:
    """Leave `file=` out, so that the file isn't written."""
    if match := _FILE.search(standing.header):
        yield Broken(match["file"], with_header(standing, _FILE.sub("", standing.header)), later=True)


def broken_fence(standing: Standing) -> Iterator[Broken]:
    """Leave a brace open: the site would show the step as text, and not run it."""
    header = standing.header.rstrip()
    if header.endswith("}"):
        line = standing.opening.line
        yield Broken("its brace is left open", with_header(standing, header[:-1].rstrip()), line=line)


def misspelt_language(standing: Standing) -> Iterator[Broken]:
    """Swap two letters of the language: the site would show the step, and not run it."""
    language = standing.snippet.language
    if not standing.is_file and len(language) > 2:
        swapped = language[0] + language[2] + language[1] + language[3:]
        header = standing.header.replace(language, swapped, 1)
        yield Broken(swapped, with_header(standing, header), line=standing.opening.line)


def reordered(standing: Standing) -> Iterator[Broken]:
    """Swap the step with the next one."""
    following = standing.following
    if not following or following.opening.file != standing.opening.file:
        return
    between = standing.files[standing.opening.file][standing.closing : following.opening.line - 1]
    lines = (*following.fence, *between, *standing.fence)
    edit = Edit(standing.opening.file, standing.opening.line, len(lines), lines)
    yield Broken(f"it comes behind {following.snippet.id}", edit, later=True, with_next=True)
