"""A site: a folder with pages, machines and settings. Independent of the site generator."""

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
        url: where it is published; empty if unknown.
        markdown: the settings of its Markdown.
        pages: every Markdown file that it shows.
        rewriters: plugins that rewrite pages before Markdown converts them; Fencepost can't follow their changes.
        settings: Fencepost's settings.
        folders: True if each page gets a folder of its own.
        problems: the errors of pages that can't be checked, as far as they are known from the start.
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
    problems: tuple[FencepostError, ...] = ()

    @cached_property
    def machines(self) -> dict[str, MachineDefinition]:
        """Its machines, by name."""
        return read_machines(self.folder / self.settings.machines, self.folder)

    def machine(self, name: str) -> MachineDefinition:
        """Return one of its machines.

        Raises:
            SiteError: if it has no such machine.
        """
        if name not in self.machines:
            raise SiteError(f"unknown machine `{name}`", did_you_mean(name, sorted(self.machines)))
        return self.machines[name]

    @cached_property
    def pipeline(self) -> Pipeline:
        """The pipeline that finds the fences of its pages."""
        return Pipeline(self.markdown, self.folder)

    @property
    def records(self) -> Path:
        """The folder of its records."""
        return self.folder / self.settings.records

    def address_of(self, path: Path) -> str | None:
        """Return a page's address in the built site, relative to its root; `None` for a file outside of `docs`."""
        return address_of(path.relative_to(self.docs), folders=self.folders) if path.is_relative_to(self.docs) else None

    @cached_property
    def _pages_by_place(self) -> dict[Path, Path]:
        """Its pages by their resolved paths. Cached, because each is looked up on the disk."""
        return {path.resolve(): path for path in self.pages}

    def shows(self, path: Path) -> bool:
        """Return whether a file is one of its pages."""
        return path.resolve() in self._pages_by_place

    def read_page(self, path: Path) -> Page | None:
        """Read one of its pages; `None` for one without a machine."""
        return read_page(
            path,
            self.pipeline,
            known_machines=self.machines,
            also_allowed=self.settings.allow_attributes,
        )

    def read_pages(self, paths: Iterable[Path] | None = None) -> list[Page]:
        """Read its pages that have a machine, all of them or those among `paths`.

        Raises:
            ManyErrors: with every error of every page.
        """
        pages, unchecked = self.read_checkable(paths)
        if unchecked:
            raise ManyErrors("", errors=unchecked)
        return pages

    def read_checkable(self, paths: Iterable[Path] | None = None) -> tuple[list[Page], tuple[FencepostError, ...]]:
        """Read the same pages; return them, and the errors of pages that can't be checked but don't stop the others.

        Raises:
            ManyErrors: with every error of every page, if any error is another than `UncheckedPageError`.
        """
        pages = []
        errors = list(self.problems) if paths is None else []
        for path in self.pages if paths is None else paths:
            try:
                page = self.read_page(path)
            except ManyErrors as error:
                errors.extend(error.errors)
            else:
                if page:
                    pages.append(page)
        if any(not isinstance(error, UncheckedPageError) for error in errors):
            raise ManyErrors("", errors=tuple(errors))
        return pages, tuple(errors)

    def find(self, arguments: Collection[str], start: Path) -> list[Path] | None:
        """Return the pages that paths on a command line mean; `None`, for all pages, if there are no paths.

        Args:
            arguments: files or folders, relative to `start`.
            start: the current directory of the command.

        Raises:
            SiteError: for a path without any page of the site.
        """
        if not arguments:
            return None
        pages: list[Path] = []
        for argument in arguments:
            target = (start / argument).resolve()
            inside = [path for real, path in self._pages_by_place.items() if real == target or target in real.parents]
            if not inside:
                shown = [path for path in self.pages if path.is_relative_to(self.folder)]
                names = [path.relative_to(self.folder).as_posix() for path in shown]
                raise SiteError(f"no page of this site: {argument}", did_you_mean(argument, names))
            pages += [path for path in inside if path not in pages]
        return pages
