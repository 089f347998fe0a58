"""Writes into a built site what Fencepost adds to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path

from fencepost.errors import SiteError
from fencepost.machine.contained import FIXED_ENVIRONMENT
from fencepost.page.page import Page
from fencepost.publish import places
from fencepost.publish.badge import page_badge, site_badge
from fencepost.publish.script import script_of_steps
from fencepost.publish.status import status_of
from fencepost.record.bundle import bundle_of
from fencepost.record.cast import cast_of
from fencepost.record.store import RecordStore
from fencepost.render.run import render_run
from fencepost.render.site_page import SitePage
from fencepost.site.site import Site

_PLAYER_FILES = ("asciinema-player.min.js", "asciinema-player.css", "LICENSE")


@dataclass(frozen=True)
class Published:
    """A page to publish.

    Attributes:
        page: what is known of it.
        read: the page as a check reads it; `None` where it can't be read.
    """

    page: SitePage
    read: Page | None


def publish(folder: Path, site: Site, pages: Sequence[Published], *, records: bool = True) -> int:
    """Writes everything; files that say the same already are left alone.

    Args:
        folder: the built site.
        site: the site it was built from.
        pages: its pages with a machine.
        records: whether all that is known is to lie there too, for `fencepost fetch`.

    Returns:
        How many files were written.

    Raises:
        SiteError: when they can't be.
    """
    writer = _Writer(folder)
    store = RecordStore(site.records, read_only=True)
    for path, content in stylesheet_and_script():
        writer.write(path, content)
    for name in _PLAYER_FILES:
        writer.write(f"{places.PLAYER}/{name}", files("fencepost.publish").joinpath("player", name).read_bytes())
    known = [item.page for item in pages]
    writer.write(places.STATUS, status_of(site.name, known, site.settings.max_age).to_json())
    writer.write(places.SITE_BADGE, site_badge(known))
    for item in pages:
        writer.write(places.badge_of(item.page.name), page_badge(item.page.standing))
        _publish_runs(writer, store, item.page)
        if item.read:
            _publish_scripts(writer, site, item.page, item.read)
    if records and (bundle := bundle_of(store)).records:
        writer.write(places.RECORDS, bundle.to_json())
    return writer.written


def stylesheet_and_script() -> Iterator[tuple[str, bytes]]:
    """What every page needs: paths below the site's root, and contents."""
    for path in (places.STYLESHEET, places.SCRIPT):
        yield path, files("fencepost.render").joinpath(Path(path).name).read_bytes()


def _publish_runs(writer: _Writer, store: RecordStore, page: SitePage) -> None:
    for item in page.standing.machines:
        if record := item.record:
            cast = places.cast_of(page.name, item.machine)
            writer.copy(cast, store.cast_path_of(page.name, item.machine), partial(cast_of, record))
            run = places.run_of(page.name, item.machine)
            up = places.way_up(run)
            there = "" if page.url is None else places.address(page.url, up)
            writer.write(run, render_run(record, title=page.title, page=there, cast=places.address(Path(cast).name)))


def _publish_scripts(writer: _Writer, site: Site, page: SitePage, read: Page) -> None:
    for item in page.standing.machines:
        machine = site.machines.get(item.machine)
        env = {**FIXED_ENVIRONMENT, **(machine.settings.env if machine else {})}
        text = script_of_steps(read, item.machine, title=page.title, called=item.title, env=env)
        writer.write(places.script_of(page.name, item.machine), text)


@dataclass
class _Writer:
    """Writes below a folder, and only what is new."""

    folder: Path
    written: int = 0

    def write(self, path: str, content: str | bytes) -> None:
        data = content.encode("utf-8", "replace") if isinstance(content, str) else content
        target = self.folder / path
        try:
            if target.is_file() and target.read_bytes() == data:
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        except OSError as error:
            raise SiteError(f"can't be written: {error.strerror}", file=str(target)) from error
        self.written += 1

    def copy(self, path: str, source: Path, otherwise: Callable[[], str]) -> None:
        """A copy of a file, or, where it is missing, what would be in it."""
        try:
            content: str | bytes = source.read_bytes()
        except OSError:
            content = otherwise()
        self.write(path, content)
