"""The places in which the trial checks its site: podman, a Docker daemon of its own, and virtual machines."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
MACHINES = REPOSITORY / "tests" / "machines"
# Ignored by git: state that is kept between runs of the trial.
KEPT = REPOSITORY / ".cache" / "faults"
MARK = "FENCEPOST_TRIAL"
_DOCKER_SECONDS = 60
_TRIES = 3


@dataclass
class Place:
    """A place where the site is checked.

    Attributes:
        name: `podman`, `docker`, or `vm` for virtual machines on podman.
        folder: the copy of the site.
        environment: the environment of all processes started here; one of its variables marks them.
        owners: the process ids of the checks that were started.
        clean_seconds: how long an undisturbed check takes.
    """

    name: str
    folder: Path
    environment: dict[str, str]
    owners: set[int] = field(default_factory=set)
    clean_seconds: float = 0.0

    @property
    def engine(self) -> str:
        """The name of the engine's program."""
        return "docker" if self.name == "docker" else "podman"

    @property
    def machine(self) -> str:
        """The machine of the site's pages."""
        return "vm" if self.name == "vm" else "python"

    @property
    def cache(self) -> Path:
        """Fencepost's cache folder."""
        return Path(self.environment["XDG_CACHE_HOME"]) / "fencepost"

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a check that prints every step to its standard output."""
        process = subprocess.Popen(
            [sys.executable, "-m", "fencepost", "check", "--verbose", "--engine", self.engine, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.owners.add(process.pid)
        return process

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call the engine."""
        command = [self.engine, *arguments]
        # Without the mark, so that these calls aren't taken for leftovers of a check.
        environment = {key: value for key, value in self.environment.items() if key != MARK}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", timeout=60, check=False
        )


def place_at(name: str, kept: Path, socket: Path | None = None) -> Place:
    """Return a place with a new copy of the site.

    Args:
        name: `podman`, `docker` or `vm`.
        kept: the folder for it.
        socket: the socket of another Docker daemon than the usual one.
    """
    folder = kept / "site"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "site", folder)
    environment = {**os.environ, "XDG_CACHE_HOME": str(kept / "cache"), MARK: f"{name}-{secrets.token_hex(4)}"}
    if socket:
        environment["DOCKER_HOST"] = f"unix://{socket}"
    place = Place(name, folder, environment)
    for page in (folder / "docs").iterdir():
        page.write_text(page.read_text("utf-8").replace("MACHINE", place.machine), "utf-8")
    shutil.copytree(MACHINES / place.machine, folder / "machines" / place.machine)
    return place


class Daemon:
    """A Docker daemon of the trial's own, whose death doesn't affect anything else."""

    def __init__(self) -> None:
        self.root = KEPT / "dockerd"
        # Outside the cache, because a socket's path can't be longer than about 100 characters.
        self.run = Path(f"/run/fencepost-faults-{os.getpid()}")
        self.socket = self.run / "docker.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the daemon, and wait until it answers. Try again if leftovers of a killed daemon make it fail.

        Raises:
            RuntimeError: when it doesn't start.
        """
        for _ in range(_TRIES):
            if self._try_to_start():
                return
        raise RuntimeError(f"dockerd doesn't start; its log is {self.root / 'log'}")

    def _try_to_start(self) -> bool:
        self.root.mkdir(parents=True, exist_ok=True)
        self.run.mkdir(exist_ok=True)
        (self.run / "docker.pid").unlink(missing_ok=True)
        with open(self.root / "log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    # In a network namespace of its own: it would remove the bridge of the other daemon.
                    *(
                        "unshare",
                        "--net",
                        "dockerd",
                        "--host",
                        f"unix://{self.socket}",
                        "--data-root",
                        str(self.root / "data"),
                    ),
                    *("--exec-root", str(self.run / "exec"), "--pidfile", str(self.run / "docker.pid")),
                    *("--bridge", "none", "--iptables=false", "--default-ulimit", "nofile=1024:1024"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + _DOCKER_SECONDS
        answers = ["docker", "--host", f"unix://{self.socket}", "version"]
        while subprocess.run(answers, capture_output=True, check=False).returncode:
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.process.kill()
                self.process.wait()
                return False
            time.sleep(0.2)
        return True

    def stop(self) -> None:
        """Stop the daemon."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        # A killed daemon leaves the network namespaces of its containers mounted.
        for left in (self.run / "exec" / "netns").glob("*"):
            subprocess.run(["umount", str(left)], capture_output=True, check=False)
        shutil.rmtree(self.run, ignore_errors=True)

    def load(self, image: str) -> None:
        """Load an image from podman: this daemon has no network to build one."""
        has = ["docker", "--host", f"unix://{self.socket}", "image", "inspect", image]
        if subprocess.run(has, capture_output=True, check=False).returncode == 0:
            return
        packed = self.root / "image.tar"
        packed.unlink(missing_ok=True)
        subprocess.run(["podman", "save", "--output", str(packed), image], check=True, capture_output=True)
        load = ["docker", "--host", f"unix://{self.socket}", "load", "--input", str(packed)]
        subprocess.run(load, check=True, capture_output=True)
        packed.unlink()


@contextlib.contextmanager
def daemon() -> Iterator[Daemon | None]:
    """Run a daemon during the block; yields `None` if this computer can't run one."""
    if not shutil.which("dockerd") or os.geteuid() != 0:
        yield None
        return
    own = Daemon()
    try:
        own.start()
        yield own
    finally:
        own.stop()
