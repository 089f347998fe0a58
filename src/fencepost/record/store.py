"""The folder of records. They are written atomically; those that can't be read are set aside."""

from __future__ import annotations

import contextlib
import errno
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from fencepost.errors import SiteError, write_error
from fencepost.path_safety import stays_below
from fencepost.record.history import KEPT_RUNS, Run, append_run, as_lines, held, merged, read_history, shortened
from fencepost.record.model import Record
from fencepost.run_key import RunKey
from fencepost.terminal import on_one_line
from fencepost.whole_files import write_whole

_IMAGES = ".images"
# Errors where there is no record, or can't be one.
_NO_RECORD = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}


class RecordStore:
    """The records of a site.

    Args:
        folder: their folder; it is made when the first one is written.
        read_only: leave records that can't be read in place, instead of renaming them.

    Attributes:
        unreadable: the records that couldn't be read.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder = folder
        self.read_only = read_only
        self.unreadable: list[Path] = []

    def path_of(self, key: RunKey) -> Path:
        """Return the path of a page's record on a machine. Folders in the page's name become folders here.

        Raises:
            SiteError: for names that lead out of the folder of records.
        """
        path = f"{key}.json"
        if not stays_below(path):
            raise SiteError(
                f"`{on_one_line(path)}` leads out of the folder of records",
                "a page's name is its path from the site's folder",
            )
        return self.folder / path

    def write(self, record: Record) -> None:
        """Write the record of a run, and add a line to the page's history.

        Raises:
            EngineError: when the disk is full; the earlier record stays as it was.
            SiteError: when it can't be written for other reasons.
        """
        with self._locked(record.key) as history:
            path = self._history_path(record.key)
            self._catch_up(record.key, history)
            self._put(record)
            with _write_errors(path):
                append_run(history, Run.of(record))
                if len(runs := read_history(path)) > KEPT_RUNS * 2:
                    write_whole(path, as_lines(shortened(runs)))

    def put(self, record: Record) -> None:
        """Write a record without a line in the history.

        Raises:
            EngineError, SiteError: as `write` does.
        """
        with self._locked(record.key):
            self._put(record)

    def read(self, key: RunKey) -> Record | None:
        """Return a page's record on a machine; `None` where there is none. A damaged one is set aside."""
        return self._read(self.path_of(key))

    def read_all(self) -> list[Record]:
        """Return all records, in the order of their keys."""
        paths = sorted(self.folder.rglob("*@*.json")) if self.folder.is_dir() else []
        records = [record for path in paths if (record := self._read(path))]
        return sorted(records, key=lambda record: record.key)

    def history(self, key: RunKey) -> list[Run]:
        """Return the runs of a page on a machine, oldest first."""
        return read_history(self._history_path(key))

    def add_history(self, key: RunKey, runs: list[Run]) -> None:
        """Add runs of another computer to a history.

        Raises:
            EngineError, SiteError: as `write` does.
        """
        path = self._history_path(key)
        with self._locked(key), _write_errors(path):
            write_whole(path, as_lines(shortened(merged(read_history(path), runs))))

    def packages(self, image: str) -> dict[str, str] | None:
        """Return the versions of an image's packages, by name; `None` if they aren't known."""
        try:
            content = json.loads(self._packages_path(image).read_text("utf-8"))
            return {str(name): str(version) for name, version in content["packages"].items()}
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return None

    def write_packages(self, image: str, machine: str, packages: Mapping[str, str]) -> None:
        """Keep the packages of an image.

        Raises:
            EngineError, SiteError: as `write` does.
        """
        path = self._packages_path(image)
        content = {"schema": 1, "machine": machine, "image": image, "packages": dict(packages)}
        with _write_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, _bytes(json.dumps(content, indent=1) + "\n"))

    def images_stamp(self) -> int:
        """Return a number that changes when the packages of another image become known."""
        try:
            return (self.folder / _IMAGES).stat().st_mtime_ns
        except OSError:
            return 0

    @contextlib.contextmanager
    def _locked(self, key: RunKey) -> Iterator[int]:
        """Lock the record and the history of a page on a machine; yields the history's descriptor.

        Without the lock, two checks at a time would lose a line of the history.
        """
        path = self._history_path(key)
        with contextlib.ExitStack() as stack:
            with _write_errors(self.path_of(key)):
                path.parent.mkdir(parents=True, exist_ok=True)
                history = stack.enter_context(held(path))
            yield history

    def _catch_up(self, key: RunKey, history: int) -> None:
        """Add the last record's run to the history, if its check was killed before doing so."""
        with contextlib.suppress(OSError, ValueError):
            run = Run.of(Record.from_json(self.path_of(key).read_bytes()))
            if as_lines([run]) not in self._history_path(key).read_bytes():
                append_run(history, run)

    def _put(self, record: Record) -> None:
        path = self.path_of(record.key)
        with _write_errors(path):
            # 0.2 wrote a recording there, which nothing reads and which doesn't belong to this run.
            path.with_suffix(".cast").unlink(missing_ok=True)
            write_whole(path, _bytes(record.to_json()))

    def _history_path(self, key: RunKey) -> Path:
        return self.path_of(key).with_suffix(".runs")

    def _packages_path(self, image: str) -> Path:
        return self.folder / _IMAGES / f"{re.sub('[^0-9a-zA-Z]', '-', image)}.json"

    def _read(self, path: Path) -> Record | None:
        try:
            record = Record.from_json(path.read_bytes())
            # Reject a key that leads out of the folder: callers use it to look up the history.
            self.path_of(record.key)
            return record
        except (OSError, ValueError, SiteError) as error:
            number = error.errno if isinstance(error, OSError) else None
            if number in _NO_RECORD:
                return None
            self.unreadable.append(path)
            # Don't set a record aside for an I/O error: it may be intact.
            if number in {None, errno.EISDIR} and not self.read_only:
                with contextlib.suppress(OSError):
                    path.replace(path.with_suffix(".json.unreadable"))
            return None


@contextlib.contextmanager
def _write_errors(path: Path) -> Iterator[None]:
    """Turn system errors into errors for users: the record can't be written."""
    try:
        yield
    except OSError as error:
        raise write_error("the record can't be written", error, str(path)) from error


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
