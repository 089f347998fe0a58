"""The ways from a page to what is published beside it, and into its machine."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fencepost.render import places
from fencepost.run_key import RunKey
from fencepost.session.bash_traps import quoted

_PLAIN = re.compile(r"[\w./@:+,=-]+", re.ASCII)


@dataclass(frozen=True)
class Links:
    """The ways from one page.

    Attributes:
        page: the page's name.
        up: the way from the page to the site's root; `None` where it isn't known, or where nothing is published.
        machines: the page's machines.
        scripted: whether there is a script of its steps.
    """

    page: str
    up: str | None
    machines: tuple[str, ...]
    scripted: bool = True

    def run(self, machine: str, step: str = "") -> str | None:
        """To its run on a machine, to be read; at a step, if one is given."""
        return self._to(places.run_of(self._key(machine)), step)

    def cast(self, machine: str) -> str | None:
        """To the recording of that run."""
        return self._to(places.cast_of(self._key(machine)))

    def script(self, machine: str) -> str | None:
        """To all its steps as a script."""
        return None if not self.scripted else self._to(places.script_of(self._key(machine)))

    def script_name(self, machine: str) -> str:
        """What to call that script where it is kept."""
        stem = self.page.rpartition("/")[2].removesuffix(".md")
        return f"{stem}-{machine}.sh"

    def command(self, machine: str) -> str:
        """The command that leads into a machine of the page, its steps replayed; ` --after STEP` may follow."""
        words = ["fencepost", "shell", self.page]
        if len(self.machines) > 1:
            words += ["--machine", machine]
        return " ".join(word if _PLAIN.fullmatch(word) else quoted(word) for word in words)

    def _key(self, machine: str) -> RunKey:
        return RunKey(self.page, machine)

    def _to(self, path: str, step: str = "") -> str | None:
        if self.up is None:
            return None
        return places.address(path, self.up) + (f"#{places.address(step)}" if step else "")
