"""The FROM lines of a Containerfile."""

from __future__ import annotations

from fencepost.machine.containerfile import BaseImage, base_images, with_base_images

TEXT = """\
# FROM a comment
FROM --platform=linux/amd64 debian:13 AS Build
RUN echo FROM nothing
from build
FROM scratch
FROM ${BASE}
  FROM localhost/other as last
COPY --from=build /a /a
FROM LAST
"""


def test_the_images_that_it_starts_from() -> None:
    assert list(base_images(TEXT)) == [BaseImage("debian:13", 2), BaseImage("localhost/other", 7)]


def test_only_the_images_are_replaced() -> None:
    expected = TEXT.replace("debian:13", "one").replace("localhost/other", "two")
    assert with_base_images(TEXT, {2: "one", 7: "two"}) == expected
