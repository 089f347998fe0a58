"""The pages of a site with all that is known of them: for *What still works*, for badges, for programs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mkdocs.structure.files import Files

from fencepost.errors import FencepostError
from fencepost.faces.build import Build, build_of
from fencepost.faces.converted_page import ConvertedPage, machines_of, name_below, read_text, root_relative
from fencepost.page.page import Page
from fencepost.publish.publish import Published
from fencepost.record.store import RecordStore
from fencepost.render.site_page import SitePage
from fencepost.render.standing import standing_of
from fencepost.site.mkdocs import read_config
from fencepost.site.site import Site

_HEADING = re.compile(r"^#[ \t]+(?P<text>.+?)[ \t]*#*(?:[ \t]*\{[^{}\n]*\})?[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class _Known:
    """A page with a machine: what it is called, where it is, and the page as a check reads it, where that is known."""

    name: str
    title: str
    url: str | None
    machines: tuple[str, ...]
    read: Page | None = None
    # Where nobody can read the other pages, their changes stay unknown.
    changes_are_told: bool = True

    @property
    def digest_on(self) -> Callable[[str], str] | None:
        if not self.changes_are_told:
            return None
        # What is wrong with a page is for a check to tell; no run of it can count.
        return self.read.digest_on if self.read else lambda _: ""


def pages_around(page: ConvertedPage, store: RecordStore) -> list[SitePage]:
    """Every page that names a machine, in the order of the files, while one of the site's pages is converted.

    Args:
        page: that page.
        store: the records of the site.
    """
    if page.relpath:
        known = _known_to_mkdocs(build_of(page.relpath.config, page.folder), page.relpath.files)
    else:
        known = _below(page)
    return [_with_records(item, store) for item in _in_order(known)]


def pages_of_build(build: Build, files: Files) -> list[Published]:
    """The same at the end of a build, ready to be published."""
    store = RecordStore(build.site.records, read_only=True)
    known = _in_order(_known_to_mkdocs(build, files))
    return [Published(_with_records(item, store), item.read) for item in known]


def pages_of_site(site: Site, folder: Path) -> list[Published]:
    """The same where some other program has built the site.

    Args:
        site: the site.
        folder: the built one. A page that doesn't lie there by the usual rules has no known address.

    Raises:
        ManyErrors: with every error of every page.
    """
    store = RecordStore(site.records, read_only=True)
    published = []
    for read in sorted(site.read_pages(), key=lambda page: page.name):
        body, data = read_text(read.path)
        title = _title(data.get("title"), body, read.path)
        url = site.address_of(read.path)
        if url is not None and not _is_page(folder / url):
            url = None
        known = _Known(read.name, title, url, read.front_matter.machines, read)
        published.append(Published(_with_records(known, store), read))
    return published


def _is_page(place: Path) -> bool:
    return (place / "index.html" if place.is_dir() else place).is_file()


def _in_order(known: Iterable[_Known]) -> list[_Known]:
    return sorted(known, key=lambda item: item.name)


def _with_records(known: _Known, store: RecordStore) -> SitePage:
    read = [store.read(known.name, machine) for machine in known.machines]
    standing = standing_of(known.machines, [record for record in read if record], known.digest_on)
    runs = {machine: store.history(known.name, machine) for machine in known.machines}
    return SitePage(known.name, known.title, known.url, standing, runs)


def _known_to_mkdocs(build: Build, files: Files) -> Iterator[_Known]:
    """MkDocs knows the addresses, which its plugins may have changed."""
    for file in files.documentation_pages():
        path = Path(file.abs_src_path) if file.abs_src_path else None
        name = name_below(build.site.folder, path) if path else ""
        if not path or not name or file.inclusion.is_excluded():  # type: ignore[no-untyped-call]
            continue
        body, data = read_text(path)
        if machines := machines_of(data):
            title = _title(data.get("title"), body, path)
            yield _Known(name, title, root_relative(file.url), machines, build.read(path))


def _below(page: ConvertedPage) -> Iterator[_Known]:
    """Elsewhere the files are all there is to go by, and the site's configuration, where it is MkDocs'."""
    docs = page.docs or page.folder / "docs"
    build = _build_below(page.folder)
    for path in sorted(docs.rglob("*.md")) if docs.is_dir() else ():
        body, data = read_text(path)
        name = name_below(page.folder, path)
        if name and (machines := machines_of(data)):
            title = _title(data.get("title"), body, path)
            # A way between sources, of which the generator makes one between pages; unknown without a generator.
            url = path.relative_to(docs).as_posix() if page.told else None
            read = build.read(path) if build else None
            yield _Known(name, title, url, machines, read, changes_are_told=build is not None)


def _build_below(folder: Path) -> Build | None:
    try:
        return Build(read_config(folder), folder)
    except FencepostError:
        return None


def _title(given: object, body: str, path: Path) -> str:
    if given:
        return str(given)
    heading = _HEADING.search(body)
    return heading["text"].replace("`", "") if heading else path.stem.replace("-", " ").capitalize()
