"""Makes a site of all sample pages of the tests, on the tests' machine with bash and Python."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from fencepost.errors import FencepostError
from fencepost.site.mkdocs import read_site
from fencepost.site.site import Site

TESTS = Path(__file__).parents[2] / "tests"
_MACHINE = "python"
_FOLDERS = ("check/pages", "found/pages", "hostile/pages", "isolation/pages")
_NAMES_A_MACHINE = re.compile(r"^machine:.*$", re.MULTILINE)
_REPEAT = re.compile(r"^@repeat (\d+) (.*)\n", re.MULTILINE)
_CONFIGURATION = """site_name: Samples
theme: null
plugins: []
markdown_extensions: [admonition, attr_list, footnotes, md_in_html, pymdownx.details, pymdownx.snippets,
  pymdownx.superfences, pymdownx.tabbed]
"""
# Low limits, for hostile pages that fill or flood things.
_SETTINGS = 'output-limit = 1\nmemory = "256m"\nprocesses = 96\n'


def make_sample_site(folder: Path, more_pages: Sequence[Path]) -> Site:
    """Make the site, without the pages that can't be read.

    Args:
        folder: the site's folder.
        more_pages: folders with more pages.
    """
    (folder / "docs").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(_CONFIGURATION, "utf-8")
    (folder / "fencepost.toml").write_text(_SETTINGS, "utf-8")
    shutil.copytree(TESTS / "machines" / _MACHINE, folder / "machines" / _MACHINE)
    for source in [*(TESTS / name for name in _FOLDERS), *more_pages]:
        for page in sorted(source.expanduser().rglob("*.md")):
            text = page.read_bytes().decode("utf-8", "replace")
            text = _REPEAT.sub(lambda match: f"{match[2]}\n" * int(match[1]), text)
            if _NAMES_A_MACHINE.search(text):
                copy = (
                    folder
                    / "docs"
                    / (source.parent if source.name == "pages" else source).name
                    / page.relative_to(source)
                )
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(_NAMES_A_MACHINE.sub(f"machine: {_MACHINE}", text, count=1).encode())
    site = read_site(folder)
    for page in sorted((folder / "docs").rglob("*.md")):
        try:
            site.read_pages([page])
        except FencepostError as error:
            print(f"left out: {str(error).splitlines()[0]}", flush=True)
            page.unlink()
    return read_site(folder)
