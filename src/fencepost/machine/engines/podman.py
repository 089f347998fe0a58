"""podman: of this computer, or the service that CONTAINER_HOST or CONTAINER_CONNECTION names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Self

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine, ulimit_flags


class Podman(Engine):
    """See `Engine`."""

    name = "podman"
    package = "podman"
    known_troubles = (
        ("netavark: no such file", "sudo apt-get install netavark aardvark-dns"),
        ('exec: "newuidmap": executable file not found', "sudo apt-get install uidmap"),
        ("no subuid ranges found", "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER"),
        ("cgroups in hybrid mode not supported", "sudo apt-get install runc"),
        ("rlimit", "lower the engine's own limits: default_ulimits in its containers.conf"),
        ("ssh: unable to authenticate", "name the key: CONTAINER_SSHKEY=$HOME/.ssh/id_ed25519, or start an ssh agent"),
        (
            "unable to connect to podman",
            "start podman's service on that computer: systemctl enable --now podman.socket",
        ),
    )

    @classmethod
    def connect(cls, program: str) -> Self:
        """See `Engine`."""
        address = os.environ.get("CONTAINER_HOST") or os.environ.get("CONTAINER_CONNECTION", "")
        if address:
            # Which runtime and which limits a service uses is its own business: its client has no flag for the one, and
            # what this computer may do says nothing of the other. A socket may lead out of the container that this is.
            try:
                version = cls.version_in(program, "version", "--format", "{{.Server.Version}}")
            except EngineError as error:
                what = f"{cls.name}'s service at {address} doesn't answer ({error.message})"
                raise EngineError(what, error.mend or "is the address right, and that computer on?") from error
            return cls(program, version, remote=address)
        version = cls.version_in(program, "--version")
        # crun, podman's default, refuses version 1 and version 2 of cgroups side by side.
        options = ("--runtime", "runc") if is_hybrid_cgroup() and shutil.which("runc") else ()
        return cls(program, version, options, ulimit_flags("nofile", "nproc"))


def is_hybrid_cgroup() -> bool:
    """Whether this host has version 1 and version 2 of cgroups at once."""
    return Path("/sys/fs/cgroup/unified").is_dir()
