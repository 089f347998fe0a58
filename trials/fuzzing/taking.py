"""Takes numbers and texts out of the bytes that a fuzzer makes, and checks what holds."""

from __future__ import annotations


class Bytes:
    """Bytes to take numbers and texts from, starting at the front.

    Args:
        data: the fuzzer's input. When it is used up, numbers are 0 and texts are empty.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data

    def number(self, below: int) -> int:
        """Take a number from 0 to `below` - 1, at most 255."""
        first, self._data = self._data[:1], self._data[1:]
        return first[0] % below if first else 0

    def until(self, separator: bytes) -> bytes:
        """Take everything up to a separator, which is dropped; everything if there is none."""
        part, _, self._data = self._data.partition(separator)
        return part

    def rest(self) -> bytes:
        """Take everything that is left."""
        part, self._data = self._data, b""
        return part


def text(data: bytes) -> str:
    """Decode bytes as Fencepost decodes everything that comes from a machine."""
    return data.decode("utf-8", "replace")


def same(actual: object, expected: object) -> None:
    """Raise AssertionError if two values differ."""
    if actual != expected:
        raise AssertionError(f"{actual!r} is not {expected!r}")


def holds(condition: object, *about: object) -> None:
    """Raise AssertionError if a condition is false. Not by `assert`, which an optimised Python would leave out."""
    if not condition:
        raise AssertionError(" ".join(repr(item) for item in about))
