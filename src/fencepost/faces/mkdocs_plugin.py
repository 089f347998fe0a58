"""The MkDocs plugin: brings the stylesheet and the script, builds anew when a record changes, checks what is saved.

The Markdown extension does the rest, and works without this.
"""

from __future__ import annotations

import contextlib
import logging
import re
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from mkdocs.config import base, config_options
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File, Files

from fencepost.errors import FencepostError
from fencepost.live.live_check import LiveCheck
from fencepost.record.bundle import bundle_of
from fencepost.record.store import RecordStore
from fencepost.settings import read_settings
from fencepost.site.mkdocs import site_of
from fencepost.site.site import PUBLISHED

_FOLDER = "assets/fencepost"
_STYLESHEET, _SCRIPT = "fencepost.css", "fencepost.js"

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
            config.extra_css.insert(0, f"{_FOLDER}/{_STYLESHEET}")
            config.extra_javascript.insert(0, f"{_FOLDER}/{_SCRIPT}")
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Adds both to the site, and has what was saved checked."""
        if self.config.enabled and self.config.live and self._serving:
            self._check_what_was_saved(config)
        for name in (_STYLESHEET, _SCRIPT) if self.config.enabled else ():
            content = (resources("fencepost.render") / name).read_text("utf-8")
            files.append(File.generated(config, f"{_FOLDER}/{name}", content=content))
        if self.config.enabled and self.config.publish and not self._serving:
            folder = Path(config.config_file_path).parent
            bundle = bundle_of(RecordStore(folder / read_settings(folder).records, read_only=True))
            if bundle.records:
                files.append(File.generated(config, PUBLISHED, content=bundle.to_json()))
        return files

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
