"""A machine as its author writes it: a folder with a Containerfile and, if needed, a `machine.toml`."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from fencepost.errors import MachineError
from fencepost.settings import Memory, at_least, validated_table, with_hyphens

# The name becomes part of an image's name, of node ids in pytest and of file names.
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
# The script that readers download exports it.
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Those of <linux/capability.h>, and the engines' word for all of them.
_CAPABILITIES = frozenset(
    {"ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN"}
    | {"DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE"}
    | {"LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST"}
    | {"NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT"}
    | {"SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME"}
    | {"SYS_TTY_CONFIG", "WAKE_ALARM"}
)


def can_name_a_machine(name: str) -> bool:
    """Whether a machine can be called that, be there one or not."""
    return _NAME.fullmatch(name) is not None


class MachineSettings(BaseModel):
    """What `machine.toml` may say."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=with_hyphens, populate_by_name=True)

    kind: Literal["container", "vm"] = Field("container", description="What the machine is.")
    title: str = Field("", max_length=60, description="What readers call it; its name where empty.")
    memory: Memory = Field(
        "", pattern=r"^([0-9]{1,18}[kmgKMG]?)?$", description="Its memory; the site's default where empty."
    )
    capabilities: tuple[str, ...] = Field((), description="Linux capabilities of a container beyond the default ones.")
    env: dict[str, str] = Field(default_factory=dict, description="Environment variables of every session.")
    isolation: Literal["auto", "container"] = Field(
        "auto", description="`container` gives each of its pages a container of its own, never a warm one."
    )
    boot: Literal["linux", "xen"] = Field("linux", description="What a virtual machine boots.")
    processors: int = Field(2, ge=1, le=64, description="How many processors a virtual machine has.")
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
            raise PydanticCustomError("env", "takes values in which no character is null")
        return value


@dataclass(frozen=True)
class MachineDefinition:
    """One machine.

    Attributes:
        name: the folder's name.
        folder: where its Containerfile lies; also the build's context.
        settings: its `machine.toml`.
        file: the Containerfile's name relative to the site, for errors.
    """

    name: str
    folder: Path
    settings: MachineSettings
    file: str

    @property
    def containerfile(self) -> Path:
        """Where its Containerfile lies."""
        return self.folder / "Containerfile"

    @cached_property
    def digest(self) -> str:
        """A digest of everything that its image is built from, base images' contents left aside."""
        told = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            name = os.fsencode(path.relative_to(self.folder))
            if name != b"machine.toml":
                told.update(_told_of(path, name))
        return told.hexdigest()


def _told_of(path: Path, name: bytes) -> bytes:
    """What a file, a link or an empty folder adds to a digest.

    A plain file's name and content, as ever: with another byte, each machine there is would be built again. No name
    begins with a zero, and no file's ends with a slash, so what is added for the others can't be taken for a file.
    """
    told = b""
    if path.is_file():
        with path.open("rb") as file:
            told = name + b"\0" + hashlib.file_digest(file, "sha256").digest()
        # The other bits depend on the umask of whoever checked it out.
        if path.stat().st_mode & stat.S_IXUSR:
            told += b"\0"
    if path.is_symlink():
        told += name + b"/\0" + hashlib.sha256(os.fsencode(path.readlink())).digest()
    elif path.is_dir() and not any(path.iterdir()):
        told += name + b"/\0" + hashlib.sha256().digest()
    return told


def read_machines(folder: Path, root: Path) -> dict[str, MachineDefinition]:
    """The machines in `folder`, by name.

    Args:
        folder: the site's `machines/`; none is the same as an empty one.
        root: the site's folder, to name files by.

    Raises:
        MachineError: for a folder without a Containerfile, an impossible name, or a `machine.toml` that is no TOML.
        SiteError: for a wrong setting in it.
    """
    machines = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir() and not path.name.startswith("."):
            machines[path.name] = _read_machine(path, root)
    return machines


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
