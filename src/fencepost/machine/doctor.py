"""Examines what this computer, or the engine's, lacks for running pages, with the commands that fix it."""

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
    """Examine everything that pages need of this computer, without starting or changing anything."""
    examined = [_engine(name) for name in engine_names()]
    engines = [engine for _, engine in examined if engine]
    findings = [finding for finding, _ in examined]
    if not engines:
        findings.append(Finding("engine", False, "no container engine works", f"sudo apt-get install {packages()[0]}"))
    for engine in engines:
        findings += [] if engine.remote else [finding for finding in engine.needs() if finding not in findings]
    if engines:
        findings.append(_warm(engines[0]))
    findings += _cache()
    if engines and all(engine.remote for engine in engines):
        text = "limits, KVM and space are those of the engine's computer: run `fencepost doctor` there"
        return [*findings, Finding("elsewhere", None, text), _bootstrap()]
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
    computer = computer_of(engine)
    processors = "a processor" if computer.processors == 1 else f"{computer.processors} processors"
    return f" at {engine.remote}: {computer.name}, {processors}, {computer.memory / 1024:.3g} GiB of memory"


def _warm(engine: Engine) -> Finding:
    if why := why_not_warm(engine, Settings.model_validate({})):
        return Finding("warm", None, f"each page gets a container of its own: {why}")
    if not may_make_programs():
        text = "without a C compiler, pages share a warm container only on sites of many pages"
        return Finding("warm", None, text, "sudo apt-get install gcc libc6-dev")
    return Finding("warm", True, "pages without a network share a warm container, and start within milliseconds")


def _limits() -> Finding:
    if may_raise_limits():
        return Finding("limits", True, "resource limits can be set")
    return Finding("limits", None, "CAP_SYS_RESOURCE is missing here; containers get the limits that are allowed")


def _bootstrap() -> Finding:
    if shutil.which("mmdebstrap"):
        return Finding("mmdebstrap", True, "base images can be made from Debian's packages")
    text = "base images come only from a registry; where none answers, mmdebstrap could make them"
    return Finding("mmdebstrap", None, text, "sudo apt-get install mmdebstrap")


def _cache() -> list[Finding]:
    """Return a finding if the cache can't be written."""
    path = cache_path()
    # A folder above it may not be readable.
    with contextlib.suppress(OSError):
        existing = next(place for place in (path, *path.parents) if place.exists())
        if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
            return []
    text = f"{path} can't be written: Fencepost keeps its locks there, and what takes long to make"
    return [Finding("cache", False, text, "set XDG_CACHE_HOME to a folder that can be written")]


def _disk(engine: Engine) -> Finding:
    try:
        storage = engine.call("info", "--format", engine.storage_template).stdout.strip()
        free = shutil.disk_usage(storage).free
    except EngineError as error:
        return Finding("disk", None, error.message, error.fix)
    except OSError as error:
        # The daemon may be in a virtual machine of its own.
        return Finding("disk", None, f"the free space in {storage} of {engine.name} is unknown: {error.strerror}")
    text = f"{free / (1 << 30):.0f} GiB free in {storage} for {engine.name}'s images and virtual machines"
    fix = "fencepost machines remove --all"
    return Finding("disk", free >= _ENOUGH_BYTES, f"{text}, which take about 2 GiB each", fix)


def _kvm() -> Finding:
    if platform.machine() != "x86_64":
        return Finding("kvm", None, f"no virtual machines on {platform.machine()}: their pages are skipped, and say so")
    if os.access(KVM, os.R_OK | os.W_OK):
        text = f"{KVM} is there; if it turns out not to work, virtual machines are emulated"
        return Finding("kvm", True, text)
    text = f"no usable {KVM}: virtual machines are emulated, which takes several times as long"
    fix = "sudo usermod -aG kvm $USER, and log in again" if Path(KVM).exists() else ""
    return Finding("kvm", None, text, fix)
