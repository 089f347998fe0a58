"""The base of the container engines: each is a subclass in a file of its own, in `engines/` or in another package."""

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
# Complaints that any engine may pass on, and how to fix what they are about.
_COMMON_TROUBLES = (
    ("iptables: executable file not found", "sudo apt-get install iptables"),
    ("no space left on device", "free some space: `fencepost machines remove --all` drops built images"),
    ("permission denied (publickey", "name the key in ~/.ssh/config, or start an ssh agent: nobody is there to ask"),
)


@dataclass(frozen=True)
class Finding:
    """One thing on a computer that was looked at.

    Attributes:
        what: what it is about, in a few words.
        good: whether it is as it should be; `None` where it is merely worth knowing.
        text: what was found.
        fix: the command that fixes it.
    """

    what: str
    good: bool | None
    text: str
    fix: str = ""


@dataclass(frozen=True)
class Engine(ABC):
    """A container engine that answers, on this computer or another, called by its command line.

    All engines take the same words for the same things (`run`, `exec`, `build`, `ps`, `volume`). A subclass is one
    engine and says where it differs, in the class attributes and methods below.

    Attributes:
        name: the engine's, in settings, records and messages; also its program's, on PATH.
        package: the Debian package that has it; empty where there is none.
        computer_template: prints host name, bytes of memory, number of processors and their architecture, with tabs
            between them, as the `--format` of `info`.
        storage_template: likewise the folder of images and volumes.
        known_troubles: complaints of this engine, in small letters, and how to fix what they are about.
        build_step: a regular expression for the line with which a build announces a step of a Containerfile.
        registry_answer: one for what a pull prints once a registry has answered.
        private_flags: flags that keep this computer's settings, such as its proxies, out of a new container.
        remove_flags: flags with which `rm --force` neither waits for processes to end nor minds a missing container.
        gives_user_namespaces: whether its containers can have a user namespace of their own.
        stores_seconds: how long its command line may take to bring an image into the store, which it writes itself: an
            image is damaged where it is killed meanwhile. 0 where a daemon writes it.
        shows_audit_log: whether its containers see the kernel's audit log, though they may not write there.
        program: its command line, by path.
        version: its own, as in `4.3.1`.
        options: flags that every call needs on this host.
        run_options: flags that every new container needs on this host.
        remote: the address of an engine that may be on another computer, as its command line was told: it sees none of
            this one's files. Empty for this computer's own.
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
        """The engine as it is on this computer. It has answered.

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
        """The engine behind a command line, with the options that this host needs.

        Args:
            program: the command line, by path.

        Raises:
            EngineError: when it doesn't answer.
        """

    @classmethod
    def fix_for(cls, complaint: str) -> str:
        """What helps against a trouble that engines are known for; empty for an unknown one."""
        low = complaint.lower()
        return next((fix for trouble, fix in (*cls.known_troubles, *_COMMON_TROUBLES) if trouble in low), "")

    @classmethod
    def output_of(cls, program: str, *arguments: str) -> str:
        """The standard output of a short call that needs no options.

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
        """The first version number that such a call prints.

        Raises:
            EngineError: when the call fails, or prints none.
        """
        match = re.search(r"\d+\.\d+\S*", cls.output_of(program, *arguments))
        if not match:
            raise EngineError(f"{program} tells no version")
        return match[0].rstrip(",")

    @abstractmethod
    def label_template(self, label: str) -> str:
        """What prints a label's value in a list of containers or volumes, as a part of its `--format`."""

    def build_flags(self) -> tuple[str, ...]:
        """Flags that each build needs."""
        return ()

    def name_flags(self, name: str, address: str) -> tuple[str, ...]:
        """Flags that put a new container's own name into its hosts file, where only the engine may write it.

        Args:
            name: its host name. It has no network.
            address: what the name stands for.
        """
        del name, address
        return ()

    def user_namespace_flags(self) -> tuple[str, ...]:
        """Flags that give a new container a user namespace, where it wouldn't have one of its own."""
        return ()

    def filter_flags(self) -> tuple[str, ...]:
        """Flags that make the filter of system calls strict, where the engine's own isn't.

        Raises:
            EngineError: when the filter can't be written down.
        """
        return ()

    def end_lost_containers(self) -> list[str]:
        """Ends the containers of killed checks that the engine itself has lost, on this computer; their names."""
        return []

    def needs(self) -> list[Finding]:
        """What this engine in particular needs of this computer, be it there or not."""
        return []

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
        """The local id of an image, with its digest's name in front; empty where the store lacks it."""
        done = self.call("image", "inspect", "--format", "{{.Id}}", name, check=False)
        told = done.stdout.strip()
        return _with_algorithm(told) if told and not done.returncode else ""

    def image_ids(self, names: Collection[str]) -> dict[str, str]:
        """The same for several images, by their whole names, in one call; those that the store lacks aren't in it."""
        if not names:
            return {}
        form = "{{.Id}}{{range .RepoTags}} {{.}}{{end}}"
        # Standard error and the status say that some are missing. There may be an empty line then.
        told = self.call("image", "inspect", "--format", form, *names, check=False).stdout
        lines = (line.split() for line in told.splitlines() if line.strip())
        found = {tag: _with_algorithm(id_) for id_, *tags in lines for tag in tags}
        return {name: found[name] for name in names if name in found}


def _run(argv: list[str], text: str = "", *, seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, input=text, encoding="utf-8", errors="replace", timeout=seconds, capture_output=True, check=False
    )


def _with_algorithm(image_id: str) -> str:
    return image_id if image_id.startswith("sha256:") else f"sha256:{image_id}"


def may_raise_limits() -> bool:
    """Whether root here may raise resource limits; in containers and small virtual machines it often may not."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return True
    match = re.search(r"^CapEff:\s*([0-9a-f]+)", status, re.MULTILINE)
    return os.geteuid() != 0 or not match or bool(int(match[1], 16) >> _CAP_SYS_RESOURCE & 1)


def ulimit_flags(*names: str) -> tuple[str, ...]:
    """Flags that lower a container's limits (`nofile`, `nproc`) where an engine couldn't set its own, high ones.

    That takes CAP_SYS_RESOURCE; lower ones are always allowed.
    """
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
