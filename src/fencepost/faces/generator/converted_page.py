"""Find out which page is being converted: each site generator reveals it differently, and some not at all."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from markdown import Markdown
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.utils.meta import get_data

from fencepost.machine.definition import can_name_a_machine
from fencepost.render import places
from fencepost.render.places import way_up


@dataclass(frozen=True)
class ConvertedPage:
    """The page that is being converted.

    Attributes:
        folder: the site's folder.
        path: the page's file; `None` if it is unknown, or if the generator made the page up.
        known: True if the generator reveals which page it converts.
        docs: the folder of the site's Markdown files, if it is known.
        relpath: the `file`, `files` and `config` of MkDocs and ProperDocs; `None` under other generators.
        excerpt: True if only an excerpt is made, as for a blog's index.
        published: True if recordings and scripts are published beside the pages; the site then lists our stylesheet.
    """

    folder: Path
    path: Path | None = None
    known: bool = False
    docs: Path | None = None
    relpath: Any = None
    excerpt: bool = False
    published: bool = False

    @cached_property
    def name(self) -> str:
        """The page's name in records; empty for one outside the site's folder."""
        return name_below(self.folder, self.path) if self.path else ""

    @property
    def config(self) -> MkDocsConfig | None:
        """MkDocs' configuration, if MkDocs converts the page."""
        return self.relpath.config if self.relpath else None

    @property
    def files(self) -> Files | None:
        """MkDocs' files, if MkDocs converts the page."""
        return self.relpath.files if self.relpath else None

    @cached_property
    def up(self) -> str | None:
        """The relative URL of the site's root from the page; `None` if the page's address is unknown."""
        if self.relpath:
            return way_up(root_relative(str(self.relpath.file.url)))
        if self.path is None or self.docs is None or not self.path.is_relative_to(self.docs):
            return None
        # Zensical treats links in finished HTML as links between source files, and converts them to page addresses.
        return way_up(self.path.relative_to(self.docs).as_posix())

    @cached_property
    def machines(self) -> tuple[str, ...]:
        """The machines that its front matter names."""
        page = self.relpath.file.page if self.relpath else None
        if page is not None and page.meta:
            return machines_of(page.meta)
        return machines_of(read_text(self.path)[1]) if self.path else ()


def converted_page(md: Markdown, site: str = "") -> ConvertedPage:
    """Return the page that `md` is converting now. Call it during a conversion: earlier the page is unknown.

    Args:
        md: the Markdown instance.
        site: the site's folder, if it was configured; by default that of the generator's configuration, or the current.
    """
    if "relpath" in md.treeprocessors:
        # The theme's blog converts a post once more for each list that it is in.
        return mkdocs_page(md.treeprocessors["relpath"], site, excerpt="excerpt" in md.treeprocessors)
    if "rendering_context" in md.preprocessors:
        context: Any = md.preprocessors["rendering_context"]
        folder = Path(site or str(context.config.get("root_dir") or ".")).resolve()
        docs = folder / str(context.config.get("docs_dir") or "docs")
        return ConvertedPage(
            folder=folder,
            path=docs / str(context.page.path),
            known=True,
            docs=docs,
            published=places.STYLESHEET in map(str, context.config.get("extra_css") or ()),
        )
    return ConvertedPage(folder=Path(site or ".").resolve())


def mkdocs_page(relpath: Any, site: str = "", *, excerpt: bool = False) -> ConvertedPage:
    """Return a page that MkDocs or ProperDocs converts.

    Args:
        relpath: an object with its `file`, `files` and `config`.
        site: the site's folder, if it was configured.
        excerpt: True if only an excerpt is made.
    """
    config_file = getattr(relpath.config, "config_file_path", None)
    return ConvertedPage(
        folder=Path(site or ".").resolve() if site or not config_file else _folder_of(config_file),
        path=Path(relpath.file.abs_src_path) if relpath.file.abs_src_path else None,
        known=True,
        docs=Path(relpath.config.docs_dir),
        relpath=relpath,
        excerpt=excerpt,
        published=places.STYLESHEET in map(str, relpath.config.extra_css),
    )


@dataclass(frozen=True)
class MkDocsFile:
    """The `file`, `files` and `config` of MkDocs, for a page that is converted already."""

    file: File
    files: Files
    config: MkDocsConfig


@functools.lru_cache(maxsize=16)
def _folder_of(config_file: str) -> Path:
    return Path(config_file).parent.resolve()


def root_relative(url: str) -> str:
    """Return MkDocs' address of a page unquoted, and empty for the front page, which MkDocs writes as a dot."""
    return "" if url in {".", "./"} else unquote(url)


def name_below(folder: Path, path: Path) -> str:
    """Return a file's path relative to a folder, with forward slashes; empty if it isn't in the folder."""
    try:
        return path.resolve().relative_to(folder).as_posix()
    except (ValueError, OSError):
        return ""


def read_text(path: Path) -> tuple[str, Mapping[str, Any]]:
    """Return a page's text and its front matter; both are empty if the file can't be read."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        body, data = get_data(path.read_text("utf-8-sig"))
        return body, data
    return "", {}


def machines_of(front_matter: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the machines that a front matter names, without checking that they exist.

    Invalid names are left out, because names become file names.
    """
    named = front_matter.get("machine")
    names = named if isinstance(named, list) else [named]
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and can_name_a_machine(name)))
