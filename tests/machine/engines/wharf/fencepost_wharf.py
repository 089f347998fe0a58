"""An engine in a package of its own: `wharf`, which passes all on to podman."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from fencepost.machine.engine import Engine, ulimit_flags
from fencepost.machine.system_call_filter import strict_profile

_HYBRID = Path("/sys/fs/cgroup/unified")
_FILTERS = (Path("/etc/containers/seccomp.json"), Path("/usr/share/containers/seccomp.json"))


class Wharf(Engine):
    """See `Engine`."""

    name = "wharf"
    computer_template = "{{.Host.Hostname}}\t{{.Host.MemTotal}}\t{{.Host.CPUs}}\t{{.Host.Arch}}"
    storage_template = "{{.Store.GraphRoot}}"
    known_troubles = (("wharf is closed", "come back tomorrow"),)
    build_step = r"^STEP \d+/\d+: \w+"
    registry_answer = "Getting image source|Copying|Writing manifest"
    private_flags = ("--http-proxy=false", "--no-hosts")
    remove_flags = ("--time", "0", "--ignore")
    gives_user_namespaces = True

    @classmethod
    def connect(cls, program: str) -> Self:
        """See `Engine`."""
        options = ("--runtime", "runc") if _HYBRID.is_dir() else ()
        return cls(program, cls.version_in(program, "--version"), options, ulimit_flags("nofile", "nproc"))

    def label_template(self, label: str) -> str:
        """See `Engine`."""
        return f'{{{{index .Labels "{label}"}}}}'

    def build_flags(self) -> tuple[str, ...]:
        """See `Engine`."""
        return ("--format", "docker", *self.run_options, "--http-proxy=false")

    def user_namespace_flags(self) -> tuple[str, ...]:
        """See `Engine`."""
        ids = "0:1800000000:65536"
        return () if os.geteuid() else ("--uidmap", ids, "--gidmap", ids)

    def filter_flags(self) -> tuple[str, ...]:
        """See `Engine`."""
        profile = strict_profile(_FILTERS)
        return ("--security-opt", f"seccomp={profile}") if profile else ()
