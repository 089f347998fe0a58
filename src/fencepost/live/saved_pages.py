"""Notices which pages were saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fencepost.errors import ManyErrors
from fencepost.page.page import Page
from fencepost.site.site import Site

# Time and size of each file that a page is made of.
_State = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Look:
    """What was saved.

    Attributes:
        saved: the pages that were.
        gone: what is no page with a machine any more.
        wrong: what is wrong with pages that can't be read, in words.
    """

    saved: list[Page]
    gone: set[Path]
    wrong: list[str]


class SavedPages:
    """Remembers what the pages of a site looked like."""

    def __init__(self) -> None:
        self._files: dict[Path, tuple[str, ...]] = {}
        self._states: dict[Path, _State] = {}
        self.included: set[str] = set()
        self._has_looked = False

    def look(self, site: Site) -> Look:
        """What was saved since the last look; nothing at the first.

        A page counts as saved when one of the files that it includes was.
        """
        first, self._has_looked = not self._has_looked, True
        saved: list[Page] = []
        gone = set(self._states).difference(site.pages)
        wrong: list[str] = []
        for path in site.pages:
            state = _state(self._files.get(path, (str(path),)))
            if state == self._states.get(path):
                continue
            try:
                page = site.read_page(path)
            except ManyErrors as error:
                page = None
                if not first:
                    wrong += [str(item) for item in error.errors]
            else:
                if page is None:
                    gone.add(path)
            self._note(site, path, page)
            if page and not first:
                saved.append(page)
        for path in gone.difference(site.pages):
            del self._states[path]
        return Look(saved, gone, wrong)

    def _note(self, site: Site, path: Path, page: Page | None) -> None:
        # A page that can't be read keeps the files that it had: saving one of those may be what fixes it.
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
            found = Path(file).stat()
        except OSError:
            state.append((file, 0, 0))
        else:
            state.append((file, found.st_mtime_ns, found.st_size))
    return tuple(state)
