"""Announces a check that has to make machines first: how many, and about how long everything takes."""

from __future__ import annotations

from collections.abc import Collection

from fencepost.check.job import Job
from fencepost.machine.fleet import Fleet

# The seconds that a page takes that was never run, in a container and in a virtual machine.
_PAGE_SECONDS = {"container": 15.0, "vm": 80.0}


def announcement(jobs: Collection[Job], fleet: Fleet, workers: int) -> str:
    """Return a sentence for users; empty if each machine is ready.

    Args:
        jobs: the pages that are about to run, each with its machine.
        fleet: makes the machines.
        workers: the number of pages that run at a time.
    """
    machines = {job.definition.name: job.definition for job in jobs if not job.needs_no_machine}
    seconds = {name: fleet.seconds_to_make(definition) for name, definition in machines.items()}
    to_make = [machines[name] for name in machines if seconds[name]]
    if not to_make:
        return ""
    virtual = sum(definition.settings.kind == "vm" for definition in to_make)
    pages = sum(_PAGE_SECONDS[job.definition.settings.kind] for job in jobs if not job.needs_no_machine)
    total = (sum(seconds.values()) + pages) / workers
    which = f" ({virtual} virtual)" if virtual else ""
    begin = f"{_number(len(jobs), 'check')} on {_number(len(machines), 'machine')}"
    end = f"about {_duration(total)} on this computer; later checks are quick"
    return f"{begin}; {len(to_make)}{which} to be made first: {end}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return _number(minutes, "minute") if minutes > 1 else "a minute"
