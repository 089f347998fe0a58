"""A run of a page on a machine, step by step, up to its record."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fencepost import __version__
from fencepost.check.downloads import dropped_downloads
from fencepost.check.job import Job, inputs_digest
from fencepost.check.network_failure import network_failure
from fencepost.check.step_runner import StepRunner
from fencepost.check.unrunnable import why_nothing_runs
from fencepost.errors import EngineError, FencepostError
from fencepost.fence.snippet import Snippet
from fencepost.kinds.result import StepResult
from fencepost.machine.fleet import Fleet
from fencepost.machine.open_machine import OpenMachine
from fencepost.machine.packages import QUERY, packages_in
from fencepost.record.model import FailureRecord, NoteRecord, Record, SnippetRecord, kept_output, now
from fencepost.session.early_readers import functions_shown
from fencepost.session.page_session import PageSession
from fencepost.verdicts import Verdict, worst

_HANDED_OVER = "/tmp/.fencepost-session"


class PageRun:
    """Runs the steps of a page on a fresh machine, and keeps their results.

    Args:
        job: the page and its machine.
        fleet: opens the machine.
        goes_on: go on after a transcript that prints something else than the page shows, so that all of a page's
            outputs can be rewritten in one go.
    """

    def __init__(self, job: Job, fleet: Fleet, *, goes_on: bool = False) -> None:
        self.job = job
        self.results: list[StepResult] = []
        self._fleet = fleet
        self._goes_on = goes_on
        self._settings = fleet.settings
        self._machine: OpenMachine | None = None
        self._runner: StepRunner | None = None
        self._stopped_by = ""
        self._installed: dict[str, str] = {}
        self._started = now()
        self._seconds = 0.0

    def prepare(self) -> None:
        """Start the machine, without waiting for it.

        Raises:
            EngineError: when the engine can't be started.
            EngineError, MachineError: when the machine couldn't be made.
        """
        if self._machine or self.job.lacking:
            return
        if self.job.machine_error:
            raise self.job.machine_error
        network = self.job.page.front_matter.network
        machine = self._machine = self._fleet.open(self.job.definition, self.job.image, network=network)
        try:
            shown = functions_shown(snippet.source for snippet in self.job.page.snippets)
            session = PageSession(machine, self._settings.output_limit << 20, shown)
        except BaseException:
            # The next call opens another one.
            self._machine = None
            machine.close()
            raise
        seconds = self.job.page.front_matter.timeout or self._settings.timeout
        self._runner = StepRunner(session, seconds, self._settings.output_limit, self.job.page.snippets, self._goes_on)

    def step(self, snippet: Snippet, values: Mapping[str, Any] | None = None) -> StepResult:
        """Run a step, or skip it with a reason. Call it for each step in the page's order.

        Args:
            snippet: the step.
            values: the values of its fixtures, under pytest.
        """
        if not self.results:
            self._started = now()
        began = time.monotonic()
        result = self._step(snippet, values)
        self.results.append(result)
        stops = result.verdict.stops_the_page and not (self._goes_on and result.differs)
        if stops and not self._stopped_by:
            self._stopped_by = snippet.id
        # Don't count the time between two steps: in live mode a session may wait there.
        self._seconds += time.monotonic() - began
        return result

    def fits(self, job: Job, steps: int) -> bool:
        """Return whether this run can go on with a newer version of its page, whose first steps are the same.

        Args:
            job: the newer version.
            steps: how many steps must be the same.
        """
        mine, others = self.job.snippets[:steps], job.snippets[:steps]
        return (
            not self._stopped_by
            and len(mine) == len(others) == steps
            and all(new.does_the_same_as(old) for new, old in zip(others, mine, strict=True))
            and job.image == self.job.image
            and inputs_digest(job, self._settings) == inputs_digest(self.job, self._settings)
        )

    def take_up(self, job: Job) -> None:
        """Go on with a newer version of the page, which the run `fits`."""
        self.results = [
            result.taken_over_by(snippet) for result, snippet in zip(self.results, job.snippets, strict=False)
        ]
        self.job = job
        if self._runner:
            self._runner = replace(self._runner, steps=job.page.snippets)

    def terminal_command(self) -> list[str]:
        """Return the command line that opens a bash on the machine with the state of the page's shell.

        Raises:
            EngineError: when the page's shell doesn't answer any more.
        """
        if not self._machine or not self._runner or not self._session_lives(self._runner.session):
            raise EngineError("the page's session has ended: there is nothing to open a shell in")
        if not self._runner.session.hand_over(_HANDED_OVER):
            raise EngineError("the page's shell can't hand over its state")
        return self._machine.terminal_command(f"--noprofile --rcfile {_HANDED_OVER} -i")

    def abort(self) -> None:
        """Remove the machine in the middle of a step, from another thread."""
        if self._machine:
            self._machine.abort()

    @property
    def closes_at_once(self) -> bool:
        """True if closing it takes next to no time."""
        return self._machine is None or self._machine.closes_at_once

    def close(self) -> None:
        """Remove the machine."""
        if self._machine:
            self._machine.close()

    def note_packages(self, of_image: Mapping[str, str]) -> None:
        """Note the packages that the page has installed, to explain later failures by their changed versions.

        Args:
            of_image: the versions of the image's packages, by name.
        """
        if self._runner and self._runner.session.alive and self.verdict is not Verdict.ERROR:
            installed = packages_in(self._runner.session.output_of(QUERY))
            self._installed = {name: version for name, version in installed.items() if of_image.get(name) != version}

    def record(self) -> Record:
        """Return the record of the steps that were run."""
        return Record(
            schema=1,
            page=self.job.page.name,
            machine=self.job.definition.name,
            title=self.job.definition.settings.title,
            image=self.job.image.id,
            engine=f"{self._fleet.engine.name} {self._fleet.engine.version}",
            isolation=self._machine.isolation if self._machine else "",
            accelerator=self._machine.accelerator if self._machine else None,
            fencepost=__version__,
            started=self._started,
            seconds=round(self._seconds, 3),
            verdict=self.verdict,
            reason=self._why_nothing_ran,
            steps_sha256=self.job.page.digest_on(self.job.definition.name),
            inputs_sha256=inputs_digest(self.job, self._settings),
            machine_sha256=self.job.definition.digest,
            installed=self._installed,
            network=self.job.page.front_matter.network,
            capabilities=self.job.definition.settings.capabilities,
            snippets=tuple(_recorded(result) for result in self.results),
        )

    @property
    def verdict(self) -> Verdict:
        """The page's verdict so far: the worst of the steps in which something runs."""
        return worst(result.verdict for result in self.results if not result.empty)

    @property
    def _why_nothing_ran(self) -> str:
        if any(result.verdict is not Verdict.SKIPPED for result in self.results):
            return ""
        reasons = [result.reason for result in self.results if not result.empty]
        if reasons:
            return reasons[0]
        if self.results:
            return "nothing in the page's steps runs"
        return f"the page has no step {'for this machine' if self.job.page.snippets else 'that runs'}"

    def _step(self, snippet: Snippet, values: Mapping[str, Any] | None) -> StepResult:
        if nothing := why_nothing_runs(snippet):
            return StepResult(snippet, Verdict.SKIPPED, reason=nothing, empty=True)
        if self.job.lacking:
            return StepResult(snippet, Verdict.SKIPPED, reason=self.job.lacking)
        if self._stopped_by and (self.verdict is Verdict.ERROR or not snippet.attributes.always):
            return StepResult(snippet, Verdict.BLOCKED, reason=f"step `{self._stopped_by}` failed before it")
        if snippet.attributes.fixtures and values is None:
            names = ", ".join(snippet.attributes.fixtures)
            return StepResult(snippet, Verdict.SKIPPED, reason=f"needs pytest, for its fixture {names}")
        try:
            self.prepare()
            assert self._runner is not None
            if not self._session_lives(self._runner.session):
                return StepResult(
                    snippet, Verdict.BLOCKED, reason=f"step `{self._stopped_by}` left no machine to run on"
                )
            result = self._runner.run(snippet, values)
        except FencepostError as error:
            return StepResult(snippet, Verdict.ERROR, reason=self._with_last_words(str(error)))
        if result.verdict is Verdict.ERROR:
            return replace(result, reason=self._with_last_words(result.reason))
        if result.verdict is Verdict.PASSED and not self.job.page.front_matter.network:
            return replace(result, notes=(*result.notes, *dropped_downloads(snippet, self.job.page.snippets)))
        # Also for a failure that the page expects: apt's exit status 100 means a refusal as well as a dead mirror.
        failure = network_failure(result.output) if self.job.page.front_matter.network and result.exit != 0 else ""
        if failure:
            reason = f"the network failed, not the step: {failure}"
            return replace(result, verdict=Verdict.ERROR, reason=reason, failure=None)
        return result

    def _with_last_words(self, reason: str) -> str:
        """Return a reason with the last lines of the machine's console, if there are any."""
        words = self._machine.last_words() if self._machine else ""
        return "\n    ".join([f"{reason}; its console's last lines:", *words.splitlines()]) if words else reason

    def _session_lives(self, session: PageSession) -> bool:
        """Return whether there is a session, after starting a new one if a step has ended the last."""
        session.start()
        if not session.alive:
            try:
                session.start_again()
            except EngineError:
                if not self._stopped_by:
                    raise
                return False
        return True


def _recorded(result: StepResult) -> SnippetRecord:
    output, truncated = kept_output(result.output)
    failure = result.failure
    return SnippetRecord(
        id=result.snippet.id,
        title=result.snippet.title,
        language=result.snippet.language,
        source=kept_output(result.snippet.source)[0],
        written_to=result.snippet.attributes.file,
        file=result.snippet.opening.file,
        line=result.snippet.opening.line,
        source_sha256=result.snippet.source_sha256,
        step_sha256=result.snippet.step_sha256,
        verdict=result.verdict,
        exit=result.exit,
        seconds=round(result.seconds, 3),
        output=output,
        truncated=truncated,
        reason=result.reason or None,
        failure=FailureRecord(
            file=failure.file,
            line=failure.line,
            command=failure.command,
            expected=failure.expected,
            actual=kept_output(failure.actual)[0],
        )
        if failure
        else None,
        notes=tuple(NoteRecord(file=note.file, line=note.line, text=note.text) for note in result.notes),
        empty=result.empty,
    )
