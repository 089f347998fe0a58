"""A machine that is a container of its Containerfile's image."""

from __future__ import annotations

import contextlib

from fencepost.errors import EngineError
from fencepost.machine.container_base import FIXED_ENVIRONMENT, ContainerBase
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image
from fencepost.session import python, shell
from fencepost.session.pipe import Pipe
from fencepost.session.supervisor import SUPERVISOR
from fencepost.settings import Settings

# The engines' default capabilities without those that no page needs: for raw sockets, device nodes, the audit log, and
# file or process capabilities. apt and dpkg need the rest. The numbers are those of <linux/capability.h>.
CAPABILITIES = {
    "CHOWN": 0,
    "DAC_OVERRIDE": 1,
    "FOWNER": 3,
    "FSETID": 4,
    "KILL": 5,
    "NET_BIND_SERVICE": 10,
    "SETGID": 6,
    "SETUID": 7,
    "SYS_CHROOT": 18,
}
# The hosts file may be the image's, which may be empty. So this adds `localhost` if it is missing, and the machine's
# own name, with the address that Debian's installer gives it. It starts no further process, because a cell has to open
# fast, and doesn't replace the file, which the engine may have mounted.
_OWN_ADDRESS = "127.0.1.1"
_NAMES = """{ _name() {
_hosts= _known=
while IFS= read -r _line || [ "$_line" ]; do _hosts="$_hosts$_line
" _known="$_known ${_line%%#*} "; done </etc/hosts
case $_known in *[[:blank:]]"$2"[[:blank:]]*) ;; *) printf '%s%s %s\\n' "$_hosts" "$1" "$2" >/etc/hosts;; esac
}
_name 127.0.0.1 localhost
_name ADDRESS NAME; } 2>/dev/null
"""
# Engines write the host's name servers into every container, even without a network. Not `:`, a special built-in, which
# ends the shell where the machine's user may not write the file.
_NO_NAME_SERVERS = "true 2>/dev/null >/etc/resolv.conf\n"
# Some engines let a container see the kernel's audit log, which no page may write, and sudo complains each time. Others
# hide the log with their filter of system calls.
_NO_AUDIT_LOG = "[ ! -d /etc/sudoers.d ] || echo 'Defaults !log_allowed' 2>/dev/null >/etc/sudoers.d/fencepost\n"


class ContainerMachine(ContainerBase):
    """A fresh container for one page.

    Args:
        engine: the engine that runs it.
        image: its image.
        definition: the machine.
        settings: the site's limits.
        network: give it a network.
    """

    isolation = "container"

    def __init__(
        self, engine: Engine, image: Image, definition: MachineDefinition, settings: Settings, *, network: bool
    ) -> None:
        super().__init__(engine)
        self.image = image
        self.definition = definition
        self.settings = settings
        self.network = network

    def start(self) -> Pipe:
        """See `OpenMachine`."""
        return self._connect(self._run_arguments(*shell.COMMAND))

    def open_python(self) -> Pipe:
        """See `OpenMachine`."""
        return self._connect(self.engine.argv("exec", "-i", self.name, *further_process(*python.COMMAND)))

    def kill_processes(self) -> None:
        """See `OpenMachine`."""
        # Process 1 can't be killed from inside, and the engine may report 137 for the killer itself.
        with contextlib.suppress(EngineError):
            done = self.engine.call("exec", self.name, "sh", "-c", "kill -9 -1; :", check=False, seconds=30)
            if done.returncode in {0, 137}:
                return
        # There is no room for the killer if the page has started as many processes as it may.
        self.abort()

    def terminal_command(self, bash_options: str) -> list[str]:
        """See `OpenMachine`."""
        return self.engine.argv(
            "exec", "--interactive", "--tty", self.name, "sh", "-c", f"TERM=xterm-256color exec bash {bash_options}"
        )

    def _run_arguments(self, *command: str) -> list[str]:
        own = self.definition.settings
        flags = self._run_flags(
            memory=own.memory or self.settings.memory, processes=self.settings.processes, network=self.network
        )
        for capability in (*CAPABILITIES, *own.capabilities):
            flags += ["--cap-add", capability]
        # A machine with further capabilities needs the system calls that they allow.
        if not own.capabilities:
            flags += self.engine.filter_flags()
        name = self.definition.name
        if not self.network:
            flags += self.engine.name_flags(name, _OWN_ADDRESS)
        flags += [*page_flags(self.definition), "--entrypoint", "sh", self.image.id]
        started = first_process(*command, name=name, network=self.network, audit_log=self.engine.shows_audit_log)
        return self.engine.argv(*flags, *started[1:])


def page_flags(definition: MachineDefinition) -> list[str]:
    """Return the flags for a page's host name and environment."""
    flags = ["--hostname", definition.name]
    for key, value in {**FIXED_ENVIRONMENT, **definition.settings.env}.items():
        flags += ["--env", f"{key}={value}"]
    return flags


def first_process(*command: str, name: str, network: bool, audit_log: bool = False) -> list[str]:
    """Return the command of a machine's first process, which prepares the machine and becomes a command's supervisor.

    Args:
        command: the command to supervise.
        name: the machine's host name.
        network: True if it has a network.
        audit_log: True if its processes see the kernel's audit log, but may not write it.
    """
    prelude = _NAMES.replace("ADDRESS", _OWN_ADDRESS).replace("NAME", name)
    prelude += "" if network else _NO_NAME_SERVERS
    prelude += _NO_AUDIT_LOG if audit_log else ""
    return ["sh", "-c", prelude + SUPERVISOR, "fencepost", *command]


def further_process(*command: str) -> list[str]:
    """Return the command of a further supervised process on a page's machine."""
    return ["sh", "-c", SUPERVISOR, "fencepost", *command]
