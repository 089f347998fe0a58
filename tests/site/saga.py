"""The posts of this project's own site, with records in which every step passed."""

from __future__ import annotations

import shutil
from pathlib import Path

from fencepost.record.store import RecordStore
from fencepost.site.mkdocs import read_site
from fencepost.site.site import Site
from tests.site.recorded_site import mkdocs_build, record

ROOT = Path(__file__).parents[2]
PARTS = ("part-1", "part-2", "part-3", "part-4", "kvm-in-two-hours")


def copied_saga(folder: Path) -> Site:
    """A copy of the site's sources, without its records."""
    for name in ("docs", "machines", "snippets"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "mkdocs.yml", folder)
    return read_site(folder)


def verified(site: Site) -> None:
    """Writes a record of a run in which every step did as its page says, and told so."""
    store = RecordStore(site.records)
    for page in site.read_pages():
        for machine in page.front_matter.machines:
            steps = {step.id: {"output": f"this is {step.id}\n"} for step in page.snippets_on(machine)}
            store.write(record(page, machine, steps))


def built_saga(folder: Path) -> Path:
    """The built site, every page verified."""
    verified(copied_saga(folder))
    mkdocs_build(folder)
    return folder / "built"
