"""The MkDocs plugin: publishes recordings, scripts and badges, rebuilds when a record changes, checks saved pages.

The Markdown extension does the rest, and works without the plugin.
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
from fencepost.faces.generator.other_pages import fill_in, mentions_other_pages
from fencepost.faces.generator.placeholders import Placeholders
from fencepost.faces.generator.site_pages import pages_of_build
from fencepost.publish.built_site import Published, publish
from fencepost.render import places
from fencepost.site.mkdocs import site_of

_LIVE_WAIT_SECONDS = 1.0

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
        """Note whether MkDocs serves. With this event MkDocs also keeps the plugin from one build to the next."""
        self._serving = command == "serve"

    def on_shutdown(self) -> None:
        """Remove the machines of the live check."""
        if self._live:
            self._live.close()

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Add our stylesheet and script before the site's own, so that these can change ours."""
        self._build, self._pages = None, []
        if self.config.enabled:
            for paths, ours in ((config.extra_css, places.STYLESHEET), (config.extra_javascript, places.SCRIPT)):
                if ours not in paths:
                    paths.insert(0, ours)
            try:
                self._build = begin_build(config)
                self._build.placeholders = Placeholders()
            except FencepostError as error:
                log.warning("Fencepost: %s", error)
        return config

    # After the plugins that choose pages: the blog hides its posts until this event.
    @event_priority(-100)
    def on_nav(self, nav: Navigation, /, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Note the files of the build, and check the pages that were saved."""
        if self._build:
            self._build.config, self._build.files = config, files
        if self.config.enabled and self.config.live and self._serving:
            self._check_saved_pages(config, files)
        return nav

    # Before the plugins that read finished pages. All pages are converted by now.
    @event_priority(100)
    def on_env(self, env: Environment, /, *, config: MkDocsConfig, files: Files) -> Environment:
        """Fill in values of other pages, add the search's words, and keep the pages to publish."""
        build = self._build
        if build is None or build.placeholders is None:
            return env
        shown = [(file, file.page) for file in files.documentation_pages() if file.page and file.page.content]
        for _, page in shown:
            page.content = build.placeholders.with_words(page.content or "")
        try:
            pages = pages_of_build(build, files)
        except FencepostError as error:
            log.warning("Fencepost: %s", error)
            return env
        self._pages = pages
        site_pages = [item.page for item in pages]
        for file, page in shown:
            if page.content and mentions_other_pages(page.content):
                here = mkdocs_page(MkDocsFile(file, files, config))
                page.content = fill_in(page.content, here, site_pages, build.settings.max_age)
        return env

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Publish recordings, scripts, badges and the rest."""
        if self._build is None:
            return
        records = self.config.publish and not self._serving
        try:
            publish(Path(config.site_dir), self._build.site, self._pages, records=records)
        except FencepostError as error:
            log.warning("Fencepost: %s", error)

    # Before the plugins that take the page's content as it is, such as a feed with whole pages. The HTML that is
    # handed from plugin to plugin keeps the placeholders.
    @event_priority(100)
    def on_page_content(self, html: str, /, *, page: Page, **_: Any) -> None:
        """Fill in the results for plugins that read `page.content`, such as feeds."""
        page.content = self._fill_in(html)

    # Before the plugins that read finished pages.
    @event_priority(100)
    def on_post_page(self, output: str, /, **_: Any) -> str:
        """Fill in the results."""
        return self._fill_in(output)

    def _fill_in(self, html: str) -> str:
        placeholders = self._build.placeholders if self._build else None
        return placeholders.fill_in(html) if placeholders else html

    def on_serve(self, server: LiveReloadServer, **_: Any) -> LiveReloadServer:
        """Watch the records, so that a check beside `mkdocs serve` shows as soon as its record is written."""
        self._server = server
        if self._build:
            records = self._build.store.folder
            self._watch_included()
            with contextlib.suppress(OSError):
                records.mkdir(parents=True, exist_ok=True)
                server.watch(str(records))
        return server

    def _check_saved_pages(self, config: MkDocsConfig, files: Files) -> None:
        # Imported here: a build without live mode doesn't need it, and it is large.
        from fencepost.live.live_check import LiveCheck  # noqa: PLC0415

        if self._live is None:
            self._live = LiveCheck(log)
        try:
            self._live.look(site_of(config, files, Path(config.config_file_path).parent))
        except FencepostError as error:
            log.warning("Fencepost: %s", error)
        # Results of quick steps are then in the build that the save caused.
        self._live.wait(_LIVE_WAIT_SECONDS)
        self._watch_included()

    def _watch_included(self) -> None:
        """Watch the files that pages include from elsewhere: MkDocs watches only the documents."""
        if self._live is None or self._server is None:
            return
        # Watch their folders: many editors replace a file instead of writing into it.
        for folder in {str(Path(file).parent) for file in self._live.included} - self._watched:
            if Path(folder).is_dir():
                self._server.watch(folder, recursive=False)
                self._watched.add(folder)
