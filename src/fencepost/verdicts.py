"""What can become of a step, and which of two is worse."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What became of one step, in the words that records, reports and pages use."""

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
        """Whether the steps after this one can't be trusted any more."""
        return self in {Verdict.FAILED, Verdict.TIMED_OUT, Verdict.UNEXPECTEDLY_WORKS, Verdict.ERROR}

    @property
    def is_red(self) -> bool:
        """Whether a run with this verdict isn't as documented."""
        return self.stops_the_page or self is Verdict.BLOCKED

    @property
    def was_run(self) -> bool:
        """Whether the step was run to an end, so that its time tells something."""
        return self not in {Verdict.SKIPPED, Verdict.BLOCKED, Verdict.ERROR}


# From best to worst. A failure outweighs a blocked step, which is only its echo; an error outweighs
# everything, for it says that nothing at all is known.
_FROM_BEST_TO_WORST = tuple(Verdict)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts: what a page with these steps is worth. Without any, nothing was checked."""
    return max(verdicts, key=_FROM_BEST_TO_WORST.index, default=Verdict.SKIPPED)
