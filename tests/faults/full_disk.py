"""Does one thing on a disk with ever more room on it, until there is enough; tells of each try in a line of JSON.

    unshare --mount python full_disk.py FOLDER TASK SHORTAGE

The disk is a small tmpfs, mounted at FOLDER, which nobody but this process sees. SHORTAGE is `pages`: so many blocks
of 4 KiB are free, so that each write fails in its turn; or `files`: so many can be made.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "record")]

from builders import SiteBuilder  # noqa: E402
from records import a_record, a_step  # noqa: E402
from stand_in import ENGINE, HostFleet  # noqa: E402

import fencepost.check.site_check  # noqa: E402
import fencepost.faces.cli.check  # noqa: E402
from fencepost.faces.cli.app import main  # noqa: E402
from fencepost.machine import base  # noqa: E402
from fencepost.machine.making import Making  # noqa: E402
from fencepost.record.bundle import bundle_of  # noqa: E402
from fencepost.record.history import read_history  # noqa: E402
from fencepost.record.store import RecordStore  # noqa: E402

PAGE = 4096
# Two blocks of output, so that a file may be cut in its middle.
STEP = "for number in $(seq 1200); do printf '%07d' $number; done; echo"
SOURCE = f"---\nmachine: debian-12\n---\n\n```bash\n{STEP}\n```\n\n```console\n$ echo new\nWHAT\n```\n"


class Disk:
    """A small disk with a site and its records on it."""

    def __init__(self, folder: Path, shortage: str) -> None:
        self.folder = folder
        self.shortage = shortage
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1M,nr_inodes=400", "none", str(folder)], check=True)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        base.cache_folder()
        self.build = SiteBuilder(folder / "site")
        self.build.page(SOURCE.replace("WHAT", "new"))
        assert call("check") == (0, "")
        self.records = RecordStore(folder / "site/.fencepost/records", read_only=True)
        self.theirs = RecordStore(folder / "theirs")
        (ours,) = self.records.read_all()
        self.theirs.write(ours.model_copy(update={"started": ours.started.replace(year=ours.started.year - 1)}))
        self.theirs.write(a_record(a_step(), page="docs/page.md", machine="debian-13"))
        self.build.page(SOURCE.replace("debian-12", "[debian-12, debian-13]").replace("WHAT", "new"))
        (folder / "bundle.json").write_text(bundle_of(self.theirs).to_json())
        (folder / "built").mkdir()

    def leave(self, free: int) -> None:
        """Fills it but for so much."""
        if self.shortage == "pages":
            with contextlib.suppress(OSError), open(self.folder / "filler", "wb", buffering=0) as file:
                while file.write(b"x" * PAGE):
                    pass
            size = (self.folder / "filler").stat().st_size
            os.truncate(self.folder / "filler", max(0, size - free * PAGE))
            return
        (self.folder / "fillers").mkdir()
        made = 0
        with contextlib.suppress(OSError):
            while True:
                (self.folder / "fillers" / str(made)).touch()
                made += 1
        for number in range(min(free, made)):
            (self.folder / "fillers" / str(number)).unlink()

    def clear(self) -> None:
        """Makes room again."""
        (self.folder / "filler").unlink(missing_ok=True)
        subprocess.run(["rm", "-rf", str(self.folder / "fillers")], check=True)

    def state(self) -> dict[str, object]:
        """What can be read, and what can't."""
        reader = RecordStore(self.records.folder, read_only=True)
        found = reader.read_all()
        histories = [path for path in reader.folder.rglob("*.runs") if path.stat().st_size]
        return {
            "records": [f"{one.page}@{one.machine} {one.verdict} {len(one.snippets)}" for one in found],
            "unreadable": [path.name for path in reader.unreadable],
            "runs": {path.stem: len(read_history(path)) for path in histories},
            "parts": [path.name for path in self.folder.rglob(".*.part")],
            "page": (self.build.folder / "docs/page.md").read_text().count("\nnew\n"),
        }


def call(*arguments: str) -> tuple[int, str]:
    """Calls the command line; its status, and what it complained of."""
    told, complained = io.StringIO(), io.StringIO()
    sys.argv = ["fencepost", *arguments]
    os.chdir(Path(os.environ["XDG_CACHE_HOME"]).parent / "site")
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(complained):
        try:
            main()
        except SystemExit as ended:
            return int(ended.code or 0), complained.getvalue()


def bootstrap(_: Disk) -> tuple[int, str]:
    """A base image that is made and kept."""
    return called(lambda: base._tar_of("trixie", Making()))


def lock(_: Disk) -> tuple[int, str]:
    """A lock that nobody has taken yet."""

    def take() -> None:
        with base.locked("something"):
            pass

    return called(take)


def packages(disk: Disk) -> tuple[int, str]:
    """The packages of an image."""
    names = {f"package-{number}": "1" for number in range(400)}
    return called(lambda: RecordStore(disk.records.folder).write_packages("sha256:1", "debian-12", names))


def called(do: Callable[[], object]) -> tuple[int, str]:
    """Does something as a command would."""
    try:
        do()
    except fencepost.errors.FencepostError as error:
        return error.exit_status, str(error)
    return 0, ""


def fake_mmdebstrap(_making: Making, suite: str, target: Path, *_: str) -> str:
    """Writes a few blocks, and tells in words what goes wrong."""
    try:
        with open(target, "wb", buffering=0) as file:
            for _ in range(3):
                if file.write(b"x" * PAGE) < PAGE:
                    return "E: No space left on device"
    except OSError as error:
        return f"E: {error.strerror}"
    return ""


def update(disk: Disk) -> tuple[int, str]:
    """Outputs that are written into the page."""
    disk.build.page(SOURCE.replace("WHAT", "old"))
    return call("check", "--update", "--machine", "debian-12")


TASKS: dict[str, Callable[[Disk], tuple[int, str]]] = {
    "check": lambda _: call("check", "--fresh", "--machine", "debian-12"),
    "update": update,
    "merge": lambda disk: call("merge", str(disk.folder / "theirs")),
    "fetch": lambda disk: call("fetch", str(disk.folder / "bundle.json")),
    "publish": lambda disk: call("publish", str(disk.folder / "built")),
    "packages": packages,
    "bootstrap": bootstrap,
    "lock": lock,
}


# The built site has a hundred files.
STEPS = {"publish": 8}


def run(folder: Path, task: str, shortage: str) -> None:
    """The task, again and again."""
    for free in range(0, 200, STEPS.get(task, 1)):
        disk = Disk(folder, shortage)
        before = disk.state()
        disk.leave(free)
        status, told = TASKS[task](disk)
        full = disk.state()
        disk.clear()
        again = TASKS[task](disk)
        line = {"free": free, "status": status, "told": told, "before": before, "full": full}
        print(json.dumps({**line, "again": again, "after": disk.state()}), flush=True)
        os.chdir("/")
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        if status == 0:
            return


if __name__ == "__main__":
    base._mmdebstrap = fake_mmdebstrap
    fencepost.check.site_check.Fleet = HostFleet
    fencepost.faces.cli.check.engine_for = lambda *_: ENGINE
    run(Path(sys.argv[1]), *sys.argv[2:])
