"""One build of a site: what its pages share, read at most once."""

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

# A child of MkDocs' own logger, so that `mkdocs build --strict` fails at our warnings too.
log = logging.getLogger("mkdocs.fencepost")


class Build:
    """A build of a site.

    Args:
        folder: the site's folder.
        config: MkDocs' configuration, if MkDocs builds the site.

    Attributes:
        settings: Fencepost's settings.
        files: the files of the build, once MkDocs has found them.
        placeholders: the results that the plugin fills in at the end of the build, when all pages are known; `None`
            without the plugin, where results go straight into the converted page.

    Raises:
        SiteError: when the settings are wrong.
    """

    def __init__(self, folder: Path, config: MkDocsConfig | None = None) -> None:
        self.folder = folder
        self.config = config
        self.files: Files | None = None
        self.settings = read_settings(folder)
        self.store = RecordStore(folder / self.settings.records, read_only=True)
        self.placeholders: Placeholders | None = None
        self._records: dict[RunKey, Record | None] = {}
        self._steps: dict[Path, FoundSteps] = {}

    @cached_property
    def site(self) -> Site:
        """The site, for the core.

        Raises:
            SiteError: when MkDocs' configuration is missing or can't be read.
        """
        if self.config is None:
            return read_site(self.folder)
        return site_of(self.config, self.files or get_files(self.config), self.folder)

    def record(self, page: str, machine: str) -> Record | None:
        """Return the record of a page on a machine, if there is one."""
        key = RunKey(page, machine)
        if key not in self._records:
            self._records[key] = self.store.read(key)
            if self.store.unreadable:
                path = self.store.unreadable.pop()
                log.warning("Fencepost: the record %s can't be read; `fencepost check` makes a new one", path.name)
        return self._records[key]

    def records(self, page: str, machines: Iterable[str]) -> list[Record]:
        """Return the records of a page on some machines, without the machines that have none."""
        return [record for machine in machines if (record := self.record(page, machine))]

    def runs(self, page: str, machine: str) -> list[Run]:
        """Return the history of a page on a machine: its runs, oldest first."""
        return self.store.history(RunKey(page, machine))

    def remember(self, path: Path, steps: FoundSteps) -> None:
        """Keep the steps that the conversion of a page found, so that the page isn't read again."""
        self._steps[path] = steps

    def steps(self, path: Path) -> FoundSteps:
        """Return a page's steps, from its conversion or else by reading it as a check does."""
        if path not in self._steps:
            try:
                self._steps[path] = steps_of(self.site.read_page(path))
            except FencepostError:
                # A check reports what is wrong with the page; none of its runs can count.
                self._steps[path] = steps_of(None)
        return self._steps[path]


_current: list[Build] = []


def begin_build(config: MkDocsConfig) -> Build:
    """Start a build by MkDocs, which `build_of` finds by its configuration.

    Raises:
        SiteError: when the settings are wrong.
    """
    _current[:] = [Build(Path(config.config_file_path).parent.resolve(), config)]
    return _current[0]


def build_of(folder: Path, config: MkDocsConfig | None, files: Files | None = None) -> Build:
    """Return the build that a page belongs to, or a new one if none was started.

    Args:
        folder: the site's folder.
        config: MkDocs' configuration, if MkDocs builds the site.
        files: MkDocs' files.

    Raises:
        SiteError: when the settings are wrong.
    """
    if config is None:
        return Build(folder)
    # A blog converts its excerpts with copies of the configuration, which share the plugins.
    for build in _current:
        if build.folder == folder and build.config and build.config.plugins is config.plugins:
            return build
    build = Build(folder, config)
    build.files = files
    return build
