"""Takes what a target needs out of the bytes that a fuzzer hands it."""

from __future__ import annotations


class Bytes:
    """Bytes, taken from the front.

    Args:
        data: what the fuzzer made up. Where they end, numbers are 0 and texts are empty.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data

    def number(self, below: int) -> int:
        """A number from 0 to `below` - 1, at most 255."""
        first, self._data = self._data[:1], self._data[1:]
        return first[0] % below if first else 0

    def until(self, separator: bytes) -> bytes:
        """All up to a separator, which is dropped; everything where there is none."""
        found, _, self._data = self._data.partition(separator)
        return found

    def rest(self) -> bytes:
        """All that is left."""
        found, self._data = self._data, b""
        return found


def text(data: bytes) -> str:
    """Bytes as text, as everything that comes from a machine is read."""
    return data.decode("utf-8", "replace")


def same(told: object, expected: object) -> None:
    """Complains where two things differ, and shows both."""
    if told != expected:
        raise AssertionError(f"{told!r} is not {expected!r}")


def holds(condition: object, *about: object) -> None:
    """Complains where something doesn't hold; no `assert`, which an optimised Python would leave out."""
    if not condition:
        raise AssertionError(" ".join(repr(item) for item in about))
