"""The FROM lines of a Containerfile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FROM = re.compile(r"^(?P<head>\s*FROM\s+(?:--\S+\s+)*)(?P<image>\S+)(?P<tail>.*)$", re.IGNORECASE)
_STAGE = re.compile(r"\bAS\s+(\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class BaseImage:
    """An image that a Containerfile starts from.

    Attributes:
        image: its name there.
        line: the line, counted from 1.
    """

    image: str
    line: int


def base_images(text: str) -> Iterator[BaseImage]:
    """Yield the images that a Containerfile starts from, without earlier stages, `scratch`, and names with variables.

    Args:
        text: the Containerfile.
    """
    stages = {"scratch"}
    for number, line in enumerate(text.split("\n"), 1):
        if match := _FROM.match(line):
            if match["image"].lower() not in stages and "$" not in match["image"]:
                yield BaseImage(match["image"], number)
            if stage := _STAGE.search(match["tail"]):
                stages.add(stage[1].lower())


def with_base_images(text: str, images: Mapping[int, str]) -> str:
    """Return a Containerfile with other images in some of its FROM lines.

    Args:
        text: the Containerfile.
        images: the images, by the line.
    """
    lines = text.split("\n")
    for number, image in images.items():
        match = _FROM.match(lines[number - 1])
        assert match, lines[number - 1]
        lines[number - 1] = f"{match['head']}{image}{match['tail']}"
    return "\n".join(lines)
