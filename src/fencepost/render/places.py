"""The paths, relative to the site's root, of everything that Fencepost adds to a built site."""

from __future__ import annotations

from urllib.parse import quote

from fencepost.run_key import RunKey

FOLDER = "assets/fencepost"
STYLESHEET = f"{FOLDER}/fencepost.css"
SCRIPT = f"{FOLDER}/fencepost.js"
PLAYER = f"{FOLDER}/asciinema-player"
# All records and histories, for `fencepost fetch` on other computers.
RECORDS = f"{FOLDER}/records.json"
# A summary, for other programs.
STATUS = f"{FOLDER}/what-still-works.json"
SITE_BADGE = f"{FOLDER}/badge.svg"


def badge_of(page: str) -> str:
    """Return the path of a page's badge."""
    return f"{FOLDER}/badges/{page.removesuffix('.md')}.svg"


def cast_of(key: RunKey) -> str:
    """Return the path of the recording of a page's run on a machine."""
    return f"{FOLDER}/runs/{key.stem}.cast"


def run_of(key: RunKey) -> str:
    """Return the path of that run as text."""
    return f"{FOLDER}/runs/{key.stem}.html"


def script_of(key: RunKey) -> str:
    """Return the path of the script with all steps of a page on a machine."""
    return f"{FOLDER}/scripts/{key.stem}.sh"


def address(path: str, up: str = "") -> str:
    """Return the URL of a path, relative to a page from which `up` (such as `../`) leads to the root."""
    # Colons are quoted: at a link's beginning they would make a scheme, such as `javascript:`.
    return up + quote(path, safe="/@+,=~!$&'()*;")


def way_up(url: str) -> str:
    """Return the relative URL of the root from a page's address: `../` for each folder that the page is in."""
    return "../" * url.count("/")
