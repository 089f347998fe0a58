"""`fencepost publish`: add Fencepost's files to a site that another program has built."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fencepost.errors import SiteError
from fencepost.faces.cli.common import SiteFolder
from fencepost.faces.generator.build import Build
from fencepost.faces.generator.site_pages import pages_of_site
from fencepost.publish.built_site import publish as publish_site
from fencepost.render.wording import counted


def publish(
    folder: Annotated[Path, typer.Argument(help="The built site.", metavar="DIR")] = Path("site"),
    site_folder: SiteFolder = Path(),
    records: Annotated[
        bool, typer.Option("--records/--no-records", help="Publish all records too, for `fencepost fetch`.")
    ] = True,
) -> int:
    """Add recordings, scripts, badges, stylesheet and script to a built site.

    Under MkDocs and ProperDocs the plugin does this at the end of each build. If another program builds the site, such
    as Zensical, run this command after it.

    \b
    zensical build && fencepost publish site
    """  # noqa: D301  # \b tells click not to rewrap a paragraph
    if not folder.is_dir():
        raise SiteError(f"no built site in {folder}", "build the site first, or name the folder that it was built into")
    build = Build(site_folder.resolve())
    written = publish_site(folder, build.site, pages_of_site(build, folder), records=records)
    sys.stdout.write(f"{folder}: {counted(written, 'file')} written\n")
    return 0
