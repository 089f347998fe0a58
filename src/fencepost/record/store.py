"""The folder of records: written whole or not at all, read with patience."""

from __future__ import annotations

import contextlib
from pathlib import Path

from fencepost.errors import EngineError
from fencepost.record.cast import cast_of
from fencepost.record.model import Record
from fencepost.whole_files import write_whole


class RecordStore:
    """The records of a site.

    Args:
        folder: where they lie; made when the first is written.
        read_only: leave records that can't be read where they are, instead of setting them aside.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder = folder
        self.read_only = read_only
        self.set_aside: list[Path] = []

    def path_of(self, page: str, machine: str) -> Path:
        """Where a page's record on a machine lies. Folders of the page's name become folders here."""
        return self.folder / f"{page}@{machine}.json"

    def write(self, record: Record) -> None:
        """Writes a record, and the recording beside it.

        Raises:
            EngineError: when the disk is full or read-only; the earlier record stays as it was.
        """
        path = self.path_of(record.page, record.machine)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, _bytes(record.to_json()))
            write_whole(path.with_suffix(".cast"), _bytes(cast_of(record)))
        except OSError as error:
            raise EngineError(f"the record can't be written: {error.strerror}", "free some space", str(path)) from error

    def read(self, page: str, machine: str) -> Record | None:
        """A page's record on a machine; `None` where there is none. One that can't be read is set aside."""
        return self._read(self.path_of(page, machine))

    def read_all(self) -> list[Record]:
        """Every record, by page and machine."""
        paths = sorted(self.folder.rglob("*@*.json")) if self.folder.is_dir() else []
        records = [record for path in paths if (record := self._read(path))]
        return sorted(records, key=lambda record: (record.page, record.machine))

    def _read(self, path: Path) -> Record | None:
        try:
            return Record.from_json(path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            if not self.read_only:
                with contextlib.suppress(OSError):
                    path.replace(path.with_suffix(".json.unreadable"))
                self.set_aside.append(path)
            return None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
