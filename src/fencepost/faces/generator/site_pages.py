"""The pages of a site with all that is known of them: for *What still works*, for badges, for programs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from mkdocs.structure.files import Files

from fencepost.errors import FencepostError
from fencepost.faces.generator.build import Build
from fencepost.faces.generator.converted_page import ConvertedPage, machines_of, name_below, read_text, root_relative
from fencepost.faces.generator.found_steps import FoundSteps, steps_of
from fencepost.publish.built_site import Published
from fencepost.render.page_status import SitePage, standing_of

_FENCED = re.compile(r"^[ \t>]*(```+|~~~+).*?(?:^[ \t>]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#[ \t]+(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class _Known:
    """A page with a machine: what it is called, where it is, and its steps, where they are known."""

    name: str
    title: str
    url: str | None
    machines: tuple[str, ...]
    steps: FoundSteps | None = None


def pages_around(page: ConvertedPage, build: Build) -> list[SitePage]:
    """Every page that names a machine, in the order of the files, while one of the site's pages is converted.

    Args:
        page: that page.
        build: the build that it belongs to.
    """
    known = _known_to_mkdocs(build, page.relpath.files) if page.relpath else _below(page, build)
    return [_with_records(item, build) for item in _in_order(known)]


def pages_of_build(build: Build, files: Files) -> list[Published]:
    """The same at the end of a build, ready to be published."""
    return [_published(item, build) for item in _in_order(_known_to_mkdocs(build, files))]


def pages_of_site(build: Build, folder: Path) -> list[Published]:
    """The same where some other program has built the site.

    Args:
        build: for what it knows of the site.
        folder: the built one. A page that doesn't lie there by the usual rules has no known address.

    Raises:
        ManyErrors: with every error of every page.
    """
    known = []
    for read in build.site.read_pages():
        body, data = read_text(read.path)
        title = _title(data.get("title"), body, read.path)
        url = build.site.address_of(read.path)
        if url is not None and not _is_page(folder / url):
            url = None
        known.append(_Known(read.name, title, url, read.front_matter.machines, steps_of(read)))
    return [_published(item, build) for item in _in_order(known)]


def _is_page(place: Path) -> bool:
    return (place / "index.html" if place.is_dir() else place).is_file()


def _in_order(known: Iterable[_Known]) -> list[_Known]:
    return sorted(known, key=lambda item: item.name)


def _published(known: _Known, build: Build) -> Published:
    # A script of a page with a mistake in it would lack steps, and not say so.
    steps = known.steps.snippets if known.steps and known.steps.whole else ()
    return Published(_with_records(known, build), steps)


def _with_records(known: _Known, build: Build) -> SitePage:
    digest_on = known.steps.digest_on if known.steps else None
    standing = standing_of(known.machines, build.records(known.name, known.machines), digest_on)
    runs = {machine: build.runs(known.name, machine) for machine in known.machines}
    return SitePage(known.name, known.title, known.url, standing, runs)


def _known_to_mkdocs(build: Build, files: Files) -> Iterator[_Known]:
    """MkDocs knows the addresses, which its plugins may have changed."""
    for file in files.documentation_pages():
        path = Path(file.abs_src_path) if file.abs_src_path else None
        name = name_below(build.folder, path) if path else ""
        # A draft is excluded, and built all the same while one writes.
        left_out = file.inclusion.is_excluded() and file.page is None  # type: ignore[no-untyped-call]
        if not path or not name or left_out:
            continue
        # What is converted already needn't be read again.
        page = file.page
        known = page is not None and page.markdown is not None
        body, data = (page.markdown or "", page.meta) if page and known else read_text(path)
        if machines := machines_of(data):
            title = str(page.title or "") if page and known else ""
            # MkDocs takes a heading from the finished HTML.
            title = title if "title" in data else unescape(title)
            title = title or _title(data.get("title"), body, path)
            yield _Known(name, title, root_relative(file.url), machines, build.steps(path))


def _below(page: ConvertedPage, build: Build) -> Iterator[_Known]:
    """Elsewhere the files are all there is to go by, and the site's configuration, where it is MkDocs'."""
    docs = page.docs or page.folder / "docs"
    try:
        steps: Callable[[Path], FoundSteps | None] = build.steps if build.site else lambda _: None
    except FencepostError:
        # Nobody can read the other pages: their changes stay unknown.
        steps = lambda _: None  # noqa: E731
    for path in sorted(docs.rglob("*.md")) if docs.is_dir() else ():
        body, data = read_text(path)
        name = name_below(page.folder, path)
        if name and (machines := machines_of(data)):
            title = _title(data.get("title"), body, path)
            # A way between sources, of which the generator makes one between pages; unknown without a generator.
            url = path.relative_to(docs).as_posix() if page.told else None
            yield _Known(name, title, url, machines, steps(path))


def _title(given: object, body: str, path: Path) -> str:
    if given:
        return str(given)
    # A line of a console may begin as a heading does.
    headings = map(_words_of, _HEADING.findall(_FENCED.sub("", body)))
    return next(filter(None, headings), path.stem.replace("-", " ").capitalize())


def _words_of(heading: str) -> str:
    """A heading without its attributes and closing signs. By hand: a pattern tries each blank as the end."""
    words = heading.rstrip(" \t")
    attributes = words.rfind("{")
    if words.endswith("}") and attributes >= 0 and "}" not in words[attributes:-1]:
        words = words[:attributes].rstrip(" \t")
    return words.rstrip("#").rstrip(" \t").replace("`", "")
