"""Where in a built site everything lies that Fencepost adds to it: paths below the site's root."""

from __future__ import annotations

from urllib.parse import quote

from fencepost.run_key import RunKey

FOLDER = "assets/fencepost"
STYLESHEET = f"{FOLDER}/fencepost.css"
SCRIPT = f"{FOLDER}/fencepost.js"
PLAYER = f"{FOLDER}/asciinema-player"
# All that is known, for other computers to fetch.
RECORDS = f"{FOLDER}/records.json"
# The same in short, for other programs to read.
STATUS = f"{FOLDER}/what-still-works.json"
SITE_BADGE = f"{FOLDER}/badge.svg"


def badge_of(page: str) -> str:
    """A page's badge."""
    return f"{FOLDER}/badges/{page.removesuffix('.md')}.svg"


def cast_of(key: RunKey) -> str:
    """The recording of a page's run on a machine."""
    return f"{FOLDER}/runs/{key.stem}.cast"


def run_of(key: RunKey) -> str:
    """The same run to be read."""
    return f"{FOLDER}/runs/{key.stem}.html"


def script_of(key: RunKey) -> str:
    """All steps of a page on a machine as one script."""
    return f"{FOLDER}/scripts/{key.stem}.sh"


def address(path: str, up: str = "") -> str:
    """A path as a link, from a place `up` (such as `../`) of which leads to the root."""
    # A colon stays none: at a link's beginning, what stands before it would be a scheme, be it `javascript`.
    return up + quote(path, safe="/@+,=~!$&'()*;")


def way_up(url: str) -> str:
    """The way from a page's address, relative to the root, back to the root: `../` for each folder that it lies in."""
    return "../" * url.count("/")
