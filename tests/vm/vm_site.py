"""Sites with virtual machines, and their saved states."""

from __future__ import annotations

from pathlib import Path

from fencepost.machine.engine import Engine
from fencepost.machine.fleet import Fleet
from tests.helpers.site_builder import SiteBuilder

PAGES = Path(__file__).parent / "pages"


def sample(build: SiteBuilder, name: str, **replaced: str) -> None:
    """Adds one of the sample pages."""
    text = (PAGES / f"{name}.md").read_text("utf-8")
    for old, new in replaced.items():
        text = text.replace(old, new)
    build.write(f"docs/{name}.md", text)


def another_hardware(build: SiteBuilder, **changes: str) -> None:
    """Makes the machine one that nobody has booted yet."""
    settings = {"kind": '"vm"', "memory": '"640m"', "disk": '"3g"', **changes}
    text = "".join(f"{key.replace('_', '-')} = {value}\n" for key, value in settings.items())
    build.write("machines/vm/machine.toml", text)


def is_saved(build: SiteBuilder, engine: Engine) -> bool:
    """Return whether the site's virtual machine has a saved state."""
    site = build.read()
    return len(Fleet(engine, site.settings).current_names(site.machines["vm"])) > 1
