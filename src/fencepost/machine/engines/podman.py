"""podman: this computer's, or the service that CONTAINER_HOST or CONTAINER_CONNECTION names."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Self

from fencepost.errors import EngineError
from fencepost.machine.engine import RESOLVER_OPTIONS, Engine, Finding, ulimit_flags
from fencepost.machine.engines import conmon
from fencepost.machine.system_call_filter import strict_profile

# Far above the ids that distributions give to users and to their containers.
_HOST_IDS = "0:1900000000:65536"
_NETWORK_PROGRAMS = ("/usr/lib/podman", "/usr/libexec/podman", "/usr/local/libexec/podman")
_FILTERS = (Path("/etc/containers/seccomp.json"), Path("/usr/share/containers/seccomp.json"))


class Podman(Engine):
    """See `Engine`."""

    name = "podman"
    package = "podman"
    computer_template = "{{.Host.Hostname}}\t{{.Host.MemTotal}}\t{{.Host.CPUs}}\t{{.Host.Arch}}"
    storage_template = "{{.Store.GraphRoot}}"
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
    build_step = r"^STEP \d+/\d+: \w+"
    registry_answer = "Getting image source|Copying|Writing manifest"
    # Without these, it passes on the host's proxy settings, and copies its hosts file.
    private_flags = ("--http-proxy=false", "--no-hosts")
    remove_flags = ("--time", "0", "--ignore")
    gives_user_namespaces = True
    stores_seconds = 60

    @classmethod
    def connect(cls, program: str) -> Self:
        """See `Engine`."""
        address = os.environ.get("CONTAINER_HOST") or os.environ.get("CONTAINER_CONNECTION", "")
        if address:
            # No options: its client has no flag for the runtime, and this computer's limits say nothing about the
            # service's. Even a local socket may lead out of a container that this process runs in.
            try:
                version = cls.version_in(program, "version", "--format", "{{.Server.Version}}")
            except EngineError as error:
                what = f"{cls.name}'s service at {address} doesn't answer ({error.message})"
                raise EngineError(what, error.fix or "check the address, and that the computer is on") from error
            return cls(program, version, remote=address)
        version = cls.version_in(program, "--version")
        # crun, podman's default runtime, refuses version 1 and version 2 of cgroups side by side.
        options = ("--runtime", "runc") if is_hybrid_cgroup() and shutil.which("runc") else ()
        return cls(program, version, options, ulimit_flags("nofile", "nproc"))

    def label_template(self, label: str) -> str:
        """See `Engine`."""
        return f'{{{{index .Labels "{label}"}}}}'

    def shares_a_bridge(self) -> bool:
        """See `Engine`. Rootless podman gives each container a network of its own.

        Otherwise the bridge has the address of one of the containers on it. When that one ends, the address changes,
        and the others don't reach the bridge until they notice. (netavark 1.4)
        """
        return _is_rootful(self)

    def build_flags(self) -> tuple[str, ...]:
        """See `Engine`. An image in podman's own format would lose the SHELL of its Containerfile."""
        resolver = (f"--dns-option={option}" for option in RESOLVER_OPTIONS)
        return ("--format", "docker", *self.run_options, *resolver, "--http-proxy=false")

    def image_flags(self, image: str, folder: str) -> tuple[str, ...]:
        """See `Engine`."""
        return ("--mount", f"type=image,source={image},destination={folder},rw=true")

    def user_namespace_flags(self) -> tuple[str, ...]:
        """See `Engine`. Rootless podman gives one to each container.

        Not for a page's own container: there the streams of the first process belong to the host's root, and the page's
        shell, which opens them anew to write its marks, couldn't.
        """
        return () if os.geteuid() else ("--uidmap", _HOST_IDS, "--gidmap", _HOST_IDS)

    def filter_flags(self) -> tuple[str, ...]:
        """See `Engine`. podman's own filter lets any process make a user namespace.

        No flags if that filter isn't found, or for a service, which can't read this computer's files.
        """
        profile = "" if self.remote else strict_profile(_FILTERS)
        return ("--security-opt", f"seccomp={profile}") if profile else ()

    def end_lost_containers(self) -> list[str]:
        """See `Engine`."""
        return conmon.end_lost_containers()

    def needs(self) -> list[Finding]:
        """See `Engine`."""
        findings = []
        rootless = os.geteuid() != 0
        if not any(Path(folder, "netavark").exists() for folder in _NETWORK_PROGRAMS):
            text = "pages with `network: true` can't start: netavark is missing"
            findings.append(Finding("network", False, text, "sudo apt-get install netavark aardvark-dns iptables"))
        if rootless and not shutil.which("newuidmap"):
            text = "rootless podman needs newuidmap"
            findings.append(Finding("rootless", False, text, "sudo apt-get install uidmap slirp4netns fuse-overlayfs"))
        if rootless and not Path("/sys/fs/cgroup/cgroup.controllers").exists():
            text = "rootless podman can't limit memory and processes under version 1 of cgroups"
            findings.append(Finding("limits", None, text, "use podman as root, or a host with version 2 of cgroups"))
        if is_hybrid_cgroup():
            runc = shutil.which("runc") is not None
            text = "both versions of cgroups at once, which crun refuses" + ("; runc is used instead" if runc else "")
            findings.append(Finding("cgroups", runc, text, "" if runc else "sudo apt-get install runc"))
        return findings


@cache
def _is_rootful(podman: Podman) -> bool:
    return podman.call("info", "--format", "{{.Host.Security.Rootless}}").stdout.strip() == "false"


def is_hybrid_cgroup() -> bool:
    """Return whether this host has version 1 and version 2 of cgroups at once."""
    return Path("/sys/fs/cgroup/unified").is_dir()
