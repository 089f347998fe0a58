"""The attributes in a fence's braces: accepted, or refused with a message."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from fencepost.fence.attributes import (
    BARE,
    CLASSES,
    KEYS,
    PREFIXED,
    AttributeProblem,
    read_attributes,
    remove_own_words,
)
from trials.fuzzing.taking import Bytes, holds, same, text
from trials.fuzzing.target import ROOT, Target


def one(data: bytes) -> None:
    """Try words as superfences passes them: `.class`, `key=value`, or a bare word, which maps to itself."""
    taken = Bytes(data)
    runs = bool(taken.number(2))
    classes: list[str] = []
    words: dict[str, str] = {}
    for word in text(taken.rest()).split("\n"):
        key, equals, value = word.partition("=")
        if word.startswith("."):
            classes.append(word[1:])
        elif key:
            words[key] = value if equals else key
    try:
        read = read_attributes(classes, words, runs=runs, also_allowed=["other"])
    except AttributeProblem as problem:
        holds(problem.message)
    else:
        holds(read.exit is None or 0 <= read.exit <= 255, read)
        holds(read.timeout is None or (math.isfinite(read.timeout) and 0 < read.timeout <= 86400), read)
        holds(0 <= read.retry <= 1000, read)
        holds(not read.known_broken or read.reason, read)
        holds(not read.notest or not (read.exit or read.file or read.always or read.hidden), read)
        holds("\0" not in read.file and not read.file.endswith("/"), read)
        holds(not read.wait_for or read.wait_for.startswith(("port:", "file:/")), read)
        # None of our classes is silently ignored.
        same({name.replace("-", "_") for name in set(classes) & set(CLASSES)}, named(read, classes))
    left: dict[str, Any] = {"attrs": dict(words), "classes": list(classes)}
    remove_own_words(left)
    holds(not set(left["classes"]) & set(CLASSES), left)
    holds(not any(key in KEYS or key in BARE or key.startswith(PREFIXED) for key in left["attrs"]), left)


def named(read: Any, classes: list[str]) -> set[str]:
    """Return which of our classes the parsed attributes have."""
    return {name.replace("-", "_") for name in classes if name in CLASSES and getattr(read, name.replace("-", "_"))}


def seeds() -> Iterable[bytes]:
    """Yield the headers of the fences on the site's own pages and in the samples."""
    for path in sorted([*(ROOT / "docs").rglob("*.md"), *(ROOT / "tests/page/forms").glob("*.md")]):
        for header in re.findall(r"^ *```\w* *\{(.*?)\}", path.read_text("utf-8", errors="replace"), re.MULTILINE):
            words = re.findall(r'[\w#.:-]+(?:="[^"]*"|=\S+)?', header)
            yield b"\x01" + "\n".join(words).replace('"', "").encode()


TARGET = Target(
    name="attributes",
    says="Every word is accepted within its bounds, or refused; none of ours reaches readers.",
    code=("fence/attributes.py",),
    words=tuple(f"\n{key}=".encode() for key in KEYS)
    + tuple(f"\n.{name}".encode() for name in CLASSES)
    + tuple(f"\n{word}".encode() for word in (*BARE, *PREFIXED))
    + (b"nan", b"inf", b"1e9", b"port:", b"file:/", "²".encode()),
    seeds=seeds,
    one=one,
    longest=256,
)
