"""A site, as the core knows it: a folder with pages, machines and settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fencepost.errors import FencepostError, ManyErrors, SiteError, UncheckedPageError, did_you_mean
from fencepost.machine.definition import MachineDefinition, read_machines
from fencepost.page.page import Page, read_page
from fencepost.page.pipeline import MarkdownSettings, Pipeline
from fencepost.settings import Settings
from fencepost.site.address import address_of


@dataclass(frozen=True)
class Site:
    """A site.

    Attributes:
        folder: where its `mkdocs.yml` lies.
        docs: the folder of its Markdown files.
        name: its title.
        url: where it is published; empty where it doesn't say.
        markdown: how it renders.
        pages: every Markdown file that it shows.
        rewriters: plugins that rewrite pages before the Markdown sees them; outside the parser's guarantee.
        settings: Fencepost's own.
        folders: whether each page gets a folder of its own.
        wrong: what is known already of pages that can't be checked.
    """

    folder: Path
    docs: Path
    name: str
    url: str
    markdown: MarkdownSettings
    pages: tuple[Path, ...]
    rewriters: tuple[str, ...]
    settings: Settings
    folders: bool = True
    wrong: tuple[FencepostError, ...] = ()

    @cached_property
    def machines(self) -> dict[str, MachineDefinition]:
        """Its machines, by name."""
        return read_machines(self.folder / self.settings.machines, self.folder)

    def machine(self, name: str) -> MachineDefinition:
        """One of its machines.

        Raises:
            SiteError: for one that it doesn't have.
        """
        if name not in self.machines:
            raise SiteError(f"unknown machine `{name}`", did_you_mean(name, sorted(self.machines)))
        return self.machines[name]

    @cached_property
    def pipeline(self) -> Pipeline:
        """Its Markdown, ready to be asked for fences."""
        return Pipeline(self.markdown, self.folder)

    @property
    def records(self) -> Path:
        """The folder of its records."""
        return self.folder / self.settings.records

    def address_of(self, path: Path) -> str | None:
        """Where a page lies once the site is built, relative to its root; `None` for one that lies elsewhere."""
        return address_of(path.relative_to(self.docs), folders=self.folders) if path.is_relative_to(self.docs) else None

    @cached_property
    def _pages_by_place(self) -> dict[Path, Path]:
        """Its pages by where they really lie. Asked once: a look at the disk for each."""
        return {path.resolve(): path for path in self.pages}

    def shows(self, path: Path) -> bool:
        """Whether a file is one of its pages."""
        return path.resolve() in self._pages_by_place

    def read_page(self, path: Path) -> Page | None:
        """One of its pages; `None` for one without a machine."""
        return read_page(
            path,
            self.pipeline,
            known_machines=self.machines,
            also_allowed=self.settings.allow_attributes,
        )

    def read_pages(self, paths: Iterable[Path] | None = None) -> list[Page]:
        """All its pages that have a machine, or those among `paths`.

        Raises:
            ManyErrors: with every error of every page.
        """
        pages, unchecked = self.read_checkable(paths)
        if unchecked:
            raise ManyErrors("", errors=unchecked)
        return pages

    def read_checkable(self, paths: Iterable[Path] | None = None) -> tuple[list[Page], tuple[FencepostError, ...]]:
        """The same, and what is wrong with pages that can't be checked, and don't stop the others.

        Raises:
            ManyErrors: with every error of every page, where another page has one.
        """
        pages = []
        found = list(self.wrong) if paths is None else []
        for path in self.pages if paths is None else paths:
            try:
                page = self.read_page(path)
            except ManyErrors as error:
                found.extend(error.errors)
            else:
                if page:
                    pages.append(page)
        if any(not isinstance(error, UncheckedPageError) for error in found):
            raise ManyErrors("", errors=tuple(found))
        return pages, tuple(found)

    def find(self, arguments: Collection[str], start: Path) -> list[Path] | None:
        """The pages that the paths on a command line mean; `None`, for all, where there are none.

        Args:
            arguments: files or folders, relative to `start`.
            start: the folder in which the command was given.

        Raises:
            SiteError: for a path that is no page of the site.
        """
        if not arguments:
            return None
        found: list[Path] = []
        for argument in arguments:
            wanted = (start / argument).resolve()
            below = [path for real, path in self._pages_by_place.items() if real == wanted or wanted in real.parents]
            if not below:
                shown = [path for path in self.pages if path.is_relative_to(self.folder)]
                names = [path.relative_to(self.folder).as_posix() for path in shown]
                raise SiteError(f"no page of this site: {argument}", did_you_mean(argument, names))
            found += [path for path in below if path not in found]
        return found
