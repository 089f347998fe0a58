"""Detects which pages were saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fencepost.errors import ManyErrors
from fencepost.page.page import Page
from fencepost.site.site import Site

# Each file that a page is made of, with its modification time and its size.
_State = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Look:
    """The result of a look at a site's pages.

    Attributes:
        saved: the pages that were saved since the last look.
        gone: the files that are no page with a machine any more.
        problems: the errors of pages that can't be read.
    """

    saved: list[Page]
    gone: set[Path]
    problems: list[str]


class SavedPages:
    """Remembers the state of a site's pages at the last look."""

    def __init__(self) -> None:
        self._files: dict[Path, tuple[str, ...]] = {}
        self._states: dict[Path, _State] = {}
        self.included: set[str] = set()
        self._has_looked = False

    def look(self, site: Site) -> Look:
        """Return what was saved since the last look; nothing at the first one.

        A page also counts as saved when a file that it includes was.
        """
        first, self._has_looked = not self._has_looked, True
        saved: list[Page] = []
        gone = set(self._states).difference(site.pages)
        problems: list[str] = []
        for path in site.pages:
            state = _state(self._files.get(path, (str(path),)))
            if state == self._states.get(path):
                continue
            try:
                page = site.read_page(path)
            except ManyErrors as error:
                page = None
                if not first:
                    problems += [str(item) for item in error.errors]
            else:
                if page is None:
                    gone.add(path)
            self._note(site, path, page)
            if page and not first:
                saved.append(page)
        for path in gone.difference(site.pages):
            del self._states[path]
        return Look(saved, gone, problems)

    def _note(self, site: Site, path: Path, page: Page | None) -> None:
        # Keep the files of a page that can't be read: saving an included one may fix the page.
        if page:
            names = {origin.file for snippet in page.snippets for origin in (snippet.opening, *snippet.origins)}
            included = sorted(str(site.folder / name) for name in names - {page.name})
            self._files[path] = (str(path), *included)
            self.included.update(included)
        self._states[path] = _state(self._files.get(path, (str(path),)))


def _state(files: Iterable[str]) -> _State:
    state = []
    for file in files:
        try:
            status = Path(file).stat()
        except OSError:
            state.append((file, 0, 0))
        else:
            state.append((file, status.st_mtime_ns, status.st_size))
    return tuple(state)
