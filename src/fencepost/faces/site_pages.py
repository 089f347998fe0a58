"""The pages of a site with all that is known of them, for *What still works*."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fencepost.errors import FencepostError
from fencepost.faces.converted_page import ConvertedPage, machines_of, name_below, read_text
from fencepost.record.store import RecordStore
from fencepost.render.overview import Row
from fencepost.render.standing import standing_of
from fencepost.site.mkdocs import site_of

_HEADING = re.compile(r"^#[ \t]+(?P<text>.+?)[ \t]*#*(?:[ \t]*\{[^{}\n]*\})?[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class _Known:
    """A page with a machine: its name, what it is called, where it is, and what its steps say now."""

    name: str
    title: str
    url: str
    machines: tuple[str, ...]
    digest_on: Callable[[str], str] | None


def overview_rows(page: ConvertedPage, store: RecordStore) -> list[Row]:
    """A row for each page that names a machine, in the order of the files.

    Args:
        page: the page on which the table stands.
        store: the records of the site.
    """
    records = store.read_all()
    known = list(_known_to_mkdocs(page) if page.relpath else _below(page))
    rows = []
    for item in sorted(known, key=lambda item: item.name):
        own = [record for record in records if record.page == item.name]
        runs = {machine: store.history(item.name, machine) for machine in item.machines}
        rows.append(Row(item.title, item.url, standing_of(item.machines, own, item.digest_on), runs))
    return rows


def _known_to_mkdocs(page: ConvertedPage) -> Iterator[_Known]:
    """MkDocs knows the addresses, and lends its Markdown to tell whether a page has changed."""
    here = page.relpath.file
    site = site_of(page.relpath.config, page.folder)
    for file in page.relpath.files.documentation_pages():
        path = Path(file.abs_src_path) if file.abs_src_path else None
        name = name_below(page.folder, path) if path else ""
        if not path or not name or file.inclusion.is_excluded():
            continue
        body, data = read_text(path)
        if machines := machines_of(data):
            try:
                read = site.read_page(path)
            except FencepostError:
                # What is wrong with it is for a check to tell; no run of it can count.
                read = None
            digest_on = read.digest_on if read else _no_run_counts
            yield _Known(name, _title(data.get("title"), body, path), file.url_relative_to(here), machines, digest_on)


def _no_run_counts(machine: str) -> str:
    del machine
    return ""


def _below(page: ConvertedPage) -> Iterator[_Known]:
    """Elsewhere the files are all there is to go by."""
    docs = page.docs or page.folder / "docs"
    for path in sorted(docs.rglob("*.md")) if docs.is_dir() else ():
        body, data = read_text(path)
        name = name_below(page.folder, path)
        if name and (machines := machines_of(data)):
            yield _Known(name, _title(data.get("title"), body, path), _url(path, page), machines, None)


def _url(path: Path, page: ConvertedPage) -> str:
    """The way from a page to another by the usual rules; empty where it isn't known which of them hold."""
    if page.folders is None or page.path is None or page.docs is None:
        return ""
    here, there = (_address(item.relative_to(page.docs), folders=page.folders) for item in (page.path, path))
    way = posixpath.relpath("/" + there, "/" + posixpath.dirname(here))
    return way + "/" if there.endswith("/") or not there else way


def _address(path: Path, *, folders: bool) -> str:
    name = path.with_suffix("").as_posix()
    if path.stem in {"index", "README"}:
        return name.removesuffix(path.stem)
    return f"{name}/" if folders else f"{name}.html"


def _title(given: object, body: str, path: Path) -> str:
    if given:
        return str(given)
    heading = _HEADING.search(body)
    return heading["text"].replace("`", "") if heading else path.stem.replace("-", " ").capitalize()
