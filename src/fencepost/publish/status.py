"""*What still works* as data for other programs: `what-still-works.json`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fencepost.record.history import Run, last_green
from fencepost.render.page_status import OnMachine, SitePage, Standing
from fencepost.render.places import badge_of, run_of
from fencepost.run_key import RunKey
from fencepost.verdicts import Verdict

_RUNS_LISTED = 30


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class RunStatus(_Part):
    """An earlier run."""

    started: datetime
    seconds: float
    verdict: Verdict


class MachineStatus(_Part):
    """A page on one of its machines."""

    machine: str
    title: str = Field(description="The machine's title for readers.")
    standing: Standing = Field(description="The status of the page as it is now, by its last run.")
    verdict: Verdict | None = Field(description="The verdict of the last run; null if there was none.")
    started: datetime | None
    seconds: float | None
    passed: int = Field(description="Steps that did as the page says.")
    steps: int = Field(description="All steps except those that are known to be broken or empty.")
    known_broken: int
    image: str | None
    accelerator: str | None = Field(
        description="How the virtual machine was run: `kvm` or `tcg` (emulated); null for containers."
    )
    last_green: datetime | None
    run: str | None = Field(description="The run as text, relative to the site's root.")
    runs: tuple[RunStatus, ...] = Field(description="The last runs, oldest first.")


class PageStatus(_Part):
    """A page."""

    page: str
    title: str
    url: str | None = Field(description="Relative to the site's root.")
    standing: Standing = Field(description="The worst of its machines.")
    badge: str
    machines: tuple[MachineStatus, ...]


class SiteStatus(_Part):
    """A site."""

    schema_: Literal[1] = Field(1, alias="schema")
    site: str
    max_age_days: float = Field(description="The age in days from which a verdict is old.")
    pages: tuple[PageStatus, ...]

    def to_json(self) -> str:
        """Return the text of the file."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"


def status_of(site: str, pages: Sequence[SitePage], max_age_days: float) -> SiteStatus:
    """Return the status of a site.

    Args:
        site: its name.
        pages: its pages with a machine.
        max_age_days: the age in days from which a verdict is old.
    """
    statuses = tuple(_page(page) for page in pages)
    return SiteStatus(schema=1, site=site, max_age_days=max_age_days, pages=statuses)


def status_schema() -> dict[str, Any]:
    """Return the JSON Schema of a site's status."""
    schema = SiteStatus.model_json_schema(by_alias=True, mode="serialization")
    schema["title"] = "Fencepost, what still works, schema 1"
    return schema


def _page(page: SitePage) -> PageStatus:
    machines = tuple(_machine(page.name, item, page.runs.get(item.machine, ())) for item in page.standing.machines)
    return PageStatus(
        page=page.name,
        title=page.title,
        url=page.url,
        standing=page.standing.worst,
        badge=badge_of(page.name),
        machines=machines,
    )


def _machine(page: str, item: OnMachine, runs: Sequence[Run]) -> MachineStatus:
    record = item.record
    passed, steps, broken = record.counted if record else (0, 0, 0)
    green = last_green(list(runs))
    last_runs = [
        RunStatus(started=run.started, seconds=run.seconds, verdict=run.verdict) for run in runs[-_RUNS_LISTED:]
    ]
    return MachineStatus(
        machine=item.machine,
        title=item.title,
        standing=item.standing,
        verdict=record.verdict if record else None,
        started=record.started if record else None,
        seconds=record.seconds if record else None,
        passed=passed,
        steps=steps,
        known_broken=broken,
        image=record.image if record else None,
        accelerator=record.accelerator if record else None,
        last_green=green.started if green else None,
        run=run_of(RunKey(page, item.machine)) if record else None,
        runs=tuple(last_runs),
    )
