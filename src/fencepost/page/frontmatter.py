"""Reads Fencepost's keys in a page's front matter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from reprlib import Repr
from typing import Any

import yaml

from fencepost.errors import PageError, UncheckedPageError

_SHORT = Repr()
_DAY = 86400
KEYS = ("machine", "network", "timeout", "requires")
# Keys of MkDocs and Material. These aren't taken for misspellings of ours.
_FOREIGN = frozenset(
    {"title", "subtitle", "date", "tags", "description", "summary", "keywords", "image", "hide", "icon", "template"}
    | {"status", "slug", "categories", "authors", "author", "draft", "pin", "links", "search", "comments"}
    | {"readtime", "social", "series", "feed", "revision"}
)
_KNOWN_REQUIREMENTS = ("kvm",)


@dataclass(frozen=True)
class FrontMatter:
    """Fencepost's part of a page's front matter.

    Attributes:
        machines: names of machines, in the page's order; none for ordinary prose.
        network: the machine can reach the network.
        timeout: seconds for a snippet; `None` for the site's default.
        requires: capabilities that not every computer has.
        title: the page's title, if given.
    """

    machines: tuple[str, ...] = ()
    network: bool = False
    timeout: float | None = None
    requires: tuple[str, ...] = ()
    title: str = ""


def read_front_matter(data: Mapping[str, Any], text: str, file: str) -> FrontMatter:
    """Read our keys from a page's parsed front matter.

    Args:
        data: the parsed front matter, as the site reads it.
        text: the page's whole text, to find line numbers.
        file: the page's name, for errors.

    Raises:
        PageError: for broken YAML, a misspelt key, or a value of the wrong type.
    """
    check_yaml(data, text, file)
    misspelt = _misspelt(data)
    # On a page without a machine, a key that is spelt almost like one of ours belongs to another tool.
    if misspelt and means_a_machine(data):
        key, meant = next(iter(misspelt.items()))
        raise PageError(f"unknown front-matter key `{key}`", f"did you mean `{meant}`?", file, line_of_key(key, text))

    def wrong(key: str, expected: str) -> PageError:
        value = data[key]
        # A few lines of YAML can stand for millions of values. Show only some of them.
        shown = value if isinstance(value, str) else _SHORT.repr(value)
        return PageError(f"`{key}:` takes {expected}, not `{shown}`", "", file, line_of_key(key, text))

    machines = _names(data.get("machine"))
    if machines is None or ("machine" in data and not machines) or len(set(machines)) != len(machines):
        raise wrong("machine", "the name of a machine, or a list of different ones")
    network = data.get("network", False)
    if not isinstance(network, bool):
        raise wrong("network", "true or false")
    timeout = data.get("timeout")
    if timeout is not None and (
        isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= _DAY
    ):
        raise wrong("timeout", f"a number of seconds, up to {_DAY}")
    requires = _names(data.get("requires"))
    if requires is None or not set(requires) <= set(_KNOWN_REQUIREMENTS):
        raise wrong("requires", "a list of " + ", ".join(f"`{name}`" for name in _KNOWN_REQUIREMENTS))
    if not machines and (useless := [key for key in KEYS if key in data]):
        raise PageError(
            f"`{useless[0]}:` has no effect on a page without a machine",
            "add `machine: NAME` to run its steps, or drop the line",
            file,
            line_of_key(useless[0], text),
        )
    title = data.get("title")
    return FrontMatter(machines, network, timeout, requires, "" if isinstance(title, list | dict) else str(title or ""))


def means_a_machine(data: Mapping[str, Any]) -> bool:
    """Return whether front matter names a machine, or tries to and has the key misspelt."""
    return "machine" in data or "machine" in _misspelt(data).values()


def _misspelt(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the keys that are spelt almost like one of ours, each with ours."""
    others = [str(key) for key in data if key not in KEYS and key not in _FOREIGN]
    near = {key: get_close_matches(key.lower(), KEYS, n=1, cutoff=0.8) for key in others}
    return {key: meant[0] for key, meant in near.items() if meant}


def _names(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return ()
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) and item for item in values):
        return None
    return tuple(values)


def line_of_key(key: str, text: str) -> int:
    """Return the line of a front-matter key in a page's text, counted from 1; the first line if it isn't found."""
    match = re.search(rf"^{re.escape(key)}[ \t]*:", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else 1


def check_yaml(data: Mapping[str, Any], text: str, file: str) -> None:
    """Check the YAML of a page that begins like one with front matter, but from which none was read.

    Raises:
        UncheckedPageError: for broken YAML.
    """
    if data or not text.startswith("---"):
        return
    match = re.match(r"^-{3}[ \t]*\n(.*?\n)(?:-{3}|\.{3})[ \t]*(?:\n|$)", text, re.DOTALL)
    if not match:
        return
    line, problem = 1, ""
    try:
        yaml.safe_load(match[1])
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        problem = error.problem or ""
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # A character that YAML doesn't allow, an impossible date, or too deeply nested brackets.
        problem = str(error).partition("\n")[0]
    if problem:
        raise UncheckedPageError(
            f"the front matter isn't valid YAML: {problem}",
            "MkDocs would show it as text; quote values that contain a colon",
            file,
            line,
        )
