"""Which packages a machine has, in which version: what changes beneath a page without a commit."""

from __future__ import annotations

import contextlib
import re

from fencepost.errors import EngineError
from fencepost.machine.cache import cache_folder
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image
from fencepost.machine.ownership_labels import LABEL, owner
from fencepost.whole_files import write_whole

# One of these knows, on nearly every distribution. Told as `name version`, a line each. A pipeline ends as its last
# command does: without grep, dpkg would seem to be everywhere.
QUERY = (
    r"{ \command dpkg-query -W -f '${db:Status-Abbrev}${Package} ${Version}\n'"
    r" | \command sed -n 's/^i. *//p' | \command grep ."
    r" || \command rpm -qa --qf '%{NAME} %{VERSION}-%{RELEASE}\n'"
    r" || \command apk info -v || \command pacman -Q; } 2>/dev/null"
)
# Behind all of it: without this line, whoever told was interrupted.
_END = "that is all"
_SECONDS = 60
# What those four allow in names and versions: a page may have put something else in their place.
_WORD = r"[0-9A-Za-z.+:~^@_-]"
_LINE = re.compile(
    rf"^(?P<name>{_WORD}+) (?P<version>{_WORD}+)$|^(?P<apk>{_WORD}+?)-(?P<apk_version>[0-9]{_WORD}*-r[0-9]+)$"
)


def packages_in(told: str) -> dict[str, str]:
    """What `QUERY` printed, as versions by name; sorted, and empty where nothing knew."""
    found = (match for line in told.splitlines() if (match := _LINE.match(line.strip())))
    versions = {match["name"] or match["apk"]: match["version"] or match["apk_version"] for match in found}
    return dict(sorted(versions.items()))


def packages_of(engine: Engine, image: Image) -> dict[str, str] | None:
    """The packages in an image; empty where nothing in it knows, `None` where the engine failed. Neither hinders."""
    with contextlib.suppress(EngineError, OSError):
        kept = cache_folder() / "packages" / f"{re.sub('[^0-9a-zA-Z]', '-', image.id)}.txt"
        with contextlib.suppress(OSError):
            return packages_in(kept.read_text("utf-8"))
        flags = ["--rm", "--label", f"{LABEL}={owner()}", "--network", "none", "--pull", "never", *engine.run_options]
        command = ["run", *flags, "--entrypoint", "sh", image.id, "-c", f"{QUERY}; echo '{_END}'"]
        told, end, _ = engine.call(*command, seconds=_SECONDS, check=False).stdout.partition(f"{_END}\n")
        if not end:
            return None
        packages = packages_in(told)
        with contextlib.suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_whole(kept, told.encode())
        return packages
    return None
