"""`fencepost plan`, `merge` and `fetch`: check pages on several computers, and share their records."""

from __future__ import annotations

import http.client
import json
import shlex
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from fencepost.check.plan import shards_of
from fencepost.errors import ManyErrors, SiteError
from fencepost.faces.cli.common import SiteFolder, selection, site_in
from fencepost.faces.safe_text import shown_on_one_line
from fencepost.record.bundle import Bundle, Taken, bundle_of, take_in
from fencepost.record.store import RecordStore
from fencepost.render import places
from fencepost.run_key import RunKey
from fencepost.site.site import Site

_FETCH_SECONDS = 30
_MOST_BYTES = 256 << 20


def plan(
    shards: Annotated[int, typer.Option("--shards", "-n", help="The number of jobs.", metavar="N", min=1, max=256)],
    paths: Annotated[
        list[str] | None, typer.Argument(help="Pages or folders; the whole site by default.", metavar="PATH")
    ] = None,
    site_folder: SiteFolder = Path(),
) -> int:
    """Divide the pages among the jobs of a CI matrix, balanced by how long they took the last time.

    Prints JSON, in which `pages` are the arguments for `fencepost check`. Afterwards, merge the records of all jobs
    with `fencepost merge`.

    \b
    {"include": [{"shard": 1, "seconds": 12.5, "pages": "docs/a.md@debian-13 docs/b.md@debian-13"},
                 {"shard": 2, ...}]}
    """  # noqa: D301  # \b tells click not to rewrap a paragraph
    site = site_in(site_folder)
    selected = selection(site, paths or [])
    if selected.unchecked:
        # No job would get these pages, so none would report their errors.
        raise ManyErrors("", errors=selected.unchecked)
    planned_shards = shards_of(selected.pages, RecordStore(site.records, read_only=True), shards)
    include = [
        {"shard": number, "seconds": round(shard.seconds, 1), "pages": shlex.join(shard.arguments)}
        for number, shard in enumerate(planned_shards, 1)
    ]
    sys.stdout.write(json.dumps({"include": include}) + "\n")
    return 0


def merge(
    folders: Annotated[list[Path], typer.Argument(help="Folders with records.", metavar="DIR")],
    site_folder: SiteFolder = Path(),
) -> int:
    """Merge the records of several computers into this site's. Of two for the same page, the newer one is kept.

    A record that only says that a computer can't run the page never replaces one of a run.
    """
    site = site_in(site_folder)
    store = RecordStore(site.records)
    for folder in folders:
        if not folder.is_dir():
            raise SiteError(f"no such folder: {folder}")
        inner = folder / site.settings.records
        theirs = RecordStore(inner if inner.is_dir() else folder, read_only=True)
        bundle = bundle_of(theirs)
        if not bundle.records and not theirs.unreadable:
            raise SiteError(f"there are no records in {folder}", f"a check writes them to {site.settings.records}")
        _print_counts(f"{folder}", take_in(store, bundle, _belongs_to(site)))
        for path in theirs.unreadable:
            sys.stdout.write(f"warning: {shown_on_one_line(str(path))} can't be read, and is left out\n")
    return 0


def fetch(
    source: Annotated[
        str, typer.Argument(help="The published site, or a file; mkdocs.yml's site_url by default.", metavar="URL")
    ] = "",
    site_folder: SiteFolder = Path(),
) -> int:
    """Fetch the records published with the site, so that `mkdocs serve` on your computer shows the results of CI.

    Your own records are kept where they are newer.
    """
    site = site_in(site_folder)
    where = source or site.url
    if not where:
        raise SiteError("the site's address is unknown", "give it as an argument, or set site_url in mkdocs.yml")
    if "://" in where and not where.endswith(".json"):
        where = f"{where.rstrip('/')}/{places.RECORDS}"
    try:
        bundle = Bundle.from_json(_read(where))
    except ValueError as error:
        raise SiteError(f"{where} holds no records that this version of Fencepost can read") from error
    _print_counts(where, take_in(RecordStore(site.records), bundle, _belongs_to(site)))
    return 0


def _read(where: str) -> bytes:
    try:
        if "://" not in where:
            return Path(where).read_bytes()
        if not where.startswith(("http://", "https://")):
            raise SiteError(f"can't fetch {where}", "give an address that begins with http:// or https://, or a file")
        with urllib.request.urlopen(where, timeout=_FETCH_SECONDS) as answer:
            data: bytes = answer.read(_MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        fix = "is the site built with the plugin `fencepost`, and were its pages checked?" if error.code == 404 else ""
        raise SiteError(f"can't fetch {where}: {error.code} {error.reason}", fix) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise SiteError(f"can't fetch {where}: {getattr(error, 'reason', None) or error}") from error
    if len(data) > _MOST_BYTES:
        raise SiteError(f"can't fetch {where}: more than {_MOST_BYTES >> 20} MiB")
    return data


def _belongs_to(site: Site) -> Callable[[RunKey], bool]:
    """Return a function that returns whether a page and its machine belong to the site."""
    machines = {page.name: page.front_matter.machines for page in site.read_pages()}
    return lambda key: key.machine in machines.get(key.page, ())


def _print_counts(where: str, taken: Taken) -> None:
    message = f"{shown_on_one_line(where)}: {len(taken.new)} new"
    if taken.old:
        message += f", {len(taken.old)} not newer than here"
    if taken.foreign:
        message += f", {len(taken.foreign)} of pages or machines that this site doesn't have"
    sys.stdout.write(f"{message}\n")
