"""The part of a check that needs no pages, so that it can begin while they are parsed."""

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
    """Asks an engine for the images of a site's machines; a thread meanwhile removes what killed checks have left.

    Args:
        site: the site.
        engine: an engine that answers.

    Attributes:
        engine: the engine.
        images: the machines' images that the engine has, by their names.

    Raises:
        EngineError: when the engine doesn't answer any more.
        MachineError, SiteError: for mistakes in a machine's definition.
    """

    def __init__(self, site: Site, engine: Engine) -> None:
        self.engine = engine
        machines = site.machines.values()
        self._sweeper = threading.Thread(target=_sweep, args=(site, engine), daemon=True)
        self._sweeper.start()
        self.images = images_at_hand(engine, machines)

    def wait_until_swept(self, seconds: float) -> None:
        """Wait until the thread has removed everything, for some seconds at most."""
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
