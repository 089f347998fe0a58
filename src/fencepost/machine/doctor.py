"""What this computer, or the one that the engine is on, lacks for running pages, and the command that fixes it."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
from pathlib import Path

from fencepost.errors import EngineError
from fencepost.machine.cache import cache_path
from fencepost.machine.computer import computer_of
from fencepost.machine.engine import Engine, Finding, may_raise_limits
from fencepost.machine.engines.registry import engine_names, find_engine, packages
from fencepost.machine.vm.emulator import KVM
from fencepost.machine.warm.pool import why_not_warm
from fencepost.machine.warm.program import may_make_programs
from fencepost.settings import Settings

_ENOUGH_BYTES = 6 << 30


def examine() -> list[Finding]:
    """Looks at everything that pages need of this computer. Starts nothing and changes nothing."""
    found = [_engine(name) for name in engine_names()]
    engines = [engine for _, engine in found if engine]
    findings = [finding for finding, _ in found]
    if not engines:
        findings.append(Finding("engine", False, "no container engine works", f"sudo apt-get install {packages()[0]}"))
    for engine in engines:
        findings += [] if engine.remote else [finding for finding in engine.needs() if finding not in findings]
    if engines:
        findings.append(_warm(engines[0]))
    findings += _cache()
    if engines and all(engine.remote for engine in engines):
        told = "limits, KVM and space are those of the engine's computer: `fencepost doctor` there tells of them"
        return [*findings, Finding("elsewhere", None, told), _bootstrap()]
    disks = [_disk(engine) for engine in engines if not engine.remote]
    return [*findings, _limits(), _bootstrap(), *disks, _kvm()]


def _engine(name: str) -> tuple[Finding, Engine | None]:
    try:
        engine = find_engine(name)
        engine.call("info", "--format", engine.computer_template)
        return Finding(name, True, f"{name} {engine.version} answers{_whereabouts(engine)}"), engine
    except EngineError as error:
        installed = shutil.which(name) is not None
        return Finding(name, None if not installed else False, error.message, error.fix), None


def _whereabouts(engine: Engine) -> str:
    if not engine.remote:
        return ""
    there = computer_of(engine)
    processors = "a processor" if there.processors == 1 else f"{there.processors} processors"
    return f" at {engine.remote}: {there.name}, {processors}, {there.memory / 1024:.3g} GiB of memory"


def _warm(engine: Engine) -> Finding:
    if why := why_not_warm(engine, Settings.model_validate({})):
        return Finding("warm", None, f"each page gets a container of its own: {why}")
    if not may_make_programs():
        told = "each page gets a container of its own, but on sites of many pages: a C compiler would change that"
        return Finding("warm", None, told, "sudo apt-get install gcc libc6-dev")
    return Finding("warm", True, "pages without a network share a container, and are there within milliseconds")


def _limits() -> Finding:
    if may_raise_limits():
        return Finding("limits", True, "resource limits can be set")
    return Finding("limits", None, "CAP_SYS_RESOURCE is missing here; containers get the limits that are allowed")


def _bootstrap() -> Finding:
    if shutil.which("mmdebstrap"):
        return Finding("mmdebstrap", True, "base images can be made from Debian's packages")
    told = "base images come from a registry only; without one, mmdebstrap makes them"
    return Finding("mmdebstrap", None, told, "sudo apt-get install mmdebstrap")


def _cache() -> list[Finding]:
    """What hinders Fencepost from keeping what took long to make; nothing where nothing does."""
    path = cache_path()
    # A folder above it may not let anybody look.
    with contextlib.suppress(OSError):
        there = next(place for place in (path, *path.parents) if place.exists())
        if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
            return []
    told = f"{path} can't be written, where locks are and what took long to make is kept"
    return [Finding("cache", False, told, "set XDG_CACHE_HOME to a folder that can be written")]


def _disk(engine: Engine) -> Finding:
    try:
        storage = engine.call("info", "--format", engine.storage_template).stdout.strip()
        free = shutil.disk_usage(storage).free
    except EngineError as error:
        return Finding("disk", None, error.message, error.fix)
    except OSError as error:
        # The daemon may be in a virtual machine of its own.
        return Finding("disk", None, f"nobody knows how much is free in {storage} of {engine.name}: {error.strerror}")
    told = f"{free / (1 << 30):.0f} GiB free in {storage} for {engine.name}'s images and virtual machines"
    return Finding("disk", free >= _ENOUGH_BYTES, f"{told}, which take some 2 each", "fencepost machines remove --all")


def _kvm() -> Finding:
    if platform.machine() != "x86_64":
        return Finding("kvm", None, f"no virtual machines on {platform.machine()}: their pages are skipped, and say so")
    if os.access(KVM, os.R_OK | os.W_OK):
        told = f"{KVM} is there; it is tried before the first virtual machine boots, and emulation stands in for it"
        return Finding("kvm", True, told)
    told = "virtual machines are emulated, which takes several times as long"
    fix = "sudo usermod -aG kvm $USER, and log in again" if Path(KVM).exists() else ""
    return Finding("kvm", None, f"no usable {KVM}: {told}", fix)
