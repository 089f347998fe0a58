"""Reads a site with MkDocs' own code, so that a check sees the pages that a build shows.

Plugins may add Markdown extensions, move the documents or choose the pages. So a check runs their events as a build
does, up to the choice of the pages, but none that render or write.

Besides the faces, only this module imports MkDocs; the core gets the extensions and a list of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager, suppress
from copy import deepcopy
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException
from mkdocs.structure.files import File, Files, get_files, set_exclusions
from mkdocs.structure.nav import get_navigation
from mkdocs.structure.pages import (
    Page,
    _ExtractAnchorsTreeprocessor,
    _ExtractTitleTreeprocessor,
    _RawHTMLPreprocessor,
    _RelativePathTreeprocessor,
)
from mkdocs.utils.meta import get_data
from mkdocs.utils.yaml import RelativeDirPlaceholder

from fencepost.errors import SiteError, UncheckedPageError, did_you_mean
from fencepost.page.frontmatter import means_a_machine
from fencepost.page.pipeline import MarkdownSettings
from fencepost.settings import read_settings
from fencepost.site.plugin_events import (
    complaints,
    failures_named,
    meta_methods,
    remove_harmless,
    remove_ours,
    rewriters,
    templates,
)
from fencepost.site.site import Site


def read_site(folder: Path, config_file: str = "mkdocs.yml") -> Site:
    """Read the site whose configuration file lies in `folder`, as a build does.

    Raises:
        SiteError: when there is no such file, MkDocs refuses it, or a plugin or a hook fails.
    """
    loaded = _read_config(folder, config_file)
    # Most plugins and hooks look for files relative to the current directory.
    with chdir(folder), _begun_build(loaded) as (config, files):
        return site_of(config, files, folder)


def _read_config(folder: Path, config_file: str) -> MkDocsConfig:
    path = folder / config_file
    if not path.is_file():
        others = sorted(item.name for item in folder.glob("mk*.y*ml"))
        fix = did_you_mean(config_file, others) or "run this in the folder of a MkDocs site, or name it with --site"
        raise SiteError(f"no {config_file} in {folder}", fix)
    return _load(path)


def site_of(config: MkDocsConfig, files: Files, folder: Path) -> Site:
    """Return the site of a build that has begun.

    Args:
        config: its configuration, as changed by plugins.
        files: its files, as changed by plugins.
        folder: the site's folder.
    """
    build = _PagesOfBuild(config, files)
    pages = []
    problems = []
    for file in files.documentation_pages():
        path = _path_of(file, config, folder)
        if path:
            pages.append(path)
        elif problem := _problem_of_generated(file):
            problems.append(problem)
    return Site(
        folder=folder.resolve(),
        docs=Path(config.docs_dir),
        name=str(config.site_name),
        url=str(config.site_url or ""),
        markdown=MarkdownSettings(
            extensions=list(config.markdown_extensions),
            configs=dict(config.mdx_configs),
            split=_split,
            file=Path(str(config.config_file_path or "mkdocs.yml")).name,
            front_matter=build.front_matter,
            page=build.page,
            differs=build.differ,
            templates=templates(config.plugins.events),
        ),
        pages=tuple(pages),
        rewriters=rewriters(config.plugins.events),
        problems=tuple(problems),
        settings=read_settings(folder),
        folders=bool(config.use_directory_urls),
    )


def _load(path: Path) -> MkDocsConfig:
    # MkDocs prints all its errors itself; ours repeats the first one, with the file.
    with complaints() as kept:
        try:
            return load_config(str(path))
        except (Abort, MkDocsException) as error:
            raise SiteError(f"MkDocs refuses it: {kept.first or error}", file=path.name) from error
        # A hook may also end the program while it is imported.
        except (Exception, SystemExit) as error:
            raise SiteError(f"MkDocs can't read it: {error}", file=path.name) from error


@contextmanager
def _begun_build(config: MkDocsConfig) -> Iterator[tuple[MkDocsConfig, Files]]:
    """Begin a build; yields its configuration and files as plugins and hooks leave them. The build ends on exit.

    Raises:
        SiteError: where a plugin or a hook fails.
    """
    plugins = config.plugins
    remove_ours(plugins.events)
    try:
        with failures_named(config, "on_startup"):
            plugins.on_startup(command="build", dirty=False)
        with failures_named(config, "on_config"):
            config = plugins.on_config(config)
        yield config, _chosen_files(config)
    finally:
        # A failure here comes too late to change the site that was read.
        with suppress(Exception, SystemExit), complaints():
            plugins.on_shutdown()
        # Otherwise MkDocs reuses the ended plugins for the next site that this process reads.
        vars(MkDocsConfig)["plugins"].plugin_cache.clear()


def _chosen_files(config: MkDocsConfig) -> Files:
    """Return the files as a build has them when it begins to read pages."""
    plugins = config.plugins
    remove_harmless(plugins.events, ("files", "nav"))
    with failures_named(config, "on_files"):
        files = get_files(config)
        if not plugins.events["files"]:
            return files
        files = plugins.on_files(files, config=config)
        set_exclusions(files, config)
    # Material's blog plugin shows its posts only after this event.
    with failures_named(config, "on_nav"):
        plugins.on_nav(get_navigation(files, config), config=config, files=files)
    return files


def _path_of(file: File, config: MkDocsConfig, folder: Path) -> Path | None:
    """Return the path of a page's file; `None` for a page that a plugin generates during the build."""
    if not file.abs_src_path:
        return None
    path = Path(file.abs_src_path)
    if path.is_relative_to(config.docs_dir):
        return path
    return path if path.is_file() and path.resolve().is_relative_to(folder.resolve()) else None


def _problem_of_generated(file: File) -> UncheckedPageError | None:
    """Return the error for a page that a plugin generates; `None` unless it names a machine."""
    try:
        names_a_machine = means_a_machine(get_data(file.content_string)[1])
    except (OSError, UnicodeDecodeError):
        return None
    if not names_a_machine:
        return None
    by = f"the plugin `{file.generated_by}`" if file.generated_by else "a plugin"
    return UncheckedPageError(
        f"can't be checked, because {by} makes it while the site is built",
        "write it to a file among the documents, or leave out its `machine:`",
        file.src_uri,
    )


def _split(text: str) -> tuple[str, Mapping[str, Any]]:
    body, data = get_data(text)
    return body, data


class _PagesOfBuild:
    """The pages of a build, for Markdown extensions that ask MkDocs about the current page.

    Args:
        config: the configuration, as changed by plugins.
        files: the files, as changed by plugins.
    """

    def __init__(self, config: MkDocsConfig, files: Files) -> None:
        self._config = config
        self._files = files

    @contextmanager
    def page(self, path: Path) -> Iterator[Callable[[Markdown], None]]:
        """Make a page the current one; yields a function that prepares a Markdown for it, as `Page.render` does."""
        file = self._by_path.get(path)
        before = self._config._current_page
        try:
            with complaints():
                self._config._current_page = (file.page or self._page(file)) if file else None
                yield lambda md: self._prepare(md, file)
        finally:
            self._config._current_page = before

    def front_matter(self, path: Path, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a page's front matter, with what Material's meta plugin adds to it from `.meta.yml` files."""
        file = self._by_path.get(path)
        if file is None or not self._meta_methods:
            return data
        page = SimpleNamespace(file=file, meta=deepcopy(dict(data)))
        for method in self._meta_methods:
            method("", page=page, config=self._config, files=self._files)
        return dict(page.meta)

    @cached_property
    def differ(self) -> bool:
        """True if `!relative` gives the extensions another configuration on each page."""
        return _holds_a_placeholder(self._config.mdx_configs)

    @cached_property
    def _by_path(self) -> dict[Path, File]:
        return {Path(file.abs_src_path): file for file in self._files.documentation_pages() if file.abs_src_path}

    @cached_property
    def _meta_methods(self) -> list[Callable[..., Any]]:
        return meta_methods(self._config.plugins.events)

    def _page(self, file: File) -> Page:
        # `Page` sets `file.page`; restore it for a build that uses the same files.
        before = file.page
        page = Page(None, file, self._config)
        file.page = before
        return page

    def _prepare(self, md: Markdown, file: File | None) -> None:
        if file is None:
            return
        _RawHTMLPreprocessor()._register(md)
        _ExtractAnchorsTreeprocessor(file, self._files, self._config)._register(md)
        _Links(file, self._files, self._config)._register(md)
        _ExtractTitleTreeprocessor()._register(md)
        # Zensical's extensions ask for the page in another way.
        if any(type(item).__module__.startswith("zensical.") for item in md.registeredExtensions):
            context = import_module("zensical.extensions.context")
            page = context.Page(file.url, file.src_uri)
            known = {"root_dir": str(Path(self._config.config_file_path).parent), "docs_dir": self._config.docs_dir}
            md.preprocessors.register(context.ContextPreprocessor(md, page, known), "rendering_context", 0)


class _Links(_RelativePathTreeprocessor):
    """Gives extensions access to the page, without changing links: a build warns of broken ones."""

    def run(self, root: Element) -> Element:
        return root


def _holds_a_placeholder(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_a_placeholder, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_a_placeholder, value))
    return isinstance(value, RelativeDirPlaceholder)
