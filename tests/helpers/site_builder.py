"""Small sites for tests."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import yaml

from fencepost.site.mkdocs import read_site
from fencepost.site.site import Site

# libyaml, where it is there, takes a tenth of the time.
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
TESTS = Path(__file__).parents[1]
INCLUDES = TESTS / "page" / "includes"
MACHINES = TESTS / "machines"

# What a usual site has, in Material for MkDocs or without.
MARKDOWN: dict[str, dict[str, Any]] = {
    "admonition": {},
    "attr_list": {},
    "def_list": {},
    "footnotes": {},
    "md_in_html": {},
    "tables": {},
    "toc": {"permalink": True},
    "pymdownx.details": {},
    "pymdownx.highlight": {"anchor_linenums": True, "pygments_lang_class": True},
    "pymdownx.inlinehilite": {},
    "pymdownx.snippets": {},
    "pymdownx.superfences": {},
    "pymdownx.tabbed": {"alternate_style": True},
}


@dataclass
class SiteBuilder:
    """A site in a folder, made piece by piece.

    The folder has a `mkdocs.yml` and two machines, `debian-12` and `debian-13`, that can't be built.
    """

    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "docs").mkdir(parents=True)
        self.configure(MARKDOWN)
        for name in ("debian-12", "debian-13"):
            self.machine(name)

    def configure(self, markdown: dict[str, dict[str, Any]], **further: Any) -> None:
        """Write `mkdocs.yml`."""
        config = {
            "site_name": "A site",
            "theme": None,
            "plugins": [],
            "markdown_extensions": [{name: options} if options else name for name, options in markdown.items()],
            **further,
        }
        self.write("mkdocs.yml", yaml.dump(config, Dumper=DUMPER))

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        """Write a file without changing line ends, and return its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return path

    def page(self, text: str, name: str = "page.md") -> Path:
        """Write a page, whose text may be indented, and return its path."""
        return self.write(f"docs/{name}", dedent(text).lstrip("\n"))

    def machine(self, name: str, containerfile: str = "FROM scratch\n", toml: str = "") -> Path:
        """Add a machine, and return its folder."""
        self.write(f"machines/{name}/Containerfile", dedent(containerfile))
        if toml:
            self.write(f"machines/{name}/machine.toml", dedent(toml))
        return self.folder / "machines" / name

    def real_machine(self, name: str) -> None:
        """Add a machine from `tests/machines`, which can be built."""
        shutil.copytree(MACHINES / name, self.folder / "machines" / name)

    def includes(self) -> None:
        """Add the files that the sample pages include."""
        shutil.copytree(INCLUDES, self.folder / "includes")
        self.write("includes/latin-1.sh", "echo Grüße\n", "latin-1")

    def read(self) -> Site:
        """Return the site as Fencepost reads it."""
        return read_site(self.folder)
