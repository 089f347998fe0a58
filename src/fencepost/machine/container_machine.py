"""A machine that is a container: the Containerfile's image, entered."""

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

# The engines' default set less what no page needs: no raw sockets, no device nodes, no audit log, no file or
# process capabilities to hand on. Without the rest, apt and dpkg don't work.
# Each with its number in Linux's <linux/capability.h>.
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
# The hosts file may be the image's, which may be empty. So `localhost` is added where it is missing, and the machine's
# own name, with the address that Debian's installer gives it. That takes no further process, for a cell is to be there
# at once, and doesn't replace the file, which an engine may have mounted.
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
# The engines write the host's name servers into every container, network or not. Where a machine's user may not write
# there, a `:` would end the shell.
_NO_NAME_SERVERS = "true 2>/dev/null >/etc/resolv.conf\n"
# An engine may let a container see the kernel's audit log, where no page may write, and sudo complains of that each
# time. Another's filter of system calls says that there is no such log, and sudo keeps silent.
_NO_AUDIT_LOG = "[ ! -d /etc/sudoers.d ] || echo 'Defaults !log_allowed' 2>/dev/null >/etc/sudoers.d/fencepost\n"


class ContainerMachine(ContainerBase):
    """One fresh container.

    Args:
        engine: the engine that runs it.
        image: what it is made of.
        definition: the machine.
        settings: the site's limits.
        network: whether it reaches the network.
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
        """Starts it, without waiting: the pipe leads to the supervisor of the page's shell."""
        return self._connect(self._run_arguments(*shell.COMMAND))

    def open_python(self) -> Pipe:
        """A second way in, to the supervisor of a Python. The machine must have answered before."""
        return self._connect(self.engine.argv("exec", "-i", self.name, *further_process(*python.COMMAND)))

    def kill_processes(self) -> None:
        """Ends everything that runs on it but the supervisor of the shell; the machine itself where that fails."""
        # Process 1 can't be killed from inside, and the engine may report 137 for the killer itself.
        with contextlib.suppress(EngineError):
            done = self.engine.call("exec", self.name, "sh", "-c", "kill -9 -1; :", check=False, seconds=30)
            if done.returncode in {0, 137}:
                return
        # A page that has started all the processes that it may have leaves no room for the killer.
        self.abort()

    def terminal_command(self, bash_options: str) -> list[str]:
        """The command line that opens another bash on it, at this process's own terminal."""
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
        # A machine that asks for capabilities asks for the system calls that come with them.
        if not own.capabilities:
            flags += self.engine.filter_flags()
        name = self.definition.name
        if not self.network:
            flags += self.engine.name_flags(name, _OWN_ADDRESS)
        flags += [*page_flags(self.definition), "--entrypoint", "sh", self.image.id]
        started = first_process(*command, name=name, network=self.network, audit_log=self.engine.shows_audit_log)
        return self.engine.argv(*flags, *started[1:])


def page_flags(definition: MachineDefinition) -> list[str]:
    """What a page finds in its machine: a host name, and a fixed environment."""
    flags = ["--hostname", definition.name]
    for key, value in {**FIXED_ENVIRONMENT, **definition.settings.env}.items():
        flags += ["--env", f"{key}={value}"]
    return flags


def first_process(*command: str, name: str, network: bool, audit_log: bool = False) -> list[str]:
    """The first process of a page's machine: it prepares the machine, and becomes the supervisor of a command.

    Args:
        command: the command.
        name: the machine's host name.
        network: whether it reaches the network.
        audit_log: whether its processes find the kernel's audit log, where they may not write.
    """
    prelude = _NAMES.replace("ADDRESS", _OWN_ADDRESS).replace("NAME", name)
    prelude += "" if network else _NO_NAME_SERVERS
    prelude += _NO_AUDIT_LOG if audit_log else ""
    return ["sh", "-c", prelude + SUPERVISOR, "fencepost", *command]


def further_process(*command: str) -> list[str]:
    """Another supervised process on a page's machine."""
    return ["sh", "-c", SUPERVISOR, "fencepost", *command]
