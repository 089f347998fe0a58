"""The packages of a machine and their versions, which can change without a commit."""

from __future__ import annotations

import contextlib
import re

from fencepost.errors import EngineError
from fencepost.machine.cache import cache_folder
from fencepost.machine.engine import Engine
from fencepost.machine.image import Image
from fencepost.machine.ownership_labels import LABEL, owner
from fencepost.whole_files import write_whole

# Prints `name version` lines on nearly every distribution, with the first of these that works. Without grep, a missing
# dpkg would pass, because a pipeline ends as its last command does.
QUERY = (
    r"{ \command dpkg-query -W -f '${db:Status-Abbrev}${Package} ${Version}\n'"
    r" | \command sed -n 's/^i. *//p' | \command grep ."
    r" || \command rpm -qa --qf '%{NAME} %{VERSION}-%{RELEASE}\n'"
    r" || \command apk info -v || \command pacman -Q; } 2>/dev/null"
)
# The last line. If it is missing, the output was cut off.
_END = "that is all"
_SECONDS = 60
# The characters of names and versions with these four: a page may have replaced the programs.
_WORD = r"[0-9A-Za-z.+:~^@_-]"
_LINE = re.compile(
    rf"^(?P<name>{_WORD}+) (?P<version>{_WORD}+)$|^(?P<apk>{_WORD}+?)-(?P<apk_version>[0-9]{_WORD}*-r[0-9]+)$"
)


def packages_in(output: str) -> dict[str, str]:
    """Return the packages in the output of `QUERY`, as versions by name, sorted; empty if none are listed."""
    matches = (match for line in output.splitlines() if (match := _LINE.match(line.strip())))
    versions = {match["name"] or match["apk"]: match["version"] or match["apk_version"] for match in matches}
    return dict(sorted(versions.items()))


def packages_of(engine: Engine, image: Image) -> dict[str, str] | None:
    """Return the packages in an image; empty if it has no package manager, `None` if the engine failed."""
    with contextlib.suppress(EngineError, OSError):
        kept = cache_folder() / "packages" / f"{re.sub('[^0-9a-zA-Z]', '-', image.id)}.txt"
        with contextlib.suppress(OSError):
            return packages_in(kept.read_text("utf-8"))
        flags = ["--rm", "--label", f"{LABEL}={owner()}", "--network", "none", "--pull", "never", *engine.run_options]
        command = ["run", *flags, "--entrypoint", "sh", image.id, "-c", f"{QUERY}; echo '{_END}'"]
        output, end, _ = engine.call(*command, seconds=_SECONDS, check=False).stdout.partition(f"{_END}\n")
        if not end:
            return None
        packages = packages_in(output)
        with contextlib.suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_whole(kept, output.encode())
        return packages
    return None
