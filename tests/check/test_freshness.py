"""When a page has to run again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fencepost import __version__
from fencepost.check.freshness import why_to_run
from fencepost.check.job import Job, inputs_digest
from fencepost.machine.image import Image
from fencepost.record.model import Record, now
from fencepost.verdicts import Verdict
from tests.helpers.site_builder import SiteBuilder

PAGE = "---\nmachine: debian-12\n---\n\n```bash\ntrue\n```\n"
IMAGE = Image("localhost/fencepost/debian-12:1", "sha256:1")


def job_of(build: SiteBuilder, image: Image = IMAGE) -> Job:
    site = build.read()
    (page,) = site.read_pages()
    return Job(page, site.machines["debian-12"], image)


@pytest.fixture
def record(build: SiteBuilder) -> Record:
    """The record of a run that has just passed."""
    build.page(PAGE)
    job, settings = job_of(build), build.read().settings
    return Record.model_validate(
        {
            "page": job.page.name,
            "machine": "debian-12",
            "image": IMAGE.id,
            "engine": "podman 5",
            "accelerator": None,
            "fencepost": __version__,
            "started": now(),
            "seconds": 1,
            "verdict": "passed",
            "steps_sha256": job.page.digest_on("debian-12"),
            "inputs_sha256": inputs_digest(job, settings),
            "snippets": (),
        }
    )


def why(build: SiteBuilder, record: Record | None, *, image: Image = IMAGE, max_age: float | None = None) -> str:
    return why_to_run(job_of(build, image), record, build.read().settings, max_age)


def test_a_record_holds_while_nothing_has_changed(build: SiteBuilder, record: Record) -> None:
    assert why(build, record) == ""
    assert why(build, record, max_age=1) == ""


def test_a_page_without_a_record_is_run(build: SiteBuilder, record: Record) -> None:
    assert why(build, None) == "never run here"


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict.is_red])
def test_a_red_page_is_run_again(build: SiteBuilder, record: Record, verdict: Verdict) -> None:
    assert why(build, record.model_copy(update={"verdict": verdict})) == f"it was {verdict} the last time"


@pytest.mark.parametrize("verdict", [Verdict.KNOWN_BROKEN, Verdict.SKIPPED])
def test_a_green_page_is_not_run_again(build: SiteBuilder, record: Record, verdict: Verdict) -> None:
    assert why(build, record.model_copy(update={"verdict": verdict})) == ""


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "steps": ({"page": PAGE.replace("true", "false")}, "its steps changed"),
    "attributes": ({"page": PAGE.replace("bash", "bash { exit=1 }")}, "its steps changed"),
    "network": (
        {"page": PAGE.replace("12\n", "12\nnetwork: true\n", 1)},
        "its machine's settings or limits changed",
    ),
    "time": ({"page": PAGE.replace("12\n", "12\ntimeout: 3\n", 1)}, "its machine's settings or limits changed"),
    "limits": ({"settings": 'memory = "1g"\n'}, "its machine's settings or limits changed"),
    "isolation": ({"settings": 'isolation = "container"\n'}, "its machine's settings or limits changed"),
    "machine": ({"machine": "env = { A = '1' }\n"}, "its machine's settings or limits changed"),
}


@pytest.mark.parametrize(("change", "reason"), CHANGES.values(), ids=CHANGES)
def test_a_changed_step_runs_the_page_again(
    build: SiteBuilder, record: Record, change: dict[str, str], reason: str
) -> None:
    build.page(change.get("page", PAGE))
    build.write("fencepost.toml", change.get("settings", ""))
    build.write("machines/debian-12/machine.toml", change.get("machine", ""))
    assert why(build, record) == reason


def test_a_change_of_prose_runs_nothing(build: SiteBuilder, record: Record) -> None:
    build.page(PAGE + "\nA word more.\n")
    build.write("fencepost.toml", "jobs = 3\nmax-age = 1\n")
    assert why(build, record) == ""


def test_a_changed_included_file_runs_the_page_again(build: SiteBuilder, record: Record) -> None:
    build.write("part.sh", "true")
    build.page(PAGE.replace("true", '--8<-- "part.sh"'))
    assert why(build, record) == ""
    build.write("part.sh", "false")
    assert why(build, record) == "its steps changed"


def test_another_image_version_or_age(build: SiteBuilder, record: Record) -> None:
    assert why(build, record, image=Image("other", "sha256:2")) == "the machine's image changed"
    older = record.model_copy(update={"fencepost": "0.0.9"})
    assert why(build, older) == f"Fencepost changed from 0.0.9 to {__version__}"
    last_week = record.model_copy(update={"started": now() - timedelta(days=7)})
    assert why(build, last_week) == ""
    assert why(build, last_week, max_age=6.5) == "older than 6.5 days"


def test_a_missing_machine_keeps_its_records(build: SiteBuilder, record: Record) -> None:
    settings = build.read().settings
    here = replace(job_of(build), lacking="needs KVM")
    assert why_to_run(here, record, settings) == ""
    build.page(PAGE.replace("true", "false"))
    # That the steps as they are now can't be run here is told; the store keeps what is known of the old ones.
    assert why_to_run(replace(job_of(build), lacking="needs KVM"), record, settings) == "its steps changed"
    skipped = record.model_copy(update={"verdict": Verdict.SKIPPED})
    assert why_to_run(replace(job_of(build), lacking="needs KVM"), skipped, settings) == "its steps changed"


def test_a_machine_that_is_available_again_is_used(build: SiteBuilder, record: Record) -> None:
    settings = build.read().settings
    lacking = replace(job_of(build), lacking="needs KVM")
    skipped = record.model_copy(update={"verdict": Verdict.SKIPPED, "inputs_sha256": inputs_digest(lacking, settings)})
    assert why_to_run(lacking, skipped, settings) == ""
    assert why_to_run(job_of(build), skipped, settings) == "its machine's settings or limits changed"
