"""`fencepost plan`, `merge` and `fetch`: pages checked on several computers, and what others have found out."""

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
    shards: Annotated[int, typer.Option("--shards", "-n", help="Among how many computers.", min=1, max=256)],
    paths: Annotated[
        list[str] | None, typer.Argument(help="Pages or folders; the whole site by default.", metavar="[PATH]...")
    ] = None,
    site: SiteFolder = Path(),
) -> int:
    """Divide the pages among the jobs of a CI matrix, balanced by the time that they took the last time.

    Prints JSON, of which `pages` are arguments for `fencepost check`. Put the records of all jobs together afterwards
    with `fencepost merge`.

    \b
    {"include": [{"shard": 1, "seconds": 12.5, "pages": "docs/a.md@debian-13 docs/b.md@debian-13"},
                 {"shard": 2, ...}]}
    """  # noqa: D301  # the mark by which click leaves a paragraph alone
    found = site_in(site)
    selected = selection(found, paths or [])
    if selected.unchecked:
        # No job would be given such a page, and so none would say what is wrong with it.
        raise ManyErrors("", errors=selected.unchecked)
    planned = shards_of(selected.pages, RecordStore(found.records, read_only=True), shards)
    include = [
        {"shard": number, "seconds": round(shard.seconds, 1), "pages": shlex.join(shard.arguments)}
        for number, shard in enumerate(planned, 1)
    ]
    sys.stdout.write(json.dumps({"include": include}) + "\n")
    return 0


def merge(
    folders: Annotated[list[Path], typer.Argument(help="Folders with records.", metavar="DIR...")],
    site: SiteFolder = Path(),
) -> int:
    """Put the records of several computers together into this site's. Of two for the same page, the newer one stays.

    That a computer can't run a page is no news where another could.
    """
    found = site_in(site)
    store = RecordStore(found.records)
    for folder in folders:
        if not folder.is_dir():
            raise SiteError(f"no such folder: {folder}")
        inner = folder / found.settings.records
        theirs = RecordStore(inner if inner.is_dir() else folder, read_only=True)
        bundle = bundle_of(theirs)
        if not bundle.records and not theirs.unreadable:
            raise SiteError(f"there are no records in {folder}", f"a check writes them to {found.settings.records}")
        _tell(f"{folder}", take_in(store, bundle, _belongs_to(found)))
        for path in theirs.unreadable:
            sys.stdout.write(f"warning: {shown_on_one_line(str(path))} can't be read, and is left out\n")
    return 0


def fetch(
    source: Annotated[
        str, typer.Argument(help="The published site, or a file; mkdocs.yml's site_url by default.", metavar="[URL]")
    ] = "",
    site: SiteFolder = Path(),
) -> int:
    """Fetch the records that were published with the site: so a local `mkdocs serve` shows what CI has found out.

    Your own records stay where they are newer.
    """
    found = site_in(site)
    where = source or found.url
    if not where:
        raise SiteError("where is the site published?", "name its address, or set site_url in mkdocs.yml")
    if "://" in where and not where.endswith(".json"):
        where = f"{where.rstrip('/')}/{places.RECORDS}"
    try:
        bundle = Bundle.from_json(_read(where))
    except ValueError as error:
        raise SiteError(f"what was found at {where} are no records of this version of Fencepost") from error
    _tell(where, take_in(RecordStore(found.records), bundle, _belongs_to(found)))
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
    """Tells whether a page on a machine is the site's."""
    machines = {page.name: page.front_matter.machines for page in site.read_pages()}
    return lambda key: key.machine in machines.get(key.page, ())


def _tell(where: str, taken: Taken) -> None:
    told = f"{shown_on_one_line(where)}: {len(taken.new)} new"
    if taken.old:
        told += f", {len(taken.old)} not newer than here"
    if taken.foreign:
        told += f", {len(taken.foreign)} of pages or machines that this site doesn't have"
    sys.stdout.write(f"{told}\n")
