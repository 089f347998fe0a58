"""The definition of a machine: a folder with a Containerfile and, if needed, a `machine.toml`."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import tomllib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from fencepost.errors import MachineError
from fencepost.machine.containerfile import base_images
from fencepost.settings import Memory, at_least, validated_table, with_hyphens

# The name becomes part of an image's name, of node ids in pytest and of file names.
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
# Names that a shell can export, as the script that readers download does.
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The names in <linux/capability.h>, and `ALL`, which engines take for all of them.
_CAPABILITIES = frozenset(
    {"ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN"}
    | {"DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE"}
    | {"LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST"}
    | {"NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT"}
    | {"SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME"}
    | {"SYS_TTY_CONFIG", "WAKE_ALARM"}
)


def can_name_a_machine(name: str) -> bool:
    """Return whether a name is valid for a machine."""
    return _NAME.fullmatch(name) is not None


class MachineSettings(BaseModel):
    """The settings in `machine.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=with_hyphens, populate_by_name=True)

    kind: Literal["container", "vm"] = Field("container", description="A container or a virtual machine.")
    title: str = Field("", max_length=60, description="Its name for readers; the folder's name by default.")
    memory: Memory = Field(
        "", pattern=r"^([0-9]{1,18}[kmgKMG]?)?$", description="Its memory; the site's setting by default."
    )
    capabilities: tuple[str, ...] = Field((), description="Linux capabilities of a container beyond the default ones.")
    env: dict[str, str] = Field(default_factory=dict, description="Environment variables of every session.")
    isolation: Literal["auto", "container"] = Field(
        "auto", description="`container` gives each of its pages a container of its own, never a warm one."
    )
    boot: Literal["linux", "xen"] = Field("linux", description="The kernel or hypervisor that a virtual machine boots.")
    processors: int = Field(2, ge=1, le=64, description="The number of a virtual machine's processors.")
    disk: Annotated[str, at_least("64m")] = Field(
        "8g", pattern=r"^[0-9]{1,18}[mgMG]$", description="The size of a virtual machine's disk."
    )
    boot_timeout: int = Field(900, ge=10, le=86400, description="Seconds that a virtual machine may take to boot.")

    @field_validator("boot", "processors", "disk", "boot_timeout")
    @classmethod
    def _is_for_virtual_machines(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("kind") == "container":
            raise PydanticCustomError("kind", 'is for virtual machines: add `kind = "vm"`, or drop it')
        return value

    @field_validator("capabilities")
    @classmethod
    def _is_for_containers(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if value and info.data.get("kind") == "vm":
            raise PydanticCustomError("kind", "is for containers: in a virtual machine, root may do everything")
        if not {name.upper().removeprefix("CAP_") for name in value} <= _CAPABILITIES:
            raise PydanticCustomError("capabilities", "takes names that Linux knows, such as `SYS_ADMIN`")
        return value

    @field_validator("env")
    @classmethod
    def _can_be_exported(cls, value: dict[str, str]) -> dict[str, str]:
        if not all(map(_VARIABLE.fullmatch, value)):
            raise PydanticCustomError("env", "takes names of letters, digits and underscores")
        if any("\0" in text for text in value.values()):
            raise PydanticCustomError("env", "takes values without null characters")
        return value


@dataclass(frozen=True)
class MachineDefinition:
    """The definition of one machine.

    Attributes:
        name: the folder's name.
        folder: the folder of its Containerfile, which is the build's context.
        settings: its `machine.toml`.
        file: the Containerfile's name relative to the site, for errors.
        bases: the machines that it starts from: those that its FROM lines name as `localhost/NAME`.
    """

    name: str
    folder: Path
    settings: MachineSettings
    file: str
    bases: tuple[MachineDefinition, ...] = ()

    @property
    def from_name(self) -> str:
        """The name with which other machines start from it."""
        return f"localhost/{self.name}"

    @property
    def containerfile(self) -> Path:
        """The path of its Containerfile."""
        return self.folder / "Containerfile"

    @cached_property
    def digest(self) -> str:
        """A digest of everything that its image is built from, except the contents of base images."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            name = os.fsencode(path.relative_to(self.folder))
            if name != b"machine.toml":
                digest.update(_digested_part(path, name))
        for base in self.bases:
            digest.update(base.digest.encode())
        return digest.hexdigest()


def _digested_part(path: Path, name: bytes) -> bytes:
    """Return what a file, a link or an empty folder adds to a machine's digest.

    For a plain file, its name and content. That must not change, or every machine would be built again. Links and
    folders have a slash after the name, and executables a zero at the end, so that no plain file adds the same.
    """
    part = b""
    if path.is_file():
        with path.open("rb") as file:
            part = name + b"\0" + hashlib.file_digest(file, "sha256").digest()
        # The other permissions depend on the umask at the checkout.
        if path.stat().st_mode & stat.S_IXUSR:
            part += b"\0"
    if path.is_symlink():
        part += name + b"/\0" + hashlib.sha256(os.fsencode(path.readlink())).digest()
    elif path.is_dir() and not any(path.iterdir()):
        part += name + b"/\0" + hashlib.sha256().digest()
    return part


def read_machines(folder: Path, root: Path) -> dict[str, MachineDefinition]:
    """Read the machines in `folder`, by name.

    Args:
        folder: the site's folder of machines; it needn't exist.
        root: the site's folder; messages name files relative to it.

    Raises:
        MachineError: for a folder without a Containerfile, an invalid name, a `machine.toml` that isn't TOML, or
            machines that start from each other.
        SiteError: for a wrong setting in a `machine.toml`.
    """
    machines = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir() and not path.name.startswith("."):
            machines[path.name] = _read_machine(path, root)
    for name in machines:
        _find_bases(name, machines, ())
    return machines


def _find_bases(name: str, machines: dict[str, MachineDefinition], above: tuple[str, ...]) -> MachineDefinition:
    """Replace a machine, and first those that it starts from, by one that knows its bases; return it.

    Args:
        name: its name.
        machines: all machines of the site.
        above: the machines that start from it.

    Raises:
        MachineError: when it starts from itself.
    """
    machine = machines[name]
    text = ""
    # Only pages that need a machine fail because its files can't be read.
    with contextlib.suppress(OSError):
        text = machine.containerfile.read_text("utf-8", errors="replace")
    bases = []
    for base in base_images(text):
        other = base.image.removeprefix("localhost/")
        if other == base.image or other not in machines:
            continue
        if other in {*above, name}:
            way = " from ".join([*above, name, other])
            raise MachineError(
                f"starts from itself: {way}", "start one of them from another image", machine.file, base.line
            )
        bases.append(_find_bases(other, machines, (*above, name)))
    machines[name] = replace(machine, bases=tuple(bases))
    return machines[name]


def _read_machine(folder: Path, root: Path) -> MachineDefinition:
    shown = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)
    if not can_name_a_machine(folder.name):
        raise MachineError(
            f"`{folder.name}` can't name a machine", "use small letters, digits, dots and hyphens", file=shown
        )
    if not (folder / "Containerfile").is_file():
        fix = "rename the Dockerfile" if (folder / "Dockerfile").is_file() else "add one, or remove the folder"
        raise MachineError("no Containerfile in this machine's folder", fix, file=shown)
    toml = folder / "machine.toml"
    settings = MachineSettings.model_validate({})
    if toml.is_file():
        try:
            table = tomllib.loads(toml.read_text("utf-8"))
        except (ValueError, RecursionError, OSError) as error:
            raise MachineError(f"can't be read as TOML: {error}", file=f"{shown}/machine.toml") from error
        settings = validated_table(MachineSettings, table, toml, f"{shown}/machine.toml")
    return MachineDefinition(folder.name, folder, settings, f"{shown}/Containerfile")
