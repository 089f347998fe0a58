"""Where a site is checked in this trial: on podman, on a Docker Engine of the trial's own, on virtual machines."""

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
# Ignored by git: what a trial that is cut into several goes needs again.
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
        environment: of every process that is started here. One of its variables marks them all.
        owners: the numbers of the checks that were started.
        clean_seconds: how long an undisturbed check takes.
    """

    name: str
    folder: Path
    environment: dict[str, str]
    owners: set[int] = field(default_factory=set)
    clean_seconds: float = 0.0

    @property
    def engine(self) -> str:
        """The engine's program."""
        return "docker" if self.name == "docker" else "podman"

    @property
    def machine(self) -> str:
        """The machine of the site's pages."""
        return "vm" if self.name == "vm" else "python"

    @property
    def cache(self) -> Path:
        """Where Fencepost keeps what took long to make."""
        return Path(self.environment["XDG_CACHE_HOME"]) / "fencepost"

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts a check, every step told on its standard output."""
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
        """Makes a short call of the engine."""
        command = [self.engine, *arguments]
        # Without the mark: what this trial itself asks for is nobody's to find.
        environment = {key: value for key, value in self.environment.items() if key != MARK}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", timeout=60, check=False
        )


def place_at(name: str, kept: Path, socket: Path | None = None) -> Place:
    """A place, its site copied anew.

    Args:
        name: `podman`, `docker` or `vm`.
        kept: a folder for it.
        socket: of another Docker daemon than the usual one.
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
    """A Docker daemon of the trial's own: its death is nobody else's."""

    def __init__(self) -> None:
        self.root = KEPT / "dockerd"
        # A socket's path may be no longer than a hundred characters.
        self.run = Path(f"/run/fencepost-faults-{os.getpid()}")
        self.socket = self.run / "docker.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, and waits until it answers; again where it stumbles over what its killed predecessor has left.

        Raises:
            RuntimeError: when it doesn't.
        """
        for _ in range(_TRIES):
            if self._starts():
                return
        raise RuntimeError(f"dockerd doesn't start; its log is {self.root / 'log'}")

    def _starts(self) -> bool:
        self.root.mkdir(parents=True, exist_ok=True)
        self.run.mkdir(exist_ok=True)
        (self.run / "docker.pid").unlink(missing_ok=True)
        with open(self.root / "log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    # In a network of its own: without a bridge it would take away that of the other daemon.
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
        """Ends it."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        # One that was killed has left the networks of its containers mounted.
        for left in (self.run / "exec" / "netns").glob("*"):
            subprocess.run(["umount", str(left)], capture_output=True, check=False)
        shutil.rmtree(self.run, ignore_errors=True)

    def load(self, image: str) -> None:
        """Hands an image over from podman: this daemon has no network to build one with."""
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
    """A running daemon; `None` where one can't be had."""
    if not shutil.which("dockerd") or os.geteuid() != 0:
        yield None
        return
    own = Daemon()
    try:
        own.start()
        yield own
    finally:
        own.stop()
