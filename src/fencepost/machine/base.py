"""The base image that a Containerfile starts from: in the engine's store, from a registry, or made from Debian's
packages where no registry can be reached.
"""

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
from fencepost.machine.engine import Engine
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
# A registry that is reached answers within the time; an unreachable one keeps silent, or retries.
_CONTACT_SECONDS = 10
_PULL_SECONDS = 900
_IMPORT_SECONDS = 600
_KEPT_SECONDS = 7 * 86400
# All machines of a site are built again in one go: each from the same fresh packages.
_AGAIN_SECONDS = 3600


def provide_base(engine: Engine, name: str, making: Making) -> str:
    """Sees to it that a base image is in the engine's store.

    Args:
        engine: the engine.
        name: as the Containerfile's FROM has it.
        making: how it is made. Where it can't be made anew, the one that is there is good enough.

    Returns:
        The name to build from.

    Raises:
        EngineError: when it can't be had.
    """
    own = OWN_PREFIX + name
    kept = next((candidate for candidate in (own, name) if engine.image_id(candidate)), "")
    # Where pulling is switched off, an image was brought into the store by somebody who wants that one.
    if kept and not (making.again and (making.may_pull or kept == own)):
        return kept
    match = _DEBIAN.match(name)
    suite = _SUITES.get(match["tag"]) if match else None
    with locked(f"base-{engine.name}-{name}", making):
        if not making.again and engine.image_id(own):
            return own
        why = "pulling is switched off"
        if making.may_pull:
            making.say(f"asking the registry for {name}")
            why = _pull(engine, name, making)
            if not why:
                if kept == own:
                    # It is the older one now, and would be preferred.
                    engine.call("rmi", own, check=False)
                return name
        try:
            if not suite:
                raise EngineError(
                    f"the base image {name} can't be had: {why}",
                    f"bring it into the engine's store by hand ({engine.name} load), or start from a debian: image, "
                    "which can be made from Debian's packages",
                )
            _bootstrap(engine, own, suite, making)
        except EngineError as error:
            if not kept or making.cancelled.is_set():
                raise
            making.say(f"going on with {kept} as it is: {error.message}")
            return kept
    return own


def _pull(engine: Engine, name: str, making: Making) -> str:
    """Pulls an image; the reason why not, or nothing."""
    process = subprocess.Popen(
        engine.argv("pull", name), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    started = time.monotonic()
    told = b""
    assert process.stdout is not None
    try:
        while time.monotonic() - started < _PULL_SECONDS:
            making.check()
            if not re.search(engine.registry_answer.encode(), told) and time.monotonic() - started > _CONTACT_SECONDS:
                return f"its registry didn't answer within {_CONTACT_SECONDS} s"
            if select.select([process.stdout], [], [], 0.2)[0]:
                chunk = os.read(process.stdout.fileno(), 65536)
                if not chunk:
                    break
                told += chunk
        if process.wait(30) == 0:
            return ""
        lines = told.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "the engine gave no reason"
    except subprocess.TimeoutExpired:
        return "the engine didn't come to an end"
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
        making.say(f"importing Debian {suite} into {engine.name}")
        command = engine.argv("import", "--change", "CMD bash", str(tar), image)
        done = making.run(command, seconds=_IMPORT_SECONDS, patience=engine.stores_seconds)
        if done.returncode:
            raise EngineError(f"{engine.name} import failed: {done.stdout.strip()}", engine.fix_for(done.stdout))


def _tar_of(suite: str, making: Making) -> Path:
    tar = ensure_folder(cache_folder() / "bases") / f"debian-{suite}.tar"
    # Not one from the future: a clock was wrong, and it would be kept for as long.
    if tar.is_file() and 0 <= time.time() - tar.stat().st_mtime < (_AGAIN_SECONDS if making.again else _KEPT_SECONDS):
        return tar
    making.say(f"making Debian {suite} from its packages, which takes half a minute")
    # Written aside and moved into place, so that a full disk or a Ctrl-C leaves nothing that looks whole.
    part = part_of(tar)
    try:
        told = _mmdebstrap(making, suite, part)
        if "is expired" in told:
            # A mirror that is a snapshot some weeks old has a Release file past its date.
            making.say(f"the mirror's list of Debian {suite} has expired: it is an old snapshot; going on with it")
            told = _mmdebstrap(making, suite, part, '--aptopt=Acquire::Check-Valid-Until "false"')
        if told:
            raise EngineError(f"Debian {suite} could not be made from its packages: {told}")
        with write_errors(tar):
            part.replace(tar)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
    return tar


def _mmdebstrap(making: Making, suite: str, target: Path, *options: str) -> str:
    """Makes a tar of a minimal Debian; what went wrong, or nothing."""
    command = ["mmdebstrap", "--variant=minbase", "--format=tar", *options, suite, str(target)]
    try:
        done = making.run(command, seconds=1800)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    wrong = [line for line in done.stdout.splitlines() if line.startswith("E:")]
    return " ".join(wrong) or f"exit status {done.returncode}"
