"""Write everything that Fencepost adds to a built site."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from fencepost.fence.snippet import Snippet
from fencepost.kinds.registry import provider_of
from fencepost.machine.container_base import FIXED_ENVIRONMENT
from fencepost.publish.badge import page_badge, site_badge
from fencepost.publish.cast import cast_of
from fencepost.publish.script import script_of_steps
from fencepost.publish.status import status_of
from fencepost.publish.writer import Writer
from fencepost.record.bundle import bundle_from
from fencepost.record.store import RecordStore
from fencepost.render import places
from fencepost.render.page_status import SitePage
from fencepost.render.run_page import render_run
from fencepost.run_key import RunKey
from fencepost.site.site import Site

_SHIPPED: dict[str, Traversable] = {
    places.STYLESHEET: files("fencepost.render") / "fencepost.css",
    places.SCRIPT: files("fencepost.render") / "fencepost.js",
    **{
        f"{places.PLAYER}/{name}": files("fencepost.publish") / "player" / name
        for name in ("asciinema-player.min.js", "asciinema-player.css", "LICENSE")
    },
}
# Where copies are kept between builds, in the site's folder.
KEPT = ".fencepost/published"


@dataclass(frozen=True)
class Published:
    """A page to publish.

    Attributes:
        page: its status and its runs.
        steps: its steps; empty if it can't be read.
    """

    page: SitePage
    steps: tuple[Snippet, ...]


def publish(folder: Path, site: Site, pages: Sequence[Published], *, records: bool = True) -> int:
    """Write all files that are missing or have changed.

    Args:
        folder: the built site.
        site: the site it was built from.
        pages: its pages with a machine.
        records: True to publish all records too, for `fencepost fetch`.

    Returns:
        How many files were written.

    Raises:
        EngineError, SiteError: when a file can't be written.
    """
    writer = Writer(folder, kept=site.folder / KEPT)
    store = RecordStore(site.records, read_only=True)
    for path, resource in _SHIPPED.items():
        writer.write(path, resource.read_bytes, path)
    site_pages = [item.page for item in pages]
    writer.write(places.STATUS, lambda: status_of(site.name, site_pages, site.settings.max_age).to_json())
    writer.write(places.SITE_BADGE, lambda: site_badge(site_pages))
    for item in pages:
        writer.write(places.badge_of(item.page.name), partial(page_badge, item.page.standing))
        _publish_runs(writer, item.page)
        if item.steps:
            _publish_scripts(writer, site, item)
    runs_by_record = [
        (item.record, page.runs.get(item.machine, ()))
        for page in site_pages
        for item in page.standing.machines
        if item.record
    ]
    if records and runs_by_record:
        made_of = [
            (item.page, item.machine, f"{item.started} {item.seconds}", len(runs)) for item, runs in runs_by_record
        ]
        stamp = json.dumps([store.images_stamp(), *made_of])
        writer.write(places.RECORDS, lambda: bundle_from(runs_by_record, store).to_json(), stamp)
    writer.finish()
    return writer.written


def _publish_runs(writer: Writer, page: SitePage) -> None:
    for item in page.standing.machines:
        if item.record is None:
            continue
        record = item.record
        # From the record in memory: its file may hold a later run by now.
        run_facts = [str(record.started), record.seconds, record.verdict, record.steps_sha256, record.inputs_sha256]
        made_of = json.dumps([page.title, page.url, *run_facts])
        key = RunKey(page.name, item.machine)
        cast, run = places.cast_of(key), places.run_of(key)
        page_url = "" if page.url is None else places.address(page.url, places.way_up(run))
        cast_url = places.address(Path(cast).name)
        writer.write(cast, partial(cast_of, record), made_of)
        writer.write(run, partial(render_run, record, title=page.title, page=page_url, cast=cast_url), made_of)


def _publish_scripts(writer: Writer, site: Site, published: Published) -> None:
    page = published.page
    for item in page.standing.machines:
        machine = site.machines.get(item.machine)
        env = {**FIXED_ENVIRONMENT, **(machine.settings.env if machine else {})}
        steps = [step for step in published.steps if step.runs_on(item.machine)]
        script = partial(
            script_of_steps, steps, page=page.name, title=page.title, machine=item.machine, called=item.title, env=env
        )
        made_of = json.dumps(
            [page.title, item.title, env, [[step.step_sha256, step.title, provider_of(step)] for step in steps]]
        )
        writer.write(places.script_of(RunKey(page.name, item.machine)), script, made_of)
