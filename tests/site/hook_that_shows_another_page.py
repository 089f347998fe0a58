"""A hook that shows one page of a site on another, too."""

from __future__ import annotations

from typing import Any


def on_env(env: Any, config: Any, files: Any) -> None:
    """All pages are converted by now."""
    whole, one = (files.get_file_from_path(name).page for name in ("whole.md", "index.md"))
    whole.content += one.content
