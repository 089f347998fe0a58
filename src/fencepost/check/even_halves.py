"""Divides things into two halves that weigh as nearly the same as they can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

# As finely as all things together are weighed: to 1 in 16,384. A bit of a number stands for a weight.
_FINENESS = 1 << 14

T = TypeVar("T")


def even_halves(things: Sequence[T], weights: Mapping[T, float]) -> tuple[list[T], list[T]]:
    """The two halves, in the order of `things`; which is which says nothing.

    No other division is more even, but for what is lost by weighing: at most half of 1 in 16,384 of the whole for each
    thing.
    """
    whole = sum(weights[thing] for thing in things)
    if not whole:
        return list(things[::2]), list(things[1::2])
    weighed = [round(weights[thing] / whole * _FINENESS) for thing in things]
    # After each thing: every sum that those so far can make, as the bits of one number.
    reached = [1]
    for weight in weighed:
        reached.append(reached[-1] | reached[-1] << weight)
    half = sum(weighed) // 2
    left = (reached[-1] & ((1 << half + 1) - 1)).bit_length() - 1
    first: list[T] = []
    second: list[T] = []
    for index in range(len(things) - 1, -1, -1):
        if reached[index] >> left & 1:
            second.append(things[index])
        else:
            first.append(things[index])
            left -= weighed[index]
    return first[::-1], second[::-1]
