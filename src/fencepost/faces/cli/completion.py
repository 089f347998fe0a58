"""Shell completion of pages, machines and steps. After an error it offers nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import typer

from fencepost.site.mkdocs import read_site
from fencepost.site.site import Site


def complete_page(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete pages that have a machine, and their folders; after an `@`, the machines of a page."""
    name, at, _ = incomplete.rpartition("@")

    def candidates(site: Site) -> Iterator[str]:
        for page in site.read_pages():
            path = os.path.relpath(page.path)
            if at and path == name:
                yield from (f"{path}@{machine}" for machine in page.front_matter.machines)
            elif not at:
                yield path
                yield from (f"{folder}/" for folder in Path(path).parents if str(folder) != ".")

    return _matching(incomplete, ctx, candidates)


def complete_machine(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the site's machines."""
    return _matching(incomplete, ctx, lambda site: site.machines)


def complete_step(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the steps of the page named before."""
    page = str(ctx.params.get("page") or "")

    def candidates(site: Site) -> Iterator[str]:
        for named_page in site.read_pages(site.find([page], Path.cwd())):
            yield from (snippet.id for snippet in named_page.snippets)

    return _matching(incomplete, ctx, candidates)


def _matching(incomplete: str, ctx: typer.Context, candidates: Callable[[Site], Iterable[str]]) -> list[str]:
    with contextlib.suppress(Exception):
        site = read_site(Path(ctx.params.get("site_folder") or "").resolve())
        return sorted({word for word in candidates(site) if word.startswith(incomplete)})
    return []
