"""A copy of the site in which pages can be broken."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fencepost.page.page import Page
from fencepost.site.mkdocs import read_site
from fencepost.site.site import Site
from trials.mutation.mutant import Edit, edited
from trials.mutation.standing import Files

_PARTS = ("mkdocs.yml", "pyproject.toml", "docs", "snippets", "machines")


class SiteCopy:
    """A copy of a site, with one page broken at a time.

    Args:
        original: the site's folder.
        folder: the folder of the copy.
    """

    def __init__(self, original: Path, folder: Path) -> None:
        for part in _PARTS:
            source, copy = original / part, folder / part
            if source.is_dir():
                shutil.copytree(source, copy)
            elif source.exists():
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, copy)
        self.site: Site = read_site(folder)

    def read(self, page: str) -> Page:
        """Read a page as `fencepost check` reads it.

        Raises:
            ManyErrors: with all errors of the page.
        """
        return self.site.read_pages([self.site.folder / page])[0]

    @contextmanager
    def broken(self, edit: Edit | None) -> Iterator[None]:
        """Apply an edit until the block ends."""
        if edit is None:
            yield
            return
        path = self.site.folder / edit.file
        before = path.read_bytes()
        path.write_text(edited({edit.file: before.decode().split("\n")}, edit), "utf-8")
        try:
            yield
        finally:
            path.write_bytes(before)


def files_of(page: Page, folder: Path) -> Files:
    """Return the lines of each file that holds steps of a page, by name."""
    names = {page.name, *(origin.file for snippet in page.snippets for origin in snippet.origins)}
    return {name: (folder / name).read_text("utf-8").split("\n") for name in sorted(names)}
