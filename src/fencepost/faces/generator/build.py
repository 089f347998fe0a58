"""One build of a site: what its pages share, each thing read no more than once."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files, get_files

from fencepost.errors import FencepostError
from fencepost.faces.generator.found_steps import FoundSteps, steps_of
from fencepost.faces.generator.placeholders import Placeholders
from fencepost.record.history import Run
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.run_key import RunKey
from fencepost.settings import read_settings
from fencepost.site.mkdocs import read_site, site_of
from fencepost.site.site import Site

# A logger below MkDocs' own, so that `mkdocs build --strict` takes a warning for what it is.
log = logging.getLogger("mkdocs.fencepost")


class Build:
    """A build of a site.

    Args:
        folder: the site's folder.
        config: MkDocs' configuration, where it is MkDocs that builds.

    Attributes:
        settings: Fencepost's own.
        files: the files of the build, where MkDocs has found them.
        waiting: the results that wait for the end of the build, where somebody fills them in then, and what pages
            tell of other pages; `None` where a page is whole once it is converted.

    Raises:
        SiteError: when the settings are wrong.
    """

    def __init__(self, folder: Path, config: MkDocsConfig | None = None) -> None:
        self.folder = folder
        self.config = config
        self.files: Files | None = None
        self.settings = read_settings(folder)
        self.store = RecordStore(folder / self.settings.records, read_only=True)
        self.waiting: Placeholders | None = None
        self._records: dict[RunKey, Record | None] = {}
        self._found: dict[Path, FoundSteps] = {}

    @cached_property
    def site(self) -> Site:
        """The site as the core knows it.

        Raises:
            SiteError: where there is no configuration of MkDocs, or it can't be read.
        """
        if self.config is None:
            return read_site(self.folder)
        return site_of(self.config, self.files or get_files(self.config), self.folder)

    def record(self, page: str, machine: str) -> Record | None:
        """The record of a page on a machine, if there is one."""
        key = RunKey(page, machine)
        if key not in self._records:
            self._records[key] = self.store.read(key)
            if self.store.unreadable:
                path = self.store.unreadable.pop()
                log.warning("Fencepost: the record %s can't be read; `fencepost check` makes a new one", path.name)
        return self._records[key]

    def records(self, page: str, machines: Iterable[str]) -> list[Record]:
        """The records of a page on those of some machines on which it ran."""
        read = (self.record(page, machine) for machine in machines)
        return [record for record in read if record]

    def runs(self, page: str, machine: str) -> list[Run]:
        """What became of a page on a machine, run after run."""
        return self.store.history(RunKey(page, machine))

    def note(self, path: Path, found: FoundSteps) -> None:
        """Remembers what the conversion of a page has found: nobody needs to read it again."""
        self._found[path] = found

    def steps(self, path: Path) -> FoundSteps:
        """A page's steps: as its conversion found them, or else as a check reads them."""
        if path not in self._found:
            try:
                self._found[path] = steps_of(self.site.read_page(path))
            except FencepostError:
                # What is wrong with it is for a check to tell; no run of it can count.
                self._found[path] = steps_of(None)
        return self._found[path]


_current: list[Build] = []


def begin_build(config: MkDocsConfig) -> Build:
    """A new build by MkDocs. Its pages find it by their configuration.

    Raises:
        SiteError: when the settings are wrong.
    """
    _current[:] = [Build(Path(config.config_file_path).parent.resolve(), config)]
    return _current[0]


def build_of(folder: Path, config: MkDocsConfig | None, files: Files | None = None) -> Build:
    """The build that a page belongs to; one for it alone where nobody has begun one.

    Args:
        folder: the site's folder.
        config: MkDocs' configuration, where it is MkDocs that builds.
        files: and its files.

    Raises:
        SiteError: when the settings are wrong.
    """
    if config is None:
        return Build(folder)
    # A blog converts its teasers with copies of the configuration; the plugins are the same for all of them.
    for build in _current:
        if build.folder == folder and build.config and build.config.plugins is config.plugins:
            return build
    build = Build(folder, config)
    build.files = files
    return build
