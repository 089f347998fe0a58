"""The MkDocs plugin: publishes what lies beside the pages, builds anew when a record changes, checks what is saved.

The Markdown extension does the rest, and works without this.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment
from mkdocs.config import base, config_options
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from fencepost.errors import FencepostError
from fencepost.faces.generator.build import Build, begin_build, log
from fencepost.faces.generator.converted_page import MkDocsFile, mkdocs_page
from fencepost.faces.generator.other_pages import filled_in, tells_of_others
from fencepost.faces.generator.placeholders import Placeholders
from fencepost.faces.generator.site_pages import pages_of_build
from fencepost.publish.built_site import Published, publish
from fencepost.render import places
from fencepost.site.mkdocs import site_of

_PATIENCE_SECONDS = 1.0

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

    from fencepost.live.live_check import LiveCheck


class FencepostPluginConfig(base.Config):  # type: ignore[no-untyped-call]
    """The plugin's options in mkdocs.yml."""

    enabled = config_options.Type(bool, default=True)
    live = config_options.Type(bool, default=False)
    publish = config_options.Type(bool, default=True)


class FencepostPlugin(BasePlugin[FencepostPluginConfig]):  # type: ignore[no-untyped-call]
    """`fencepost` in a site's `plugins`."""

    def __init__(self) -> None:
        self._build: Build | None = None
        self._pages: list[Published] = []
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
        self._build, self._pages = None, []
        if self.config.enabled:
            for named, own in ((config.extra_css, places.STYLESHEET), (config.extra_javascript, places.SCRIPT)):
                if own not in named:
                    named.insert(0, own)
            try:
                self._build = begin_build(config)
                self._build.waiting = Placeholders()
            except FencepostError as error:
                log.warning("Fencepost: %s", error)
        return config

    # Behind all that choose pages: the blog hides its posts up to here.
    @event_priority(-100)
    def on_nav(self, nav: Navigation, /, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Notes the files of the build, and has what was saved checked."""
        if self._build:
            self._build.config, self._build.files = config, files
        if self.config.enabled and self.config.live and self._serving:
            self._check_what_was_saved(config, files)
        return nav

    # Ahead of those that read finished pages. By now all of them are converted.
    @event_priority(100)
    def on_env(self, env: Environment, /, *, config: MkDocsConfig, files: Files) -> Environment:
        """Fills in what pages tell of others, has the search find outputs, and keeps what is to be published."""
        build = self._build
        if build is None or build.waiting is None:
            return env
        shown = [(file, file.page) for file in files.documentation_pages() if file.page and file.page.content]
        for _, page in shown:
            page.content = build.waiting.with_words(page.content or "")
        try:
            pages = pages_of_build(build, files)
        except FencepostError as error:
            log.warning("Fencepost: %s", error)
            return env
        self._pages = pages
        known = [item.page for item in pages]
        for file, page in shown:
            if page.content and tells_of_others(page.content):
                here = mkdocs_page(MkDocsFile(file, files, config))
                page.content = filled_in(page.content, here, known, build.settings.max_age)
        return env

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Publishes recordings, scripts, badges and the rest."""
        if self._build is None:
            return
        records = self.config.publish and not self._serving
        try:
            publish(Path(config.site_dir), self._build.site, self._pages, records=records)
        except FencepostError as error:
            log.warning("Fencepost: %s", error)

    # Ahead of those that take the page's content as it is, as a feed of whole pages does. What is handed on from one to
    # the next keeps the placeholders.
    @event_priority(100)
    def on_page_content(self, html: str, /, *, page: Page, **_: Any) -> None:
        """Shows feeds the whole page."""
        page.content = self._filled_in(html)

    # Ahead of those that read finished pages.
    @event_priority(100)
    def on_post_page(self, output: str, /, **_: Any) -> str:
        """Fills in the results."""
        return self._filled_in(output)

    def _filled_in(self, html: str) -> str:
        waiting = self._build.waiting if self._build else None
        return waiting.filled_in(html) if waiting else html

    def on_serve(self, server: LiveReloadServer, **_: Any) -> LiveReloadServer:
        """A check beside `mkdocs serve` shows as soon as its record is written."""
        self._server = server
        if self._build:
            records = self._build.store.folder
            self._watch_included()
            with contextlib.suppress(OSError):
                records.mkdir(parents=True, exist_ok=True)
                server.watch(str(records))
        return server

    def _check_what_was_saved(self, config: MkDocsConfig, files: Files) -> None:
        # All of the engine: a build doesn't need it.
        from fencepost.live.live_check import LiveCheck  # noqa: PLC0415

        if self._live is None:
            self._live = LiveCheck(log)
        try:
            self._live.look(site_of(config, files, Path(config.config_file_path).parent))
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
