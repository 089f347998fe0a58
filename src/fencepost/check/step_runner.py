"""Runs a step in a page's session, with the retries that it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fencepost.fence.snippet import Snippet
from fencepost.kinds.kind import StepContext
from fencepost.kinds.registry import kind_of
from fencepost.kinds.result import Failure, Note, StepResult
from fencepost.session.page_session import PageSession
from fencepost.verdicts import Verdict


@dataclass(frozen=True)
class StepRunner:
    """Runs the steps of one page.

    Attributes:
        session: the page's session.
        seconds: the timeout of a step that doesn't set its own.
        limit_mib: the MiB of output that a step may write.
        steps: all steps of the page.
        goes_on: run a transcript to its end even if it prints something else than the page shows.
    """

    session: PageSession
    seconds: float
    limit_mib: int
    steps: Sequence[Snippet] = ()
    goes_on: bool = False

    def run(self, snippet: Snippet, values: Mapping[str, Any] | None = None) -> StepResult:
        """Run a step, and again if it fails and asks for further tries; return the result of the last one.

        Args:
            snippet: the step.
            values: the globals that pytest's fixtures give a Python step.

        Raises:
            EngineError: when the machine or its engine fails.
        """
        seconds = snippet.attributes.timeout or self.seconds
        awaited = snippet.attributes.wait_for
        if awaited and not self.session.wait_for(awaited, seconds):
            reason = f"waited {seconds:g} s for {awaited}, in vain"
            failure = Failure(snippet.opening.file, snippet.opening.line, expected=awaited, actual=reason)
            return StepResult(snippet, Verdict.TIMED_OUT, reason=reason, failure=failure, seconds=seconds)
        result = self._once(snippet, seconds, values or {})
        tries = 1 + snippet.attributes.retry
        for number in range(2, tries + 1):
            # Don't retry a known-broken step that works: its work is done already.
            decided = not result.verdict.stops_the_page or result.verdict is Verdict.UNEXPECTEDLY_WORKS
            if decided or not self.session.alive:
                break
            result = self._once(snippet, seconds, values or {})
            if not result.verdict.stops_the_page:
                text = f"{result.verdict} only at try {number} of {tries}"
                note = Note(snippet.opening.file, snippet.opening.line, text)
                result = replace(result, notes=(*result.notes, note))
        return result

    def _once(self, snippet: Snippet, seconds: float, values: Mapping[str, Any]) -> StepResult:
        context = StepContext(self.session, seconds, self.limit_mib, self.steps, self.goes_on, values)
        return kind_of(snippet).run(snippet, context)
