"""A page's virtual machine: a fresh copy of the saved one, with a disk and a container of its own."""

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

# The memory that QEMU needs besides the machine's, in MiB.
_OVERHEAD = 768
_PROCESSES = 256
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Moves a page's processes into a cgroup of their own, without the agent's protection when memory runs out.
_ENTER = 'echo $$ >"$0/cgroup.procs"; echo 0 >/proc/self/oom_score_adj; exec "$@"'
_OVERLAY = "/var/tmp/fencepost/overlay"
_LAST_WORDS_SECONDS = 5
# Kills the page's processes, and Python's supervisor with the process that reads the port for it, so that Python can be
# started again; waits until they are gone, so that none of them takes what is for their successors. The shell's
# supervisor lives on, as it does in a container, where it is process 1.
_KILL = (
    'echo 1 >"$FENCEPOST_SESSION/cgroup.kill";'
    " for port in /sys/class/virtio-ports/*; do"
    ' [ "$(cat "$port/name")" = fencepost.python ] && python="/dev/${port##*/}"; done;'
    ' agent="${FENCEPOST_SESSION%session}agent/cgroup.procs" killed=;'
    ' for process in $(cat "$agent"); do [ "$process" = $$ ] ||'
    ' case $(tr "\\0" " " <"/proc/$process/cmdline") in'
    ' *"python3 -u -c"*) kill -9 "$process" && killed="$killed $process";;'
    ' "cat ") [ "$(readlink "/proc/$process/fd/0")" = "$python" ] && kill -9 "$process" && killed="$killed $process";;'
    " esac; done 2>/dev/null;"
    ' for process in $killed; do while grep -qx "$process" "$agent"; do sleep 0.01; done; done;'
    ' while grep -q "populated 1" "$FENCEPOST_SESSION/cgroup.events"; do sleep 0.01; done'
)


class VirtualMachine(ContainerBase):
    """A fresh copy of a saved machine.

    Args:
        saved: the saved machine.
        definition: the machine's definition.
        network: give it a network.
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
        """See `OpenMachine`."""
        pipe = self._connect(self._run_arguments())
        pipe.send(self._session(*shell.COMMAND))
        return pipe

    def open_python(self) -> Pipe:
        """See `OpenMachine`."""
        pipe = self._connect(self.engine.argv(*self._in_container("join", channel="python")))
        pipe.send(self._session(*python.COMMAND))
        return pipe

    def kill_processes(self) -> None:
        """See `OpenMachine`. The machine's services live on."""
        with contextlib.suppress(EngineError):
            if self.engine.call(*self._in_container("order", command=_KILL), check=False).returncode == 0:
                return
        self.abort()

    def terminal_command(self, bash_options: str) -> list[str]:
        """See `OpenMachine`."""
        end = f"end-{self.name}"
        bash = f"stty rows LINES cols COLUMNS; TERM=xterm-256color exec bash {bash_options}"
        command = f"{self._environment()} script -qec {shlex.quote(bash)} /dev/null; printf {end}"
        return self.engine.argv(*self._in_container("join", "--tty", channel="terminal", command=command, end=end))

    def last_words(self) -> str:
        """See `OpenMachine`."""
        if not self._last_words and self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._processes[0].wait(_LAST_WORDS_SECONDS)
                messages = self._pipes[0].remark_history().decode(errors="replace")
                self._last_words = "\n".join(console_lines(messages.partition(LAST_WORDS)[2]))
        return self._last_words

    def _session(self, *command: str) -> bytes:
        """Return the request to the agent for a session: the length of its command, and the command."""
        supervised = ["sh", "-c", SUPERVISOR, "fencepost", "sh", "-c", _ENTER]
        text = f'exec {self._environment()} {shlex.join(supervised)} "$FENCEPOST_SESSION" {shlex.join(command)}'
        return f"{len(text.encode())}\n{text}".encode()

    def _environment(self) -> str:
        """Return an `env` command with the page's environment, without anything of the agent's own."""
        variables = {
            "PATH": _PATH,
            "HOME": "/root",
            "HOSTNAME": self.definition.name,
            **FIXED_ENVIRONMENT,
            **self.definition.settings.env,
        }
        return shlex.join(["env", "-i", "-C", "/", *(f"{key}={value}" for key, value in variables.items())])

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

    def _in_container(self, mode: str, *flags: str, **options: str) -> tuple[str, ...]:
        """Return the engine's arguments to run a second keeper in the same container."""
        return ("exec", "--interactive", *flags, self.name, *keeper_command(mode, **options))
