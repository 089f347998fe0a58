"""The site that MkDocs is building, each of its pages read no more than once a build."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

from fencepost.errors import FencepostError
from fencepost.page.page import Page
from fencepost.site.mkdocs import site_of
from fencepost.site.site import Site


class Build:
    """A build of a site.

    Attributes:
        config: MkDocs' configuration, made anew for each build.
        site: the site as the core knows it.
    """

    def __init__(self, config: MkDocsConfig, folder: Path) -> None:
        self.config = config
        self.site: Site = site_of(config, folder)
        self._read: dict[Path, Page | None] = {}

    def read(self, path: Path) -> Page | None:
        """A page as a check reads it; `None` where it has no machine, or a mistake."""
        if path not in self._read:
            try:
                self._read[path] = self.site.read_page(path)
            except FencepostError:
                self._read[path] = None
        return self._read[path]


_last: list[Build] = []


def build_of(config: MkDocsConfig, folder: Path) -> Build:
    """The build that a configuration belongs to: the plugin and the pages of one build share what was read.

    Args:
        config: MkDocs' configuration.
        folder: the site's folder.

    Raises:
        SiteError: when the settings are wrong.
    """
    if not _last or _last[0].config is not config:
        _last[:] = [Build(config, folder)]
    return _last[0]
