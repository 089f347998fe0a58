"""The container engine, on this computer or another: podman, or Docker Engine, talked to by their command line."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from fencepost.errors import EngineError

_CAP_SYS_RESOURCE = 24
_INSTALL = "install one:  sudo apt-get install podman   (or docker.io; `fencepost doctor` tells more)"
# What a refused call says of what the host lacks, and what helps.
_KNOWN_TROUBLES = {
    "permission denied while trying to connect": "add yourself to the group: sudo usermod -aG docker $USER",
    "netavark: no such file": "sudo apt-get install netavark aardvark-dns",
    "iptables: executable file not found": "sudo apt-get install iptables",
    'exec: "newuidmap": executable file not found': "sudo apt-get install uidmap",
    "no subuid ranges found": "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER",
    "no space left on device": "free some space: `fencepost machines remove --all` drops built images",
    "cgroups in hybrid mode not supported": "sudo apt-get install runc",
    "rlimit": "lower the engine's own limits: default_ulimits in its containers.conf, or dockerd --default-ulimit",
    "ssh: unable to authenticate": "name the key: CONTAINER_SSHKEY=$HOME/.ssh/id_ed25519, or start an ssh agent",
    "permission denied (publickey": "name the key in ~/.ssh/config, or start an ssh agent: nobody is there to ask",
    "unable to connect to podman": "start podman's service on that computer: systemctl enable --now podman.socket",
}
# Addresses of a Docker that runs on this computer.
_HERE = ("unix:", "npipe:", "fd:")


@dataclass(frozen=True)
class Engine:
    """A container engine that answers.

    Attributes:
        name: `podman` or `docker`.
        program: its command line, by path.
        version: as it tells itself.
        options: flags that every call needs on this host.
        run_options: flags that every new container needs on this host.
        remote: the address of an engine that may be on another computer, as its command line was told: it sees none of
            this one's files. Empty for this computer's own.
    """

    name: str
    program: str
    version: str
    options: tuple[str, ...] = ()
    run_options: tuple[str, ...] = ()
    remote: str = ""

    def argv(self, *arguments: str) -> list[str]:
        """The command line of one call."""
        return [self.program, *self.options, *arguments]

    def call(
        self, *arguments: str, seconds: float = 60, check: bool = True, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Makes a short call.

        Args:
            arguments: the engine's words.
            seconds: how long it may take.
            check: whether a refusal is an error.
            text: what it reads on standard input; nothing by default.

        Raises:
            EngineError: when it takes too long, or refuses and `check` is set.
        """
        try:
            done = subprocess.run(
                self.argv(*arguments),
                input=text or "",
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"{self.name} {arguments[0]} took more than {seconds:.0f} s") from error
        except OSError as error:
            raise EngineError(f"{self.name} can't be started: {error.strerror}", _INSTALL) from error
        if check and done.returncode:
            raise EngineError(f"{self.name} {arguments[0]} failed: {_last_line(done.stderr)}", mend_for(done.stderr))
        return done

    def image_id(self, name: str) -> str:
        """The local id of an image, with its digest's name in front; empty where the store lacks it."""
        done = self.call("image", "inspect", "--format", "{{.Id}}", name, check=False)
        told = done.stdout.strip()
        return _with_algorithm(told) if told and not done.returncode else ""

    def image_ids(self, names: Collection[str]) -> dict[str, str]:
        """The same for several images, by their whole names, in one call; those that the store lacks aren't in it."""
        if not names:
            return {}
        form = "{{.Id}}{{range .RepoTags}} {{.}}{{end}}"
        # That some are missing is told on standard error, and by the status. Docker ends with an empty line then.
        told = self.call("image", "inspect", "--format", form, *names, check=False).stdout
        lines = (line.split() for line in told.splitlines() if line.strip())
        found = {tag: _with_algorithm(id_) for id_, *tags in lines for tag in tags}
        return {name: found[name] for name in names if name in found}


def _with_algorithm(image_id: str) -> str:
    return image_id if image_id.startswith("sha256:") else f"sha256:{image_id}"


def mend_for(told: str) -> str:
    """What helps against a trouble that engines are known for; empty for an unknown one."""
    low = told.lower()
    return next((mend for trouble, mend in _KNOWN_TROUBLES.items() if trouble.lower() in low), "")


def find_engine(wanted: str = "auto") -> Engine:
    """The engine to use.

    Args:
        wanted: `podman`, `docker`, or `auto` for the first of them that answers.

    Raises:
        EngineError: when none does, with what to install. Never is anything run on the host instead.
    """
    tried = []
    mend = ""
    for name in ("podman", "docker") if wanted == "auto" else (wanted,):
        program = shutil.which(name)
        if not program:
            tried.append(f"{name} is not installed")
            continue
        try:
            return _podman(program) if name == "podman" else _docker(program)
        except EngineError as error:
            tried.append(error.message)
            mend = mend or error.mend
    raise EngineError("no container engine: " + "; ".join(tried), mend or _INSTALL)


def _podman(program: str) -> Engine:
    address = os.environ.get("CONTAINER_HOST") or os.environ.get("CONTAINER_CONNECTION", "")
    if address:
        # Which runtime and which limits a service uses is its own business: its client has no flag for the one, and
        # what this computer may do says nothing of the other. A socket may lead out of the container that this is.
        try:
            version = _told_version(program, ["version", "--format", "{{.Server.Version}}"])
        except EngineError as error:
            told = f"podman's service at {address} doesn't answer ({error.message})"
            raise EngineError(told, error.mend or "is the address right, and that computer on?") from error
        return Engine("podman", program, version, remote=address)
    version = _told_version(program, ["--version"])
    options: tuple[str, ...] = ()
    if is_hybrid_cgroup() and shutil.which("runc"):
        # crun, podman's default, refuses version 1 and version 2 of cgroups side by side.
        options = ("--runtime", "runc")
    return Engine("podman", program, version, options, _ulimits("nofile", "nproc"))


def _docker(program: str) -> Engine:
    address = _docker_address(program)
    remote = "" if address.startswith(_HERE) else address
    try:
        version = _told_version(program, ["version", "--format", "{{.Server.Version}}"])
    except EngineError as error:
        told = f"docker's daemon{' at ' if remote else ''}{remote} doesn't answer ({error.message})"
        mend = "is the address right, and that computer on?" if remote else "start it: sudo service docker start"
        raise EngineError(told, error.mend or mend) from error
    return Engine("docker", program, version, (), () if remote else _ulimits("nofile"), remote)


def _docker_address(program: str) -> str:
    """Where Docker's daemon is, as the environment or the chosen context tells."""
    if address := os.environ.get("DOCKER_HOST"):
        return address
    with contextlib.suppress(EngineError):
        told = _told(program, ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"])
        return told.strip() if "://" in told else ""
    return ""


def _told_version(program: str, arguments: list[str]) -> str:
    told = _told(program, arguments)
    match = re.search(r"\d+\.\d+\S*", told)
    if not match:
        raise EngineError(f"{program} tells no version")
    return match[0].rstrip(",")


def _told(program: str, arguments: list[str]) -> str:
    try:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"{program} can't be started: {error}") from error
    if done.returncode:
        raise EngineError(_last_line(done.stderr) or f"{program} failed", mend_for(done.stderr))
    return done.stdout


def is_hybrid_cgroup() -> bool:
    """Whether this host has version 1 and version 2 of cgroups at once."""
    return Path("/sys/fs/cgroup/unified").is_dir()


def may_raise_limits() -> bool:
    """Whether root here may raise resource limits; in containers and small virtual machines it often may not."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return True
    match = re.search(r"^CapEff:\s*([0-9a-f]+)", status, re.MULTILINE)
    return os.geteuid() != 0 or not match or bool(int(match[1], 16) >> _CAP_SYS_RESOURCE & 1)


def _ulimits(*names: str) -> tuple[str, ...]:
    # Without CAP_SYS_RESOURCE an engine can't set its own, high default limits; lower ones are always allowed.
    if may_raise_limits():
        return ()
    kinds = {"nofile": (resource.RLIMIT_NOFILE, 4096), "nproc": (resource.RLIMIT_NPROC, 8192)}
    flags: list[str] = []
    for name in names:
        kind, enough = kinds[name]
        hard = resource.getrlimit(kind)[1]
        limit = enough if hard == resource.RLIM_INFINITY else min(hard, enough)
        flags += ["--ulimit", f"{name}={limit}:{limit}"]
    return tuple(flags)


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
