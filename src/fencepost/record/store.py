"""The folder of records: written whole or not at all, read with patience."""

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
# What the system says where nothing lies, and where nothing can.
_NEVER_WRITTEN = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}


class RecordStore:
    """The records of a site.

    Args:
        folder: where they lie; made when the first is written.
        read_only: leave records that can't be read where they are, instead of setting them aside.

    Attributes:
        unreadable: the records that couldn't be read.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder = folder
        self.read_only = read_only
        self.unreadable: list[Path] = []

    def path_of(self, key: RunKey) -> Path:
        """Where a page's record on a machine lies. Folders of the page's name become folders here.

        Raises:
            SiteError: for names that lead out of the folder of records.
        """
        path = f"{key}.json"
        if not stays_below(path):
            raise SiteError(
                f"`{on_one_line(path)}` leads out of the folder of records",
                "a page is named by its way from the site's folder",
            )
        return self.folder / path

    def write(self, record: Record) -> None:
        """Writes the record of a run, and a line into the page's history.

        Raises:
            EngineError: when the disk is full; the earlier record stays as it was.
            SiteError: when it can't be written for other reasons.
        """
        with self._alone_with(record.key) as history:
            path = self._history_path(record.key)
            self._catch_up(record.key, history)
            self._put(record)
            with _told(path):
                append_run(history, Run.of(record))
                if len(runs := read_history(path)) > KEPT_RUNS * 2:
                    write_whole(path, as_lines(shortened(runs)))

    def put(self, record: Record) -> None:
        """Writes a record, and leaves the history alone.

        Raises:
            EngineError, SiteError: as `write` does.
        """
        with self._alone_with(record.key):
            self._put(record)

    def read(self, key: RunKey) -> Record | None:
        """A page's record on a machine; `None` where there is none. One that is damaged is set aside."""
        return self._read(self.path_of(key))

    def read_all(self) -> list[Record]:
        """Every record, in the order of their keys."""
        paths = sorted(self.folder.rglob("*@*.json")) if self.folder.is_dir() else []
        records = [record for path in paths if (record := self._read(path))]
        return sorted(records, key=lambda record: record.key)

    def history(self, key: RunKey) -> list[Run]:
        """The runs of a page on a machine, oldest first."""
        return read_history(self._history_path(key))

    def add_history(self, key: RunKey, runs: list[Run]) -> None:
        """Adds runs that were told elsewhere.

        Raises:
            EngineError, SiteError: as `write` does.
        """
        path = self._history_path(key)
        with self._alone_with(key), _told(path):
            write_whole(path, as_lines(shortened(merged(read_history(path), runs))))

    def packages(self, image: str) -> dict[str, str] | None:
        """The packages of an image, by its id; `None` where they were never asked for."""
        try:
            told = json.loads(self._packages_path(image).read_text("utf-8"))
            return {str(name): str(version) for name, version in told["packages"].items()}
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return None

    def write_packages(self, image: str, machine: str, packages: Mapping[str, str]) -> None:
        """Keeps the packages of an image.

        Raises:
            EngineError, SiteError: as `write` does.
        """
        path = self._packages_path(image)
        told = {"schema": 1, "machine": machine, "image": image, "packages": dict(packages)}
        with _told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, _bytes(json.dumps(told, indent=1) + "\n"))

    def images_stamp(self) -> int:
        """Changes when the packages of another image are known."""
        try:
            return (self.folder / _IMAGES).stat().st_mtime_ns
        except OSError:
            return 0

    @contextlib.contextmanager
    def _alone_with(self, key: RunKey) -> Iterator[int]:
        """Holds what is known of a page on a machine: two checks at a time would lose a line of the history.

        Yields the history's file, opened.
        """
        path = self._history_path(key)
        with contextlib.ExitStack() as stack:
            with _told(self.path_of(key)):
                path.parent.mkdir(parents=True, exist_ok=True)
                history = stack.enter_context(held(path))
            yield history

    def _catch_up(self, key: RunKey, history: int) -> None:
        """Adds the run whose check was killed between its record and its line."""
        with contextlib.suppress(OSError, ValueError):
            run = Run.of(Record.from_json(self.path_of(key).read_bytes()))
            if as_lines([run]) not in self._history_path(key).read_bytes():
                append_run(history, run)

    def _put(self, record: Record) -> None:
        path = self.path_of(record.key)
        with _told(path):
            # 0.2 wrote a recording there. Nothing reads it, and from now on it is of another run.
            path.with_suffix(".cast").unlink(missing_ok=True)
            write_whole(path, _bytes(record.to_json()))

    def _history_path(self, key: RunKey) -> Path:
        return self.path_of(key).with_suffix(".runs")

    def _packages_path(self, image: str) -> Path:
        return self.folder / _IMAGES / f"{re.sub('[^0-9a-zA-Z]', '-', image)}.json"

    def _read(self, path: Path) -> Record | None:
        try:
            record = Record.from_json(path.read_bytes())
            # Whoever reads it asks for its history next.
            self.path_of(record.key)
            return record
        except (OSError, ValueError, SiteError) as error:
            number = error.errno if isinstance(error, OSError) else None
            if number in _NEVER_WRITTEN:
                return None
            self.unreadable.append(path)
            # What the disk or the system refuses just now may be whole.
            if number in {None, errno.EISDIR} and not self.read_only:
                with contextlib.suppress(OSError):
                    path.replace(path.with_suffix(".json.unreadable"))
            return None


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Tells of a file that can't be written as people need to read it."""
    try:
        yield
    except OSError as error:
        raise write_error("the record can't be written", error, str(path)) from error


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
