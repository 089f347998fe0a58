"""Where a page of a site lies once it is built, by the rules that MkDocs and its heirs share."""

from __future__ import annotations

from pathlib import PurePath


def address_of(path: PurePath, *, folders: bool) -> str:
    """A page's address, relative to the site's root; empty for the front page.

    Args:
        path: its Markdown file, relative to the folder of all of them.
        folders: whether each page gets a folder of its own (`use_directory_urls`).
    """
    name = path.with_suffix("").as_posix()
    if path.stem in {"index", "README"}:
        folder = name.removesuffix(path.stem)
        return folder if folders else f"{folder}index.html"
    return f"{name}/" if folders else f"{name}.html"
