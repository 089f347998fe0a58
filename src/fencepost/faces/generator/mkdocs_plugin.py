"""The MkDocs plugin: publishes what lies beside the pages, builds anew when a record changes, checks what is saved.

The Markdown extension does the rest, and works without this.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment
from mkdocs.config import base, config_options
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from fencepost.errors import FencepostError
from fencepost.faces.generator.build import Build, begin_build, log
from fencepost.faces.generator.converted_page import MkDocsFile, mkdocs_page
from fencepost.faces.generator.other_pages import filled_in, tells_of_others
from fencepost.faces.generator.site_pages import pages_of_build
from fencepost.publish.publish import Published, publish
from fencepost.render import places
from fencepost.site.mkdocs import site_of

# What the extension has put into a page. Captured text in it is escaped, so that it can't hold these ends.
_RESULTS = re.compile(r'<aside class="fencepost-header".*?</aside>|<div class="fencepost-step".*?</div>', re.DOTALL)
# What stands for it meanwhile: nothing, or what was printed, for the search to find. An author may write the same.
_PLACE = re.compile(r"<!--fencepost:([0-9]{1,9})-->(?:[^<]*<!--fencepost-->)?")
_PRINTED = re.compile(r"<samp>([^<]*)</samp>")


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
        self._taken: dict[str, list[str]] = {}
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
        self._build, self._taken, self._pages = None, {}, []
        if self.config.enabled:
            for named, own in ((config.extra_css, places.STYLESHEET), (config.extra_javascript, places.SCRIPT)):
                if own not in named:
                    named.insert(0, own)
            try:
                self._build = begin_build(config)
                self._build.fills_in_late = True
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
        """Fills in what pages tell of others, and keeps what is to be published."""
        build = self._build
        if build is None:
            return env
        try:
            pages = pages_of_build(build, files)
        except FencepostError as error:
            log.warning("Fencepost: %s", error)
            return env
        self._pages = pages
        for file in files.documentation_pages():
            if file.page and file.page.content and tells_of_others(file.page.content):
                page = mkdocs_page(MkDocsFile(file, files, config))
                known = [item.page for item in pages]
                file.page.content = filled_in(file.page.content, page, known, build.settings.max_age)
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

    # A blog reckons its reading time from the page's text, where captured output would count for many minutes. And a
    # search takes pages apart, for which a large site's results are far too much. So they step aside while the others
    # look, and come back at the very end; only what was printed stands there for the search.
    @event_priority(100)
    def _without_results(self, /, html: str, *, page: Page, **_: Any) -> str:
        taken = self._taken[page.file.src_uri] = []

        def take(match: re.Match[str]) -> str:
            taken.append(match[0])
            return f"<!--fencepost:{len(taken) - 1}-->"

        return _RESULTS.sub(take, html)

    @event_priority(-100)
    def _with_what_was_printed(self, /, html: str, *, page: Page, **_: Any) -> str:
        taken = self._taken[page.file.src_uri]

        def tell(match: re.Match[str]) -> str:
            number = int(match[1])
            printed = " ".join(_PRINTED.findall(taken[number])) if number < len(taken) else ""
            return f"{match[0]}{printed}<!--fencepost-->" if printed else match[0]

        return _PLACE.sub(tell, html)

    on_page_content = CombinedEvent(_without_results, _with_what_was_printed)

    @event_priority(100)
    def on_post_page(self, output: str, /, *, page: Page, **_: Any) -> str:
        """Puts the results back."""
        taken = self._taken.get(page.file.src_uri, [])
        return _PLACE.sub(lambda match: taken[int(match[1])] if int(match[1]) < len(taken) else match[0], output)

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
