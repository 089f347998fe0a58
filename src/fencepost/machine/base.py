"""Base images of Containerfiles: found in the engine's store, pulled, or else made from Debian's packages."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import subprocess
import time
from pathlib import Path

from fencepost.errors import EngineError
from fencepost.machine.cache import cache_folder, ensure_folder, locked, write_errors
from fencepost.machine.engine import RESOLVER_OPTIONS, Engine
from fencepost.machine.making import Making
from fencepost.whole_files import part_of

OWN_PREFIX = "localhost/fencepost-base/"
_SUITES = {
    "12": "bookworm",
    "bookworm": "bookworm",
    "13": "trixie",
    "trixie": "trixie",
    "testing": "testing",
    "stable": "stable",
    "sid": "unstable",
    "unstable": "unstable",
}
_DEBIAN = re.compile(r"^debian:(?P<tag>[a-z0-9]+?)(?:-slim)?$")
# Seconds in which a registry must begin to answer; an unreachable one keeps silent, or retries.
_CONTACT_SECONDS = 10
_PULL_SECONDS = 900
_IMPORT_SECONDS = 600
_KEPT_SECONDS = 7 * 86400
# When machines are built again, all those of a site use the same fresh packages.
_AGAIN_SECONDS = 3600


def provide_base(engine: Engine, name: str, making: Making) -> str:
    """Pull or make a base image, unless the engine's store has it.

    Args:
        engine: the engine.
        name: its name in the Containerfile's FROM.
        making: how it is made. If it can't be made anew, the one in the store is used.

    Returns:
        The name to build from.

    Raises:
        EngineError: when it can be neither pulled nor made.
    """
    own = OWN_PREFIX + name
    kept = next((candidate for candidate in (own, name) if engine.image_id(candidate)), "")
    # Where pulling is switched off, keep an image that the user has loaded.
    if kept and not (making.again and (making.may_pull or kept == own)):
        return kept
    match = _DEBIAN.match(name)
    suite = _SUITES.get(match["tag"]) if match else None
    with locked(f"base-{engine.name}-{name}", making, waits_for=f"waiting for {name}, which is being made"):
        if not making.again and engine.image_id(own):
            return own
        why = "pulling is switched off"
        if making.may_pull:
            making.does(f"asking the registry for {name}")
            why = _pull(engine, name, making)
            if not why:
                if kept == own:
                    # Otherwise this older one would be preferred.
                    engine.call("rmi", own, check=False)
                return name
        try:
            if not suite:
                raise EngineError(
                    f"the base image {name} is not available: {why}",
                    f"bring it into the engine's store by hand ({engine.name} load), or start from a debian: image, "
                    "which can be made from Debian's packages",
                )
            _bootstrap(engine, own, suite, making)
        except EngineError as error:
            if not kept or making.cancelled.is_set():
                raise
            making.does(f"going on with {kept} as it is: {error.message}")
            return kept
    return own


def _pull(engine: Engine, name: str, making: Making) -> str:
    """Pull an image; return the reason if that fails, and an empty string otherwise."""
    process = subprocess.Popen(
        engine.argv("pull", name), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    started = time.monotonic()
    output = b""
    assert process.stdout is not None
    try:
        while time.monotonic() - started < _PULL_SECONDS:
            making.check()
            has_answered = re.search(engine.registry_answer.encode(), output)
            if not has_answered and time.monotonic() - started > _CONTACT_SECONDS:
                return f"its registry didn't answer within {_CONTACT_SECONDS} s"
            if select.select([process.stdout], [], [], 0.2)[0]:
                chunk = os.read(process.stdout.fileno(), 65536)
                if not chunk:
                    break
                output += chunk
        if process.wait(30) == 0:
            return ""
        lines = output.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "the engine gave no reason"
    except subprocess.TimeoutExpired:
        return "the engine didn't finish"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _bootstrap(engine: Engine, image: str, suite: str, making: Making) -> None:
    if not shutil.which("mmdebstrap"):
        raise EngineError(
            f"no registry answers, and mmdebstrap, which would make {image.removeprefix(OWN_PREFIX)} from Debian's "
            "packages, is not installed",
            "sudo apt-get install mmdebstrap",
        )
    with locked(f"bootstrap-{suite}", making):
        tar = _tar_of(suite, making)
        making.does(f"importing Debian {suite} into {engine.name}")
        command = engine.argv("import", "--change", "CMD bash", str(tar), image)
        done = making.run(command, seconds=_IMPORT_SECONDS, patience=engine.stores_seconds)
        if done.returncode:
            raise EngineError(f"{engine.name} import failed: {done.stdout.strip()}", engine.fix_for(done.stdout))


def _tar_of(suite: str, making: Making) -> Path:
    tar = ensure_folder(cache_folder() / "bases") / f"debian-{suite}.tar"
    # Don't reuse one dated in the future, because of a wrong clock: it would be kept until then.
    if tar.is_file() and 0 <= time.time() - tar.stat().st_mtime < (_AGAIN_SECONDS if making.again else _KEPT_SECONDS):
        return tar
    making.does(f"making Debian {suite} from its packages")
    # Write it under another name first, so that a full disk or a Ctrl-C leaves no partial file under this one.
    part = part_of(tar)
    try:
        problem = _mmdebstrap(making, suite, part)
        if "is expired" in problem:
            # A mirror that is a snapshot some weeks old has a Release file past its date.
            making.does(f"going on with an old snapshot of Debian {suite}: the mirror's list has expired")
            problem = _mmdebstrap(making, suite, part, '--aptopt=Acquire::Check-Valid-Until "false"')
        if problem:
            raise EngineError(f"Debian {suite} could not be made from its packages: {problem}")
        with write_errors(tar):
            part.replace(tar)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
    return tar


def _mmdebstrap(making: Making, suite: str, target: Path, *options: str) -> str:
    """Make a tar of a minimal Debian; return the error if that fails, and an empty string otherwise."""
    command = [
        *("env", f"RES_OPTIONS={' '.join(RESOLVER_OPTIONS)}"),
        *("mmdebstrap", "--variant=minbase", "--format=tar", *options, suite, str(target)),
    ]
    try:
        done = making.run(command, seconds=1800)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    errors = [line for line in done.stdout.splitlines() if line.startswith("E:")]
    return " ".join(errors) or f"exit status {done.returncode}"
