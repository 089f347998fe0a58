"""The MkDocs plugin: publishes what lies beside the pages, builds anew when a record changes, checks what is saved.

The Markdown extension does the rest, and works without this.
"""

from __future__ import annotations

import contextlib
import logging
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment
from mkdocs.config import base, config_options
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import Files

from fencepost.errors import FencepostError
from fencepost.faces.build import build_of
from fencepost.faces.site_pages import pages_of_build
from fencepost.live.live_check import LiveCheck
from fencepost.publish import places
from fencepost.publish.publish import publish
from fencepost.settings import read_settings
from fencepost.site.mkdocs import site_of

# What the extension has put into a page. Captured text in it is escaped, so that it can't hold these ends.
_RESULTS = re.compile(
    r'<aside class="fencepost-header".*?</aside>|<(details|p) class="fencepost-mark".*?</\1>', re.DOTALL
)
_PLACE = re.compile(r"<!--fencepost:(\d+)-->")


_PATIENCE_SECONDS = 1.0

log = logging.getLogger("mkdocs.fencepost")


class FencepostPluginConfig(base.Config):  # type: ignore[no-untyped-call]
    """The plugin's options in mkdocs.yml."""

    enabled = config_options.Type(bool, default=True)
    live = config_options.Type(bool, default=False)
    publish = config_options.Type(bool, default=True)


class FencepostPlugin(BasePlugin[FencepostPluginConfig]):  # type: ignore[no-untyped-call]
    """`fencepost` in a site's `plugins`."""

    def __init__(self) -> None:
        self._taken: list[str] = []
        self._files: Files | None = None
        self._serving = False
        self._server: LiveReloadServer | None = None
        self._live: LiveCheck | None = None
        self._watched: set[str] = set()

    def on_startup(self, *, command: str, **_: Any) -> None:
        """With this, MkDocs keeps the plugin from one build to the next."""
        self._serving = command == "serve"

    def on_shutdown(self) -> None:
        """Removes the machines of the pages that were written."""
        if self._live:
            self._live.close()

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Names our stylesheet ahead of the site's own, which may then change it."""
        if self.config.enabled:
            for named, own in ((config.extra_css, places.STYLESHEET), (config.extra_javascript, places.SCRIPT)):
                if own not in named:
                    named.insert(0, own)
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Has what was saved checked."""
        if self.config.enabled and self.config.live and self._serving:
            self._check_what_was_saved(config)
        return files

    # Behind every plugin that gives pages other addresses.
    @event_priority(-100)
    def on_env(self, env: Environment, /, *, files: Files, **_: Any) -> Environment:
        """Keeps the files, for the end of the build."""
        self._files = files
        return env

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Publishes recordings, scripts, badges and the rest."""
        if not self.config.enabled or self._files is None:
            return
        try:
            build = build_of(config, Path(config.config_file_path).parent)
            pages = pages_of_build(build, self._files)
            publish(Path(config.site_dir), build.site, pages, records=self.config.publish and not self._serving)
        except FencepostError as error:
            log.warning("Fencepost: %s", error)

    # A blog reckons its reading time from the page's text, where captured output would count for many minutes.
    # So the results step aside while the others look, and come back behind them.
    @event_priority(100)
    def _without_results(self, /, html: str, **_: Any) -> str:
        self._taken = []
        return _RESULTS.sub(self._take, html)

    @event_priority(-100)
    def _with_results(self, /, html: str, **_: Any) -> str:
        return _PLACE.sub(self._put_back, html)

    on_page_content = CombinedEvent(_without_results, _with_results)

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, **_: Any) -> LiveReloadServer:
        """A check beside `mkdocs serve` shows as soon as its record is written."""
        folder = Path(config.config_file_path).parent
        records = folder / read_settings(folder).records
        self._server = server
        if self.config.enabled:
            self._watch_included()
            with contextlib.suppress(OSError):
                records.mkdir(parents=True, exist_ok=True)
                server.watch(str(records))
        return server

    def _check_what_was_saved(self, config: MkDocsConfig) -> None:
        if self._live is None:
            self._live = LiveCheck(log)
        try:
            self._live.look(site_of(config, Path(config.config_file_path).parent))
        except FencepostError as error:
            log.warning("Fencepost: %s", error)
        # Steps that are quick enough are in the very build that the save has brought about.
        self._live.wait(_PATIENCE_SECONDS)
        self._watch_included()

    def _watch_included(self) -> None:
        """MkDocs watches the documents alone; a page may include files from elsewhere."""
        if self._live is None or self._server is None:
            return
        # Their folders, for many an editor puts a new file into the place of the old one.
        for folder in {str(Path(file).parent) for file in self._live.included} - self._watched:
            if Path(folder).is_dir():
                self._server.watch(folder, recursive=False)
                self._watched.add(folder)

    def _take(self, match: re.Match[str]) -> str:
        self._taken.append(match[0])
        return f"<!--fencepost:{len(self._taken) - 1}-->"

    def _put_back(self, match: re.Match[str]) -> str:
        number = int(match[1])
        return self._taken[number] if number < len(self._taken) else match[0]
