"""Another computer from the point of view of an engine's client: reached through ssh on the loopback.

Its keys, configuration and processes belong to a folder of the test, and end with it.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from fencepost.machine.cache import cache_folder
from fencepost.machine.engines.registry import find_engine

_FILES = Path(__file__).parent / "computer"
_SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
_SECONDS = 20


@dataclass(frozen=True)
class AnotherComputer:
    """A computer that runs an engine.

    Attributes:
        engine: `podman` or `docker`.
        address: the engine's.
        env: what makes a command line use it.
        sshd: the process number of its door.
    """

    engine: str
    address: str
    env: dict[str, str]
    sshd: int

    def hang_up(self) -> int:
        """Breaks every connection that is open; how many that were."""
        children = Path(f"/proc/{self.sshd}/task/{self.sshd}/children").read_text("ascii").split()
        broken = 0
        for child in children:
            # Some connection has hung up by itself meanwhile.
            with suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
                broken += 1
        return broken


def lacks() -> str:
    """What this computer lacks for being another one; empty where nothing."""
    return "" if _SSHD and shutil.which("ssh") else "sshd is not installed: sudo apt-get install openssh-server"


@contextmanager
def shared_connections(there: AnotherComputer) -> Iterator[None]:
    """Lets the connections to another computer be channels of one, as long as this lasts.

    Its folder has to have a short name, as sockets want it.
    """
    config = Path(there.env["HOME"], "ssh_config")
    before = config.read_text("utf-8")
    config.write_text(before + (_FILES / "shared_connections").read_text("utf-8").replace("FOLDER", str(config.parent)))
    try:
        yield
    finally:
        ssh = [shutil.which("ssh") or "ssh", "-F", str(config), "-O", "exit", there.address]
        subprocess.run(ssh, check=False, capture_output=True)
        config.write_text(before)


@contextmanager
def another_computer(folder: Path, engine: str, *, empty: bool = False) -> Iterator[AnotherComputer]:
    """Another computer, for as long as it is needed.

    Args:
        folder: where it lies.
        engine: what it runs. Docker's daemon is this computer's own; podman gets a service of its own.
        empty: of podman, whether it has a store of its own, with nothing in it, and doesn't see this computer's cache.
    """
    folder.mkdir(parents=True)
    with _door(folder) as (port, sshd):
        at = f"ssh://{getpass.getuser()}@127.0.0.1:{port}"
        # Neither the keys nor the known hosts of whoever runs the tests; but what took long to make.
        env = {"HOME": str(folder), "XDG_CACHE_HOME": str(cache_folder().parent)}
        if engine == "docker":
            yield AnotherComputer(
                engine, at, {**env, "PATH": f"{folder}:{os.environ['PATH']}", "DOCKER_HOST": at}, sshd
            )
            return
        with TemporaryDirectory(prefix="fp-") as short, _podman_service(folder, Path(short), empty=empty) as listening:
            address = f"{at}{listening}"
            env |= {"CONTAINER_HOST": address, "CONTAINER_SSHKEY": str(folder / "user_key")}
            yield AnotherComputer(engine, address, env, sshd)


@contextmanager
def _door(folder: Path) -> Iterator[tuple[int, int]]:
    """An ssh server: its port, and its process number."""
    for key in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", folder / key], check=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    ssh = shutil.which("ssh")
    for name in ("sshd_config", "ssh_config", "ssh"):
        _write(folder, name, PORT=port, FOLDER=folder, SEARCHED=os.environ["PATH"], SSH=ssh)
    (folder / "ssh").chmod(0o755)
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {(folder / 'host_key.pub').read_text()}")
    if os.geteuid() == 0:
        # Where sshd confines itself; whoever starts it usually has made that.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with _running([str(_SSHD), "-D", "-e", "-f", str(folder / "sshd_config")], folder / "sshd.log") as process:

        def answers() -> bool:
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", port)) == 0

        _wait_until(answers, process, folder / "sshd.log")
        yield port, process.pid


@contextmanager
def _podman_service(folder: Path, short: Path, *, empty: bool) -> Iterator[Path]:
    """podman's service: where it listens, which is in a folder with a short name, as sockets and podman want it."""
    here = find_engine("podman")
    # `--runtime NAME` and `--ulimit LIMIT ...`, where this computer needs them.
    limits = ", ".join(f'"{limit}"' for limit in here.run_options[1::2])
    _write(folder, "containers.conf", RUNTIME="".join(here.options[1:2]) or "crun", ULIMITS=limits)
    store = ["--root", str(folder / "store"), "--runroot", str(short)] if empty else []
    listening = short / "podman.sock"
    command = [here.program, *store, "system", "service", "--time", "0", f"unix://{listening}"]
    if empty and os.geteuid() == 0:
        # Nor does it see what this computer has made for itself.
        hides = 'mount -t tmpfs none "$0" && exec "$@"'
        command = ["unshare", "--mount", "sh", "-c", hides, str(cache_folder()), *command]
    env = {**os.environ, "CONTAINERS_CONF": str(folder / "containers.conf")}
    with _running(command, folder / "podman.log", env) as process:
        _wait_until(listening.exists, process, folder / "podman.log")
        yield listening
        if empty:
            subprocess.run([here.program, *store, "rmi", "--all", "--force"], check=True, capture_output=True)


@contextmanager
def _running(command: list[str], log: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as told:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=told, stderr=told, env=env)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} didn't come up: {log.read_text(errors='replace')}")
        time.sleep(0.05)


def _write(folder: Path, name: str, **values: object) -> None:
    text = (_FILES / name).read_text("utf-8")
    for word, value in values.items():
        text = text.replace(word, str(value))
    (folder / name).write_text(text)
