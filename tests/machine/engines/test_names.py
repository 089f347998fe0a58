"""An engine's name is only in its own file, so that a further engine is one more file."""

from __future__ import annotations

import re
from pathlib import Path

from fencepost.machine.engines.registry import OWN_NAMES

SOURCE = Path(__file__).parents[3] / "src" / "fencepost"
OWN = {f"machine/engines/{name}.py" for name in OWN_NAMES}
# Names of files that are in images and in folders of machines, whichever engine there is; and where engines are listed.
ALLOWED = {
    "machine/definition.py": {"Dockerfile"},
    "machine/vm/disk_maker.py": {"dockerenv"},
    "machine/engines/registry.py": {"podman", "Podman", "docker", "Docker"},
}


def test_only_an_engines_own_file_names_it() -> None:
    word = re.compile(rf"(?:{'|'.join(OWN_NAMES)})\w*", re.IGNORECASE)
    found = {
        path.relative_to(SOURCE).as_posix(): set(word.findall(path.read_text("utf-8"))) for path in SOURCE.rglob("*.py")
    }
    assert {name: words for name, words in found.items() if words and name not in OWN} == ALLOWED
