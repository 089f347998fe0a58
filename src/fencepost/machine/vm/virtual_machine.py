"""A virtual machine of one page: a fresh copy of the saved one, on a disk of its own, in a container of its own."""

from __future__ import annotations

import contextlib
import shlex
import subprocess

from fencepost.errors import EngineError
from fencepost.machine.container_base import FIXED_ENVIRONMENT, ContainerBase
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.vm.emulator import LAST_WORDS, keeper_command, kvm_flags
from fencepost.machine.vm.first_boot import console_lines
from fencepost.machine.vm.hardware import SAVED
from fencepost.machine.vm.saved import SavedMachine
from fencepost.session import python, shell
from fencepost.session.pipe import Pipe
from fencepost.session.supervisor import SUPERVISOR

# What QEMU itself needs beside the machine's memory, in MiB.
_OVERHEAD = 768
_PROCESSES = 256
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# A page's processes are in a group of their own, and not protected from running out of memory as the agent is.
_ENTER = 'echo $$ >"$0/cgroup.procs"; echo 0 >/proc/self/oom_score_adj; exec "$@"'
_OVERLAY = "/var/tmp/fencepost/overlay"
_LAST_WORDS_SECONDS = 5
# The page's processes; and Python's supervisor, with what reads for it from the port: another one may be asked for. The
# shell's lives on, as it does in a container, where it is process 1.
_KILL = (
    'echo 1 >"$FENCEPOST_SESSION/cgroup.kill";'
    " for port in /sys/class/virtio-ports/*; do"
    ' [ "$(cat "$port/name")" = fencepost.python ] && python="/dev/${port##*/}"; done;'
    ' for process in $(cat "${FENCEPOST_SESSION%session}agent/cgroup.procs"); do [ "$process" = $$ ] ||'
    ' case $(tr "\\0" " " <"/proc/$process/cmdline") in'
    ' *"python3 -u -c"*) kill -9 "$process";;'
    ' "cat ") [ "$(readlink "/proc/$process/fd/0")" = "$python" ] && kill -9 "$process";;'
    " esac; done 2>/dev/null; :"
)


class VirtualMachine(ContainerBase):
    """A fresh copy of a machine that was booted once.

    Args:
        saved: the machine, as it was saved.
        definition: the machine, as its author wrote it.
        network: whether it reaches the network.
    """

    isolation = "vm"

    def __init__(self, saved: SavedMachine, definition: MachineDefinition, *, network: bool) -> None:
        super().__init__(saved.emulator.engine)
        self.saved = saved
        self.definition = definition
        self.network = network
        self.accelerator = saved.hardware.accelerator
        self._last_words = ""

    def start(self) -> Pipe:
        """Starts it, without waiting: the pipe leads to the supervisor of the page's shell."""
        pipe = self._connect(self._run_arguments())
        pipe.send(self._session(*shell.COMMAND))
        return pipe

    def open_python(self) -> Pipe:
        """A second way in, to the supervisor of a Python. The machine must have answered before."""
        pipe = self._connect(self.engine.argv(*self._in_container("join", channel="python")))
        pipe.send(self._session(*python.COMMAND))
        return pipe

    def kill_processes(self) -> None:
        """Ends everything that the page's session started, not the machine's services; or the machine."""
        with contextlib.suppress(EngineError):
            if self.engine.call(*self._in_container("order", command=_KILL), check=False).returncode == 0:
                return
        self.abort()

    def terminal_command(self, bash_options: str) -> list[str]:
        """The command line that opens another bash on it, at this process's own terminal."""
        end = f"end-{self.name}"
        bash = f"stty rows LINES cols COLUMNS; TERM=xterm-256color exec bash {bash_options}"
        command = f"{self._environment()} script -qec {shlex.quote(bash)} /dev/null; printf {end}"
        return self.engine.argv(*self._in_container("join", "--tty", channel="terminal", command=command, end=end))

    def last_words(self) -> str:
        """The end of its console, when it has gone down by itself."""
        if not self._last_words and self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._processes[0].wait(_LAST_WORDS_SECONDS)
                told = self._pipes[0].remark_history().decode(errors="replace")
                self._last_words = "\n".join(console_lines(told.partition(LAST_WORDS)[2]))
        return self._last_words

    def _session(self, *command: str) -> bytes:
        """What the agent is sent: a command's length, and the command."""
        entered = ["sh", "-c", SUPERVISOR, "fencepost", "sh", "-c", _ENTER]
        text = f'exec {self._environment()} {shlex.join(entered)} "$FENCEPOST_SESSION" {shlex.join(command)}'
        return f"{len(text.encode())}\n{text}".encode()

    def _environment(self) -> str:
        """`env` and what it sets: nothing of the service that the agent runs as is for the page."""
        wanted = {
            "PATH": _PATH,
            "HOME": "/root",
            "HOSTNAME": self.definition.name,
            **FIXED_ENVIRONMENT,
            **self.definition.settings.env,
        }
        return shlex.join(["env", "-i", "-C", "/", *(f"{key}={value}" for key, value in wanted.items())])

    def _run_arguments(self) -> list[str]:
        hardware, saved = self.saved.hardware, self.saved
        flags = self._run_flags(memory=f"{hardware.memory + _OVERHEAD}m", processes=_PROCESSES, network=self.network)
        flags += ["--volume", f"{saved.volume}:{SAVED}:ro"]
        arguments = [
            *hardware.arguments(),
            *hardware.disk(_OVERLAY, "qcow2"),
            *hardware.memory_copied(),
            *hardware.card(network=self.network),
        ]
        command = keeper_command(
            "page",
            arguments=arguments,
            state=f"{SAVED}/state",
            disk=f"{SAVED}/disk",
            overlay=_OVERLAY,
            network=self.network,
        )
        return self.engine.argv(*flags, *kvm_flags(hardware.accelerator), saved.emulator.image.id, *command)

    def _in_container(self, mode: str, *flags: str, **wanted: str) -> tuple[str, ...]:
        """A second keeper in the same container, in the engine's words."""
        return ("exec", "--interactive", *flags, self.name, *keeper_command(mode, **wanted))
