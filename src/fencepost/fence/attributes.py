"""The attributes that a fence may have in its braces, and what they mean.

Ours are few, and must be spelt right. Those of the theme and of other plugins are ignored, but an attribute that is
spelt almost like one of ours is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from fencepost.errors import did_you_mean

CLASSES = ("known-broken", "notest", "hidden", "always")
KEYS = ("exit", "reason", "match", "only", "timeout", "retry", "wait-for", "file")
# Words of pytest-markdown-docs, bare or with a colon.
BARE = ("notest", "continuation")
PREFIXED = ("retry:", "fixture:", "runner:")

# Keys of the highlighter, Material and HTML. Keys that begin with `data-` or `aria-` are allowed too.
FOREIGN_KEYS = frozenset(
    {"title", "title_mode", "linenums", "hl_lines", "anchor_linenums", "style", "lang", "dir", "role", "tabindex"}
    | {"width", "height", "class", "id", "name"}
)
_DIGITS = 4
# A path that only a shell would expand. No author wants a file of that literal name.
_FOR_A_SHELL = re.compile(r"~[\w.-]*/|\$[\w{(]")
_WAIT_FOR = re.compile(r"port:\d{1,5}|file:/.+")


class AttributeProblem(Exception):
    """An attribute that is wrong, with the fix; `below` is the number of lines from the fence's first line to it."""

    def __init__(self, message: str, fix: str = "", below: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.below = below


@dataclass(frozen=True)
class Attributes:
    """A fence's attributes.

    Attributes:
        notest: shown, not run.
        hidden: run, not shown.
        always: run even after a failure.
        known_broken: expected to fail; readers see `reason`, and the output must contain `match`.
        exit: the expected exit status, 0 to 255; `None` if not given.
        only: the machines on which it runs, or patterns of their names; empty for all.
        timeout: seconds until it is stopped; `None` for the page's timeout.
        retry: how often it is tried again.
        wait_for: `port:N` or `file:/PATH` to wait for before it runs.
        file: the file on the machine that the fence is written to, instead of being run.
        fixtures: pytest fixtures whose JSON values a Python fence can use.
    """

    notest: bool = False
    hidden: bool = False
    always: bool = False
    known_broken: bool = False
    reason: str = ""
    match: str = ""
    exit: int | None = None
    only: tuple[str, ...] = ()
    timeout: float | None = None
    retry: int = 0
    wait_for: str = ""
    file: str = ""
    fixtures: tuple[str, ...] = ()


def read_attributes(
    classes: Collection[str],
    words: Mapping[str, str],
    *,
    runs: bool,
    also_allowed: Collection[str] = (),
) -> Attributes:
    """Read the classes and the `key=value` words of a fence.

    Args:
        classes: its classes, without dots.
        words: its other words; a bare word maps to itself.
        runs: its language is one that runs; for others, only `file=` and misspellings matter.
        also_allowed: keys that belong to other plugins of the site (`allow-attributes`).

    Raises:
        AttributeProblem: for a word that is unknown, misspelt, of the wrong type, or useless here.
    """
    read: dict[str, Any] = {}
    for name in classes:
        if name in CLASSES:
            read[name.replace("-", "_")] = True
        elif hint := misspelt(name, CLASSES):
            raise AttributeProblem(f"unknown class `.{name}`", hint)
    fixtures = []
    for key, value in words.items():
        if key in BARE and value == key:
            read.update({"notest": True} if key == "notest" else {})
        elif key in CLASSES and value == key:
            raise AttributeProblem(f"`{key}` needs a dot in front", f"write `.{key}`")
        elif key.startswith("fixture:"):
            fixtures.append(key.removeprefix("fixture:"))
        elif key.startswith("retry:"):
            read["retry"] = _whole_number(key.removeprefix("retry:"), "retry:")
        elif key.startswith("runner:"):
            raise AttributeProblem(
                f"`{key}` can't choose a runner on a page with a machine",
                "its Python runs on the machine; drop the word, or the page's `machine:`",
            )
        elif key in KEYS and value == key:
            raise AttributeProblem(f"`{key}` needs a value", f'write {key}="..."')
        elif key in KEYS:
            read[key.replace("-", "_")] = _READERS[key](value)
        else:
            _check_foreign(key, value, runs=runs, also_allowed=also_allowed)
    attributes = Attributes(**read, fixtures=tuple(fixtures))
    _check_combination(attributes, read, runs=runs)
    return attributes


def remove_own_words(arguments: dict[str, Any]) -> None:
    """Remove our attributes from the arguments of a superfences formatter, so that they stay out of the HTML."""
    attributes = arguments.get("attrs")
    if attributes:
        arguments["attrs"] = {
            key: value
            for key, value in attributes.items()
            if key not in KEYS and key not in BARE and not key.startswith(PREFIXED)
        }
    if arguments.get("classes"):
        arguments["classes"] = [name for name in arguments["classes"] if name not in CLASSES]


def _check_foreign(key: str, value: str, *, runs: bool, also_allowed: Collection[str]) -> None:
    if key in FOREIGN_KEYS or key in also_allowed or key.startswith(("data-", "aria-")):
        return
    known = (*KEYS, *CLASSES, *BARE) if key == value else KEYS
    hint = misspelt(key, known)
    if hint or runs:
        word = f"`{key}`" if key == value else f"`{key}=`"
        allow = f'if another plugin reads it, add `allow-attributes = ["{key}"]` to Fencepost\'s settings'
        raise AttributeProblem(f"unknown attribute {word}", hint or did_you_mean(key, known) or allow)


def _check_combination(attributes: Attributes, read: Mapping[str, Any], *, runs: bool) -> None:
    if attributes.known_broken and not attributes.reason:
        raise AttributeProblem(
            "`.known-broken` needs a reason to show to readers", 'add reason="..." with what broke, and since when'
        )
    if (attributes.reason or attributes.match) and not attributes.known_broken:
        word = "reason" if attributes.reason else "match"
        raise AttributeProblem(
            f"`{word}=` has no effect without `.known-broken`", f"add `.known-broken`, or drop `{word}=`"
        )
    if attributes.notest and (others := [key for key in read if key != "notest"]):
        raise AttributeProblem(
            f"a `.notest` fence doesn't run, so `{others[0].replace('_', '-')}` has no effect", "drop one of the two"
        )
    if attributes.file and (others := sorted(set(read) & {"exit", "known_broken", "wait_for", "retry"})):
        raise AttributeProblem(
            f"`file=` writes the fence and runs nothing, so `{others[0].replace('_', '-')}` has no effect",
            "drop one of the two",
        )
    if not runs and not attributes.file and (own := [key for key in read if key != "notest"]):
        raise AttributeProblem(
            f"`{own[0].replace('_', '-')}` is on a fence that doesn't run",
            "give the fence a language that runs (bash, console, python), or `file=`",
        )


def misspelt(word: str, known: Collection[str]) -> str:
    """Return `did you mean ...?` if a word is spelt almost like a known one; empty otherwise."""
    # Stricter than `near`: a theme's class must not be an error because it shares some letters with one of ours.
    word = word.lower().replace("_", "-")
    swapped = [name for name in known if sorted(name) == sorted(word)]
    matches = swapped or get_close_matches(word, list(known), n=1, cutoff=0.84)
    return f"did you mean `{matches[0]}`?" if matches else ""


def _whole_number(value: str, name: str, most: int = 1000) -> int:
    # Python refuses to read a number of thousands of digits.
    if not value.isascii() or not value.isdigit() or len(value) > _DIGITS or int(value) > most:
        raise AttributeProblem(f"`{name}` takes a whole number from 0 to {most}, not `{value}`")
    return int(value)


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 86400:
        raise AttributeProblem(f"`timeout=` takes seconds, up to 86400, not `{value}`")
    return seconds


def _path(value: str) -> str:
    if not value or value.endswith("/") or "\0" in value:
        raise AttributeProblem("`file=` needs the path of a file on the machine", 'such as file="/etc/xen/chef.cfg"')
    if _FOR_A_SHELL.match(value):
        raise AttributeProblem(
            f"`file=` takes a literal path: no shell expands `{value}`", 'write it out, such as file="/root/.bashrc"'
        )
    return value


def _condition(value: str) -> str:
    if not _WAIT_FOR.fullmatch(value):
        raise AttributeProblem(
            f"`wait-for=` can't wait for `{value}`", 'write wait-for="port:80" or wait-for="file:/run/ready"'
        )
    return value


_READERS: dict[str, Callable[[str], Any]] = {
    "exit": lambda value: _whole_number(value, "exit=", 255),
    "reason": str,
    "match": str,
    "only": lambda value: tuple(value.replace(",", " ").split()),
    "timeout": _seconds,
    "retry": lambda value: _whole_number(value, "retry="),
    "wait-for": _condition,
    "file": _path,
}
