"""Docker Engine: this computer's, or the daemon that DOCKER_HOST or the chosen context names."""

from __future__ import annotations

import contextlib
import os
from typing import Self

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine, ulimit_flags

# Addresses of a daemon on this computer.
_HERE = ("unix:", "npipe:", "fd:")


class Docker(Engine):
    """See `Engine`."""

    name = "docker"
    package = "docker.io"
    computer_template = "{{.Name}}\t{{.MemTotal}}\t{{.NCPU}}\t{{.Architecture}}"
    storage_template = "{{.DockerRootDir}}"
    known_troubles = (
        ("permission denied while trying to connect", "add yourself to the group: sudo usermod -aG docker $USER"),
        ("rlimit", "lower the engine's own limits: dockerd --default-ulimit"),
    )
    build_step = r"^Step \d+/\d+ : \w+"
    registry_answer = "Pulling from|Pulling fs layer|Digest:"
    shows_audit_log = True

    @classmethod
    def connect(cls, program: str) -> Self:
        """See `Engine`."""
        address = cls._address(program)
        remote = "" if address.startswith(_HERE) else address
        try:
            version = cls.version_in(program, "version", "--format", "{{.Server.Version}}")
        except EngineError as error:
            what = f"{cls.name}'s daemon{' at ' if remote else ''}{remote} doesn't answer ({error.message})"
            fix = "check the address, and that the computer is on" if remote else "start it: sudo service docker start"
            raise EngineError(what, error.fix or fix) from error
        return cls(program, version, (), () if remote else ulimit_flags("nofile"), remote)

    def label_template(self, label: str) -> str:
        """See `Engine`."""
        return f'{{{{.Label "{label}"}}}}'

    def name_flags(self, name: str, address: str) -> tuple[str, ...]:
        """See `Engine`. Docker adds the name itself only with a network, and mounts a hosts file that root owns."""
        return ("--add-host", f"{name}:{address}")

    @classmethod
    def _address(cls, program: str) -> str:
        """Return the daemon's address, by the environment or the chosen context; empty for the default one."""
        if address := os.environ.get("DOCKER_HOST"):
            return address
        with contextlib.suppress(EngineError):
            address = cls.output_of(program, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}").strip()
            return address if "://" in address else ""
        return ""
