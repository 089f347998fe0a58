"""What of a check needs no page: it is begun while they are read."""

from __future__ import annotations

import contextlib
import threading

from fencepost.errors import EngineError
from fencepost.machine.cache import cache_folder
from fencepost.machine.engine import Engine
from fencepost.machine.image import images_at_hand
from fencepost.machine.ownership_labels import remove_left_behind
from fencepost.machine.vm.saved import remove_unfinished
from fencepost.site.site import Site
from fencepost.whole_files import remove_parts


class HeadStart:
    """Asks an engine for the images of a site's machines, and removes meanwhile what killed checks have left.

    Args:
        site: the site.
        engine: an engine that answers.

    Attributes:
        engine: the same.
        images: those of the machines' images that it has, by their names.

    Raises:
        EngineError: when it doesn't answer any more.
        MachineError, SiteError: for what is wrong with a machine.
    """

    def __init__(self, site: Site, engine: Engine) -> None:
        self.engine = engine
        machines = site.machines.values()
        self._sweeper = threading.Thread(target=_sweep, args=(site, engine), daemon=True)
        self._sweeper.start()
        self.images = images_at_hand(engine, machines)

    def wait_until_swept(self, seconds: float) -> None:
        """Waits so long at most for the end of what is being removed."""
        self._sweeper.join(seconds)


def _sweep(site: Site, engine: Engine) -> None:
    for folder in (site.records, site.docs):
        remove_parts(folder)
    with contextlib.suppress(EngineError):
        remove_parts(cache_folder())
        remove_left_behind(engine)
        engine.end_lost_containers()
        if any(definition.settings.kind == "vm" for definition in site.machines.values()):
            remove_unfinished(engine)
