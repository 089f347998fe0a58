"""The base class of container engines. Each engine is a subclass, in `engines/` or in another package."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from fencepost.errors import EngineError

_CAP_SYS_RESOURCE = 24
# Options of resolv.conf: ask a name server five times within ten seconds, instead of twice, because some lose requests
# that come at the same time.
RESOLVER_OPTIONS = ("timeout:2", "attempts:5")
# Error messages that any engine may pass on, each with its fix.
_COMMON_TROUBLES = (
    ("iptables: executable file not found", "sudo apt-get install iptables"),
    ("no space left on device", "free some space: `fencepost machines remove --all` drops built images"),
    ("permission denied (publickey", "name the key in ~/.ssh/config, or start an ssh agent: ssh can't ask for it here"),
)


@dataclass(frozen=True)
class Finding:
    """A result of `fencepost doctor`.

    Attributes:
        what: the subject, in a word.
        good: True if it is as it should be; `None` for a mere note.
        text: the state that was found.
        fix: the command that fixes it.
    """

    what: str
    good: bool | None
    text: str
    fix: str = ""


@dataclass(frozen=True)
class Engine(ABC):
    """A container engine that answers, on this computer or another, called through its command line.

    All engines have the same subcommands (`run`, `exec`, `build`, `ps`, `volume`). A subclass sets the class attributes
    and overrides the methods in which its engine differs.

    Attributes:
        name: the engine's name in settings, records and messages, and that of its program on PATH.
        package: its Debian package; empty if there is none.
        computer_template: a `--format` for `info` that prints the computer's host name, bytes of memory, number of
            processors and architecture, separated by tabs.
        storage_template: one that prints the folder of images and volumes.
        known_troubles: parts of this engine's error messages, in small letters, each with its fix.
        build_step: a regular expression for the line with which a build announces a step of a Containerfile.
        registry_answer: one for the output of a pull once a registry has answered.
        private_flags: flags that keep this computer's settings, such as its proxies, out of a new container.
        remove_flags: flags with which `rm --force` doesn't wait for processes, nor fail for a missing container.
        gives_user_namespaces: True if its containers can have a user namespace of their own.
        stores_seconds: the time that its command line may take to write an image into the store; killing it meanwhile
            would damage the image. 0 if a daemon writes it.
        shows_audit_log: True if its containers see the kernel's audit log, which they may not write.
        program: the path of its command line.
        version: its version, such as `4.3.1`.
        options: flags that every call needs on this host.
        run_options: flags that every new container needs on this host.
        remote: the address of an engine that may be on another computer, where it can't see this one's files; empty for
            this computer's own engine.
    """

    name: ClassVar[str]
    package: ClassVar[str] = ""
    computer_template: ClassVar[str]
    storage_template: ClassVar[str]
    known_troubles: ClassVar[tuple[tuple[str, str], ...]] = ()
    build_step: ClassVar[str]
    registry_answer: ClassVar[str]
    private_flags: ClassVar[tuple[str, ...]] = ()
    remove_flags: ClassVar[tuple[str, ...]] = ()
    gives_user_namespaces: ClassVar[bool] = False
    stores_seconds: ClassVar[float] = 0
    shows_audit_log: ClassVar[bool] = False

    program: str
    version: str
    options: tuple[str, ...] = ()
    run_options: tuple[str, ...] = ()
    remote: str = ""

    @classmethod
    def find(cls) -> Self:
        """Find the engine on this computer, and connect to it.

        Raises:
            EngineError: when it isn't installed, or doesn't answer.
        """
        program = shutil.which(cls.name)
        if not program:
            raise EngineError(f"{cls.name} is not installed")
        return cls.connect(program)

    @classmethod
    @abstractmethod
    def connect(cls, program: str) -> Self:
        """Return the engine of a command line, with the options that this host needs.

        Args:
            program: the path of the command line.

        Raises:
            EngineError: when it doesn't answer.
        """

    @classmethod
    def fix_for(cls, complaint: str) -> str:
        """Return the fix for a known error message of the engine; empty for an unknown one."""
        low = complaint.lower()
        return next((fix for trouble, fix in (*cls.known_troubles, *_COMMON_TROUBLES) if trouble in low), "")

    @classmethod
    def output_of(cls, program: str, *arguments: str) -> str:
        """Return the standard output of a short call that needs no options.

        Raises:
            EngineError: when the call fails.
        """
        try:
            done = _run([program, *arguments], seconds=30)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EngineError(f"{program} can't be started: {error}") from error
        if done.returncode:
            raise EngineError(_last_line(done.stderr) or f"{program} failed", cls.fix_for(done.stderr))
        return done.stdout

    @classmethod
    def version_in(cls, program: str, *arguments: str) -> str:
        """Return the first version number that a short call prints.

        Raises:
            EngineError: when the call fails, or prints none.
        """
        match = re.search(r"\d+\.\d+\S*", cls.output_of(program, *arguments))
        if not match:
            raise EngineError(f"{program} prints no version number")
        return match[0].rstrip(",")

    @abstractmethod
    def label_template(self, label: str) -> str:
        """Return the part of a `--format` that prints a label's value, in a list of containers or volumes."""

    def shares_a_bridge(self) -> bool:
        """Return whether a container that ends may cut off the network of others for half a minute.

        Raises:
            EngineError: when the engine doesn't answer.
        """
        return False

    def build_flags(self) -> tuple[str, ...]:
        """Return the flags that each build needs."""
        return ()

    def name_flags(self, name: str, address: str) -> tuple[str, ...]:
        """Return the flags that put a container's own name into its hosts file, if only the engine may write that.

        Args:
            name: the host name of the new container, which has no network.
            address: the address for the name.
        """
        del name, address
        return ()

    def image_flags(self, image: str, folder: str) -> tuple[str, ...]:
        """Return the flags that show a new container the file system of an image; none if the engine can't do that.

        Args:
            image: the image's id.
            folder: where the container has it. What the container changes there isn't kept.
        """
        del image, folder
        return ()

    def user_namespace_flags(self) -> tuple[str, ...]:
        """Return the flags that give a new container a user namespace of its own, if it has none by default."""
        return ()

    def filter_flags(self) -> tuple[str, ...]:
        """Return the flags for a strict filter of system calls, if the engine's own isn't strict.

        Raises:
            EngineError: when the filter's file can't be written.
        """
        return ()

    def end_lost_containers(self) -> list[str]:
        """End this computer's containers of killed checks that the engine itself has lost; return their names."""
        return []

    def needs(self) -> list[Finding]:
        """Return findings about what this engine in particular needs of this computer."""
        return []

    def argv(self, *arguments: str) -> list[str]:
        """Return the command line of a call."""
        return [self.program, *self.options, *arguments]

    def call(
        self, *arguments: str, seconds: float = 60, check: bool = True, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Make a short call.

        Args:
            arguments: the engine's subcommand and its arguments.
            seconds: how long it may take.
            check: raise an error if it fails.
            text: its standard input; empty by default.

        Raises:
            EngineError: when it can't be started, takes too long, or fails and `check` is set.
        """
        try:
            done = _run(self.argv(*arguments), text or "", seconds=seconds)
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"{self.name} {arguments[0]} took more than {seconds:.0f} s") from error
        except OSError as error:
            fix = f"install it:  sudo apt-get install {self.package}" if self.package else ""
            raise EngineError(f"{self.name} can't be started: {error.strerror}", fix) from error
        if check and done.returncode:
            what = f"{self.name} {arguments[0]} failed: {_last_line(done.stderr)}"
            raise EngineError(what, self.fix_for(done.stderr))
        return done

    def image_id(self, name: str) -> str:
        """Return the local id of an image, prefixed with its algorithm; empty if the store lacks the image."""
        done = self.call("image", "inspect", "--format", "{{.Id}}", name, check=False)
        image_id = done.stdout.strip()
        return _with_algorithm(image_id) if image_id and not done.returncode else ""

    def image_ids(self, names: Collection[str]) -> dict[str, str]:
        """Return the ids of several images, by their full names, in one call, without those that the store lacks."""
        if not names:
            return {}
        form = "{{.Id}}{{range .RepoTags}} {{.}}{{end}}"
        # If some are missing, the call fails, and there may be an empty line.
        output = self.call("image", "inspect", "--format", form, *names, check=False).stdout
        lines = (line.split() for line in output.splitlines() if line.strip())
        by_tag = {tag: _with_algorithm(id_) for id_, *tags in lines for tag in tags}
        return {name: by_tag[name] for name in names if name in by_tag}


def _run(argv: list[str], text: str = "", *, seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, input=text, encoding="utf-8", errors="replace", timeout=seconds, capture_output=True, check=False
    )


def _with_algorithm(image_id: str) -> str:
    return image_id if image_id.startswith("sha256:") else f"sha256:{image_id}"


def may_raise_limits() -> bool:
    """Return whether resource limits can be raised here; in containers and small virtual machines root often can't."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return True
    match = re.search(r"^CapEff:\s*([0-9a-f]+)", status, re.MULTILINE)
    return os.geteuid() != 0 or not match or bool(int(match[1], 16) >> _CAP_SYS_RESOURCE & 1)


def ulimit_flags(*names: str) -> tuple[str, ...]:
    """Return flags that lower a container's limits (`nofile`, `nproc`), if the engine can't set its own, high ones.

    High limits take CAP_SYS_RESOURCE; lower ones are always allowed.
    """
    if may_raise_limits():
        return ()
    kinds = {"nofile": (resource.RLIMIT_NOFILE, 4096), "nproc": (resource.RLIMIT_NPROC, 8192)}
    flags: list[str] = []
    for name in names:
        kind, usual = kinds[name]
        hard = resource.getrlimit(kind)[1]
        limit = usual if hard == resource.RLIM_INFINITY else min(hard, usual)
        flags += ["--ulimit", f"{name}={limit}:{limit}"]
    return tuple(flags)


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
