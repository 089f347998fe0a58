"""A page among the others of its site, with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fencepost.record.history import Run
from fencepost.render.standing import PageStanding


@dataclass(frozen=True)
class SitePage:
    """A page with a machine.

    Attributes:
        name: its file, relative to the site's folder.
        title: what it is called.
        url: its address, relative to the site's root; `None` where that isn't known.
        standing: where it stands.
        runs: what became of it run after run, by machine, oldest first.
    """

    name: str
    title: str
    url: str | None
    standing: PageStanding
    runs: Mapping[str, Sequence[Run]] = field(default_factory=dict)
