"""The addresses of pages in the built site, by the rules that MkDocs and its successors share."""

from __future__ import annotations

from pathlib import PurePath


def address_of(path: PurePath, *, folders: bool) -> str:
    """Return a page's address, relative to the site's root; empty for the front page.

    Args:
        path: its Markdown file, relative to the site's `docs_dir`.
        folders: give each page a folder of its own (`use_directory_urls`).
    """
    name = path.with_suffix("").as_posix()
    if path.stem in {"index", "README"}:
        folder = name.removesuffix(path.stem)
        return folder if folders else f"{folder}index.html"
    return f"{name}/" if folders else f"{name}.html"
