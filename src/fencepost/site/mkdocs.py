"""Reads `mkdocs.yml` with MkDocs' own loader, and hands the core what it needs of it.

The only module below the faces that knows MkDocs; the core gets the extensions and a list of files.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException
from mkdocs.structure.files import get_files
from mkdocs.utils.meta import get_data

from fencepost.errors import SiteError, near
from fencepost.page.pipeline import MarkdownSettings
from fencepost.settings import read_settings
from fencepost.site.site import Site

# Plugins that rewrite no page in a way that matters to its fences.
_HARMLESS = ("fencepost", "mkdocs.", "material.plugins.", "mkdocs_rss_plugin.")


def read_site(folder: Path, config_file: str = "mkdocs.yml") -> Site:
    """The site whose `mkdocs.yml` lies in `folder`.

    Raises:
        SiteError: when there is no such file, or MkDocs refuses it.
    """
    return site_of(read_config(folder, config_file), folder)


def read_config(folder: Path, config_file: str = "mkdocs.yml") -> MkDocsConfig:
    """MkDocs' configuration of the site in `folder`.

    Raises:
        SiteError: when there is no such file, or MkDocs refuses it.
    """
    path = folder / config_file
    if not path.is_file():
        others = sorted(item.name for item in folder.glob("mk*.y*ml"))
        mend = near(config_file, others) or "run this in the folder of a MkDocs site, or name it with --site"
        raise SiteError(f"no {config_file} in {folder}", mend)
    return _load(path)


def site_of(config: MkDocsConfig, folder: Path) -> Site:
    """The site of a configuration that MkDocs has loaded already."""
    files = get_files(config)
    docs = Path(config.docs_dir)
    pages = tuple(
        Path(file.abs_src_path)
        for file in files.documentation_pages()
        if file.abs_src_path and not file.inclusion.is_excluded()  # type: ignore[no-untyped-call]
    )
    return Site(
        folder=folder.resolve(),
        docs=docs,
        name=str(config.site_name),
        url=str(config.site_url or ""),
        markdown=MarkdownSettings(
            extensions=list(config.markdown_extensions),
            configs=dict(config.mdx_configs),
            split=_split,
            file=Path(str(config.config_file_path or "mkdocs.yml")).name,
        ),
        pages=pages,
        rewriters=_rewriters(config),
        settings=read_settings(folder),
        folders=bool(config.use_directory_urls),
    )


def _load(path: Path) -> MkDocsConfig:
    # MkDocs prints its complaints by itself; ours repeats the first of them, with the file.
    complaints = _Complaints()
    logger = logging.getLogger("mkdocs")
    logger.addHandler(complaints)
    try:
        return load_config(str(path))
    except (Abort, MkDocsException) as error:
        told = complaints.first or str(error)
        raise SiteError(f"MkDocs refuses it: {told}", file=path.name) from error
    except Exception as error:
        raise SiteError(f"MkDocs can't read it: {error}", file=path.name) from error
    finally:
        logger.removeHandler(complaints)


class _Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.first = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.first = self.first or record.getMessage()


def _split(text: str) -> tuple[str, Mapping[str, Any]]:
    body, data = get_data(text)
    return body, data


def _rewriters(config: MkDocsConfig) -> tuple[str, ...]:
    found = []
    for method in config.plugins.events.get("page_markdown", []):
        owner = getattr(method, "__self__", None)
        module = type(owner).__module__ if owner is not None else getattr(method, "__module__", "")
        if not module.startswith(_HARMLESS):
            found.append(module)
    return tuple(found)
