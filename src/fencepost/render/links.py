"""Links from a page to what is published beside it, and the command that opens its machine."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fencepost.render import places
from fencepost.run_key import RunKey
from fencepost.session.bash_traps import quoted

_PLAIN = re.compile(r"[\w./@:+,=-]+", re.ASCII)


@dataclass(frozen=True)
class Links:
    """The links of one page. A method returns `None` where there is nothing to link to.

    Attributes:
        page: the page's name.
        up: the relative URL of the site's root; `None` if it is unknown, or if nothing is published.
        machines: the page's machines.
        scripted: True if the steps are published as a script.
    """

    page: str
    up: str | None
    machines: tuple[str, ...]
    scripted: bool = True

    def run(self, machine: str, step: str = "") -> str | None:
        """Return the URL of its run on a machine as text, at a step if one is given."""
        return self._to(places.run_of(self._key(machine)), step)

    def cast(self, machine: str) -> str | None:
        """Return the URL of the recording of that run."""
        return self._to(places.cast_of(self._key(machine)))

    def script(self, machine: str) -> str | None:
        """Return the URL of the script with all its steps."""
        return None if not self.scripted else self._to(places.script_of(self._key(machine)))

    def script_name(self, machine: str) -> str:
        """Return the file name under which a browser saves that script."""
        stem = self.page.rpartition("/")[2].removesuffix(".md")
        return f"{stem}-{machine}.sh"

    def command(self, machine: str) -> str:
        """Return the command that opens a shell in a machine after the page's steps; ` --after STEP` may follow."""
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
