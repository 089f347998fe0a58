"""Files that are read as if they had been edited, although nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType

_EDITED: ContextVar[Mapping[Path, str]] = ContextVar("fencepost_edited", default=MappingProxyType({}))


@contextmanager
def reading_instead(texts: Mapping[Path, str]) -> Iterator[None]:
    """Have this thread read other texts in place of some files of pages and includes.

    Args:
        texts: the texts, by the files' resolved paths.
    """
    token = _EDITED.set(texts)
    try:
        yield
    finally:
        _EDITED.reset(token)


def edited_text(path: str | Path) -> str | None:
    """Return the text to read in place of a file; `None` to read the file itself."""
    edited = _EDITED.get()
    return edited.get(Path(path).resolve()) if edited else None
