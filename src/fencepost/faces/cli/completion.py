"""What a shell may complete: pages, machines, steps. Whatever goes wrong here, nothing is offered."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import typer

from fencepost.site.mkdocs import read_site
from fencepost.site.site import Site


def complete_page(ctx: typer.Context, incomplete: str) -> list[str]:
    """Pages of the site that have a machine, and their folders; behind an `@`, the machines of one."""
    name, at, _ = incomplete.rpartition("@")

    def offered(site: Site) -> Iterator[str]:
        for page in site.read_pages():
            path = os.path.relpath(page.path)
            if at and path == name:
                yield from (f"{path}@{machine}" for machine in page.front_matter.machines)
            elif not at:
                yield path
                yield from (f"{folder}/" for folder in Path(path).parents if str(folder) != ".")

    return _begin_with(incomplete, ctx, offered)


def complete_machine(ctx: typer.Context, incomplete: str) -> list[str]:
    """The site's machines."""
    return _begin_with(incomplete, ctx, lambda site: site.machines)


def complete_step(ctx: typer.Context, incomplete: str) -> list[str]:
    """The steps of the page that was named before."""
    page = str(ctx.params.get("page") or "")

    def offered(site: Site) -> Iterator[str]:
        for found in site.read_pages(site.find([page], Path.cwd())):
            yield from (snippet.id for snippet in found.snippets)

    return _begin_with(incomplete, ctx, offered)


def _begin_with(incomplete: str, ctx: typer.Context, offered: Callable[[Site], Iterable[str]]) -> list[str]:
    with contextlib.suppress(Exception):
        site = read_site(Path(ctx.params.get("site") or "").resolve())
        return sorted({word for word in offered(site) if word.startswith(incomplete)})
    return []
