"""A copy of this repository's site, so that the trial leaves the site's own records alone."""

from __future__ import annotations

import shutil
from pathlib import Path

from fencepost.site.mkdocs import read_site
from fencepost.site.site import Site

_PARTS = ("mkdocs.yml", "pyproject.toml", "docs", "snippets", "machines")


def copied_posts(root: Path, folder: Path) -> Site:
    """Copy the site and return the copy.

    Args:
        root: the repository.
        folder: where the copy goes; it must not exist.
    """
    folder.mkdir(parents=True)
    for part in _PARTS:
        if (root / part).is_dir():
            shutil.copytree(root / part, folder / part)
        else:
            shutil.copy2(root / part, folder / part)
    return read_site(folder)
