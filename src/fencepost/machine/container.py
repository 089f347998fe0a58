"""A machine that is a container: started for one page, and gone with it.

The page's shell is the container's own process, so that one call of the engine brings up both. Everything that
is started carries a label with the number of the process that started it; what a killed check leaves behind is
found and removed at the next start.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
from pathlib import Path

from fencepost.errors import EngineError
from fencepost.machine.base import cache_folder
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image
from fencepost.session import python, shell
from fencepost.session.pipe import Pipe
from fencepost.session.supervised import SUPERVISOR
from fencepost.settings import Settings

LABEL = "fencepost.owner"
# TERM would be the engine's choice otherwise; there is no terminal.
FIXED_ENVIRONMENT = {
    "TZ": "UTC",
    "LANG": "C.UTF-8",
    "COLUMNS": "80",
    "TERM": "dumb",
    "DEBIAN_FRONTEND": "noninteractive",
}
# The engines' default set less what no page needs: no raw sockets, no device nodes, no audit log, no file or
# process capabilities to hand on. Without the rest, apt and dpkg don't work.
CAPABILITIES = (
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "NET_BIND_SERVICE",
    "SETGID",
    "SETUID",
    "SYS_CHROOT",
)
# podman would copy the host's own /etc/hosts; with --no-hosts there may be none, and nobody knows `localhost`.
_PRELUDE = "[ -s /etc/hosts ] || echo '127.0.0.1 localhost' >/etc/hosts 2>/dev/null\n"
# The engines write the host's name servers into every container, network or not.
_NO_NAME_SERVERS = ": 2>/dev/null >/etc/resolv.conf\n"
_LEAVE_SECONDS = 3


class ContainerMachine:
    """One fresh container.

    Args:
        engine: the engine that runs it.
        image: what it is made of.
        definition: the machine.
        settings: the site's limits.
        network: whether it reaches the network.
    """

    accelerator: str | None = None

    def __init__(
        self, engine: Engine, image: Image, definition: MachineDefinition, settings: Settings, *, network: bool
    ) -> None:
        self.engine = engine
        self.image = image
        self.definition = definition
        self.settings = settings
        self.network = network
        self.name = f"fencepost-{os.getpid()}-{secrets.token_hex(4)}"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._pipes: list[Pipe] = []
        self._closed = False

    def start(self) -> Pipe:
        """Starts it, without waiting: the pipe leads to the supervisor of the page's shell."""
        return self._connect(self._run_arguments(*shell.COMMAND))

    def open_python(self) -> Pipe:
        """A second way in, to the supervisor of a Python. The machine must have answered before."""
        return self._connect(
            self.engine.argv("exec", "-i", self.name, "sh", "-c", SUPERVISOR, "fencepost", *python.COMMAND)
        )

    def kill_processes(self) -> None:
        """Ends everything that runs on it but the supervisor of the shell; the machine itself where that fails."""
        # Process 1 can't be killed from inside, and the engine may report 137 for the killer itself.
        with contextlib.suppress(EngineError):
            done = self.engine.call("exec", self.name, "sh", "-c", "kill -9 -1; :", check=False, seconds=30)
            if done.returncode in {0, 137}:
                return
        # A page that has started all the processes that it may have leaves no room for the killer.
        self.abort()

    def abort(self) -> None:
        """Removes it at once. Whoever is reading from it finds its connection at an end."""
        with contextlib.suppress(EngineError):
            remove_containers(self.engine, [self.name])

    def close(self) -> None:
        """Removes it, whatever state it is in. Calling it again does nothing."""
        if self._closed:
            return
        self._closed = True
        for pipe in self._pipes:
            pipe.close()
        if self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._processes[0].wait(_LEAVE_SECONDS)
            # It removes itself when it ends well; otherwise nobody knows what is left of it.
            if self._processes[0].returncode != 0:
                self.abort()
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def _connect(self, argv: list[str]) -> Pipe:
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                # podman's conmon leaves a file `oom` where it was started when a page's memory runs out.
                cwd=cache_folder(),
                # A Ctrl-C at the terminal is for Fencepost, which closes its machines in order.
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"{self.engine.name} can't be started: {error.strerror}") from error
        pipe = Pipe(process)
        self._processes.append(process)
        self._pipes.append(pipe)
        return pipe

    def _run_arguments(self, *command: str) -> list[str]:
        memory = self.definition.settings.memory or self.settings.memory
        flags = ["run", "--interactive", "--rm", "--name", self.name, "--label", f"{LABEL}={owner()}"]
        flags += ["--hostname", self.definition.name, "--log-driver", "none"]
        flags += ["--memory", memory.lower(), "--memory-swap", memory.lower()]
        flags += ["--pids-limit", str(self.settings.processes)]
        flags += ["--security-opt", "no-new-privileges", "--cap-drop", "ALL"]
        for capability in (*CAPABILITIES, *self.definition.settings.capabilities):
            flags += ["--cap-add", capability]
        for key, value in {**FIXED_ENVIRONMENT, **self.definition.settings.env}.items():
            flags += ["--env", f"{key}={value}"]
        if not self.network:
            flags += ["--network", "none"]
        if self.engine.name == "podman":
            # Neither the host's proxy settings nor its hosts file are the page's business.
            flags += ["--http-proxy=false", "--no-hosts"]
        flags += ["--pull", "never", *self.engine.run_options, "--entrypoint", "sh", self.image.id]
        prelude = _PRELUDE if self.network else _PRELUDE + _NO_NAME_SERVERS
        return self.engine.argv(*flags, "-c", prelude + SUPERVISOR, "fencepost", *command)


def owner() -> str:
    """Who started a container: this process, by number and start, for numbers are used again."""
    return f"{os.getpid()}-{_start_of(os.getpid())}"


def remove_left_behind(engine: Engine) -> list[str]:
    """Removes the containers of checks that are no longer alive; their names."""
    label = f'index .Labels "{LABEL}"' if engine.name == "podman" else f'.Label "{LABEL}"'
    told = engine.call("ps", "--all", "--filter", f"label={LABEL}", "--format", f"{{{{.Names}}}} {{{{{label}}}}}")
    orphans = []
    for line in told.stdout.splitlines():
        name, _, who = line.partition(" ")
        pid, _, start = who.partition("-")
        if name and pid.isdigit() and _start_of(int(pid)) != start:
            orphans.append(name)
    if orphans:
        remove_containers(engine, orphans)
    return orphans


def remove_containers(engine: Engine, names: list[str]) -> None:
    """Removes containers, running or not; one that is gone already is no error."""
    flags = ["--time", "0", "--ignore"] if engine.name == "podman" else []
    engine.call("rm", "--force", *flags, *names, check=False)


def _start_of(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return ""
    # The second field, in parentheses, may hold anything; the 22nd is the start, in ticks since the host's.
    return stat.rpartition(")")[2].split()[19]
