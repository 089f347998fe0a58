"""The machines of live mode, which are kept until the site's machines or settings change."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from fencepost.check.known_packages import KnownPackages
from fencepost.errors import FencepostError
from fencepost.machine.engines.registry import find_engine
from fencepost.machine.fleet import Fleet
from fencepost.machine.ownership_labels import remove_left_behind
from fencepost.machine.progress import Progress
from fencepost.record.store import RecordStore
from fencepost.site.site import Site


@dataclass(frozen=True)
class Machines:
    """The machines of a site, and their packages.

    Attributes:
        made_for: the settings and machine definitions that they were made for.
        fleet: opens the machines.
        packages: the packages of their images.
    """

    made_for: tuple[object, ...]
    fleet: Fleet
    packages: KnownPackages

    def fit(self, site: Site) -> bool:
        """Return whether they are still right for a site."""
        return self.made_for == _made_for(site)

    def close(self) -> None:
        """End the machines that no page uses."""
        self.packages.close()
        self.fleet.close()


def machines_of(site: Site, progress: Progress) -> Machines:
    """Return the machines of a site, after removing what killed processes have left behind.

    Args:
        site: the site.
        progress: receives the progress of machines that are made.

    Raises:
        EngineError: when there is no engine.
    """
    engine = find_engine(site.settings.engine)
    with contextlib.suppress(FencepostError):
        remove_left_behind(engine)
    return Machines(
        _made_for(site), Fleet(engine, site.settings, progress), KnownPackages(engine, RecordStore(site.records))
    )


def are_alike(one: Site, other: Site) -> bool:
    """Return whether two states of a site have the same machines and settings."""
    return _made_for(one) == _made_for(other)


def _made_for(site: Site) -> tuple[object, ...]:
    return site.settings, {name: (machine.digest, machine.settings) for name, machine in site.machines.items()}
