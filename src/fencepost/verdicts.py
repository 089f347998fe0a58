"""The verdicts that a step can get, from best to worst."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """The verdict on a step, in the words of records, reports and pages; from best to worst.

    A failure outweighs a blocked step, which only follows from it; an error outweighs everything, because the step
    proves nothing then.
    """

    PASSED = "passed"
    KNOWN_BROKEN = "known-broken"
    SKIPPED = "skipped"
    BLOCKED = "blocked"
    UNEXPECTEDLY_WORKS = "unexpectedly-works"
    TIMED_OUT = "timed-out"
    FAILED = "failed"
    ERROR = "error"

    @property
    def stops_the_page(self) -> bool:
        """True if the steps after this one can't be trusted any more."""
        return self in {Verdict.FAILED, Verdict.TIMED_OUT, Verdict.UNEXPECTEDLY_WORKS, Verdict.ERROR}

    @property
    def is_red(self) -> bool:
        """True if a run with this verdict isn't as documented."""
        return self.stops_the_page or self is Verdict.BLOCKED

    @property
    def was_run(self) -> bool:
        """True if the step ran to its end, so that its time means something."""
        return self not in {Verdict.SKIPPED, Verdict.BLOCKED, Verdict.ERROR}


_FROM_BEST_TO_WORST = tuple(Verdict)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst verdict, which is that of a page with these steps; `SKIPPED` for none."""
    return max(verdicts, key=_FROM_BEST_TO_WORST.index, default=Verdict.SKIPPED)
