"""The pages of a site with their status and runs, for *What still works*, badges and JSON."""

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
class _ListedPage:
    """A page with a machine: its name, title and address, and its steps if they are known."""

    name: str
    title: str
    url: str | None
    machines: tuple[str, ...]
    steps: FoundSteps | None = None


def pages_around(page: ConvertedPage, build: Build) -> list[SitePage]:
    """Return every page that names a machine, in the order of the files, during the conversion of one of them.

    Args:
        page: the page that is being converted.
        build: the build that it belongs to.
    """
    pages = _pages_of_mkdocs(build, page.relpath.files) if page.relpath else _pages_in_docs(page, build)
    return [_with_records(item, build) for item in _in_order(pages)]


def pages_of_build(build: Build, files: Files) -> list[Published]:
    """Return every page that names a machine at the end of a build, ready to be published."""
    return [_published(item, build) for item in _in_order(_pages_of_mkdocs(build, files))]


def pages_of_site(build: Build, folder: Path) -> list[Published]:
    """Return every page that names a machine of a site that another program has built, ready to be published.

    Args:
        build: a build of the site.
        folder: the built site. A page that isn't where MkDocs would put it has no known address.

    Raises:
        ManyErrors: with every error of every page.
    """
    pages = []
    for page in build.site.read_pages():
        body, data = read_text(page.path)
        title = _title(data.get("title"), body, page.path)
        url = build.site.address_of(page.path)
        if url is not None and not _is_page(folder / url):
            url = None
        pages.append(_ListedPage(page.name, title, url, page.front_matter.machines, steps_of(page)))
    return [_published(item, build) for item in _in_order(pages)]


def _is_page(path: Path) -> bool:
    return (path / "index.html" if path.is_dir() else path).is_file()


def _in_order(pages: Iterable[_ListedPage]) -> list[_ListedPage]:
    return sorted(pages, key=lambda item: item.name)


def _published(page: _ListedPage, build: Build) -> Published:
    # No script for a page with a mistake in it: it would silently lack steps.
    steps = page.steps.snippets if page.steps and page.steps.complete else ()
    return Published(_with_records(page, build), steps)


def _with_records(page: _ListedPage, build: Build) -> SitePage:
    digest_on = page.steps.digest_on if page.steps else None
    standing = standing_of(page.machines, build.records(page.name, page.machines), digest_on)
    runs = {machine: build.runs(page.name, machine) for machine in page.machines}
    return SitePage(page.name, page.title, page.url, standing, runs)


def _pages_of_mkdocs(build: Build, files: Files) -> Iterator[_ListedPage]:
    """Yield the pages with the addresses that MkDocs gave them; its plugins may have changed these."""
    for file in files.documentation_pages():
        path = Path(file.abs_src_path) if file.abs_src_path else None
        name = name_below(build.folder, path) if path else ""
        # Drafts are excluded from the site, but `mkdocs serve` builds them.
        left_out = file.inclusion.is_excluded() and file.page is None  # type: ignore[no-untyped-call]
        if not path or not name or left_out:
            continue
        # Don't read a page again that is converted already.
        page = file.page if file.page and file.page.markdown is not None else None
        body, data = (page.markdown or "", page.meta) if page else read_text(path)
        if machines := machines_of(data):
            title = str(page.title or "") if page else ""
            # Without a title in the front matter MkDocs takes the heading from the finished HTML.
            title = title if "title" in data else unescape(title)
            title = title or _title(data.get("title"), body, path)
            yield _ListedPage(name, title, root_relative(file.url), machines, build.steps(path))


def _pages_in_docs(page: ConvertedPage, build: Build) -> Iterator[_ListedPage]:
    """Yield the pages in the folder of Markdown files, for generators other than MkDocs and ProperDocs."""
    docs = page.docs or page.folder / "docs"
    try:
        steps: Callable[[Path], FoundSteps | None] = build.steps if build.site else lambda _: None
    except FencepostError:
        # Without a configuration that we can read, changes of the other pages stay unknown.
        steps = lambda _: None  # noqa: E731
    for path in sorted(docs.rglob("*.md")) if docs.is_dir() else ():
        body, data = read_text(path)
        name = name_below(page.folder, path)
        if name and (machines := machines_of(data)):
            title = _title(data.get("title"), body, path)
            # The source file's path: the generator converts it to an address. Unknown without a generator.
            url = path.relative_to(docs).as_posix() if page.known else None
            yield _ListedPage(name, title, url, machines, steps(path))


def _title(title: object, body: str, path: Path) -> str:
    if title:
        return str(title)
    # Ignore fences, in which a line may look like a heading.
    headings = map(_words_of, _HEADING.findall(_FENCED.sub("", body)))
    return next(filter(None, headings), path.stem.replace("-", " ").capitalize())


def _words_of(heading: str) -> str:
    """Return a heading without attributes and closing `#`. Not by a pattern: that is slow for many blanks."""
    words = heading.rstrip(" \t")
    attributes = words.rfind("{")
    if words.endswith("}") and attributes >= 0 and "}" not in words[attributes:-1]:
        words = words[:attributes].rstrip(" \t")
    return words.rstrip("#").rstrip(" \t").replace("`", "")
