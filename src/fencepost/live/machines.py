"""The machines that live mode has, for as long as neither a site's machines nor its settings change."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from fencepost.check.known_packages import KnownPackages
from fencepost.errors import FencepostError
from fencepost.machine.engines.registry import find_engine
from fencepost.machine.fleet import Fleet
from fencepost.machine.making import Say
from fencepost.machine.ownership_labels import remove_left_behind
from fencepost.record.store import RecordStore
from fencepost.site.site import Site


@dataclass(frozen=True)
class Machines:
    """The machines of a site and what they have.

    Attributes:
        made_for: what decides whether they are still those of a site.
        fleet: where they come from.
        packages: what they have.
    """

    made_for: tuple[object, ...]
    fleet: Fleet
    packages: KnownPackages

    def fit(self, site: Site) -> bool:
        """Whether they are those of a site as it is now."""
        return self.made_for == _made_for(site)

    def close(self) -> None:
        """Ends what no page is in."""
        self.packages.close()
        self.fleet.close()


def machines_of(site: Site, say: Say) -> Machines:
    """The machines of a site. What killed ones have left behind is removed first.

    Args:
        site: the site.
        say: is told what takes long.

    Raises:
        EngineError: when there is no engine.
    """
    engine = find_engine(site.settings.engine)
    with contextlib.suppress(FencepostError):
        remove_left_behind(engine)
    return Machines(
        _made_for(site), Fleet(engine, site.settings, say), KnownPackages(engine, RecordStore(site.records))
    )


def are_alike(one: Site, other: Site) -> bool:
    """Whether two states of a site have the same machines and settings."""
    return _made_for(one) == _made_for(other)


def _made_for(site: Site) -> tuple[object, ...]:
    return site.settings, {name: (machine.digest, machine.settings) for name, machine in site.machines.items()}
