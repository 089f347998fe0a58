"""Which page a Markdown is converting: each site generator tells it in a way of its own, and some don't."""

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
        path: where the page lies; `None` where the generator doesn't tell, or made the page up.
        told: whether the generator tells its pages at all.
        docs: the folder of the site's Markdown files, where that is known.
        relpath: what MkDocs and ProperDocs know of their files; `None` elsewhere.
        excerpt: whether only a teaser is made, as in a blog's index.
        published: whether what lies beside the pages is published: the site then names our stylesheet.
    """

    folder: Path
    path: Path | None = None
    told: bool = False
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
        """MkDocs' configuration, where it is MkDocs that converts."""
        return self.relpath.config if self.relpath else None

    @property
    def files(self) -> Files | None:
        """And its files."""
        return self.relpath.files if self.relpath else None

    @cached_property
    def up(self) -> str | None:
        """The way from the page to the site's root; `None` where its address isn't known."""
        if self.relpath:
            return way_up(root_relative(str(self.relpath.file.url)))
        if self.path is None or self.docs is None or not self.path.is_relative_to(self.docs):
            return None
        # Zensical takes a link in finished HTML for a way between sources, and makes of it one between pages.
        return way_up(self.path.relative_to(self.docs).as_posix())

    @cached_property
    def machines(self) -> tuple[str, ...]:
        """The machines that its front matter names."""
        page = self.relpath.file.page if self.relpath else None
        if page is not None and page.meta:
            return machines_of(page.meta)
        return machines_of(read_text(self.path)[1]) if self.path else ()


def converted_page(md: Markdown, site: str = "") -> ConvertedPage:
    """The page that `md` is converting now.

    Args:
        md: the Markdown; ask during a conversion, for generators tell the page only then.
        site: the site's folder, if it was configured; else that of the generator's configuration, else the current.
    """
    if "relpath" in md.treeprocessors:
        # The theme's blog converts a post once more for each list that it appears in.
        return mkdocs_page(md.treeprocessors["relpath"], site, excerpt="excerpt" in md.treeprocessors)
    if "rendering_context" in md.preprocessors:
        context: Any = md.preprocessors["rendering_context"]
        folder = Path(site or str(context.config.get("root_dir") or ".")).resolve()
        docs = folder / str(context.config.get("docs_dir") or "docs")
        return ConvertedPage(
            folder=folder,
            path=docs / str(context.page.path),
            told=True,
            docs=docs,
            published=places.STYLESHEET in map(str, context.config.get("extra_css") or ()),
        )
    return ConvertedPage(folder=Path(site or ".").resolve())


def mkdocs_page(relpath: Any, site: str = "", *, excerpt: bool = False) -> ConvertedPage:
    """A page that MkDocs or ProperDocs converts.

    Args:
        relpath: what they know of it: `file`, `files` and `config`.
        site: the site's folder, if it was configured.
        excerpt: whether only a teaser is made.
    """
    config_file = getattr(relpath.config, "config_file_path", None)
    return ConvertedPage(
        folder=_resolved(site) if site or not config_file else _folder_of(config_file),
        path=Path(relpath.file.abs_src_path) if relpath.file.abs_src_path else None,
        told=True,
        docs=Path(relpath.config.docs_dir),
        relpath=relpath,
        excerpt=excerpt,
        published=places.STYLESHEET in map(str, relpath.config.extra_css),
    )


@dataclass(frozen=True)
class MkDocsFile:
    """A file of MkDocs with what it belongs to, for a page that is converted already."""

    file: File
    files: Files
    config: MkDocsConfig


def _resolved(folder: str) -> Path:
    return Path(folder or ".").resolve()


@functools.lru_cache(maxsize=16)
def _folder_of(config_file: str) -> Path:
    return Path(config_file).parent.resolve()


def root_relative(url: str) -> str:
    """A page's address as MkDocs has it: unquoted, and without the dot by which it means the front page."""
    return "" if url in {".", "./"} else unquote(url)


def name_below(folder: Path, path: Path) -> str:
    """A file's path relative to a folder, with forward slashes; empty where it lies elsewhere."""
    try:
        return path.resolve().relative_to(folder).as_posix()
    except (ValueError, OSError):
        return ""


def read_text(path: Path) -> tuple[str, Mapping[str, Any]]:
    """A page's text and its front matter; both empty for a file that can't be read, which is for others to tell."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        body, data = get_data(path.read_text("utf-8-sig"))
        return body, data
    return "", {}


def machines_of(front_matter: Mapping[str, Any]) -> tuple[str, ...]:
    """The machines that a front matter names. Whether they exist, and the rest is right, a check will tell.

    What can name no machine is left out: files are called after them.
    """
    named = front_matter.get("machine")
    names = named if isinstance(named, list) else [named]
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and can_name_a_machine(name)))
