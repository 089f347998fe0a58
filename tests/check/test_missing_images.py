"""Errors for machines whose image can't be built: they cost the pages on these machines, and no others."""

from __future__ import annotations

import pytest

from fencepost.machine.engine import Engine
from fencepost.record.model import Record
from tests.helpers.checking import Story, check, steps_of
from tests.helpers.site_builder import SiteBuilder

PAGE = "---\nmachine: {}\n---\n\n```bash {{ #step }}\ntrue\n```\n\n```bash\ntrue\n```\n"


def reason_of(record: Record) -> str:
    """Return the reason why the first step of a page could not run. The second was not tried."""
    assert [step.verdict for step in record.snippets] == ["error", "blocked"]
    return steps_of(record)["step"].reason or ""


def test_a_containerfile_that_cannot_be_built(build: SiteBuilder, engine: Engine) -> None:
    build.machine("bad", "FROM debian:12\n\nENV A=1\nRUN echo almost \\\n && echo there && false\nRUN true\n")
    build.page(PAGE.format("bad"))
    build.real_machine("python")
    build.page(PAGE.format("python"), "good.md")
    story = Story()
    good, bad = check(build, engine, story)
    assert good.verdict == "passed", steps_of(good)["step"].reason
    assert reason_of(bad).startswith("machines/bad/Containerfile:4: the machine bad can't be built\n")
    assert "    there\n" in reason_of(bad)
    assert story.told.count("bad fails: the machine bad can't be built") == 1
    assert "echo almost" not in engine.call("ps", "--all", "--no-trunc", "--format", "{{.Command}}").stdout


@pytest.mark.parametrize("toml", ["", 'kind = "vm"\n'], ids=["container", "virtual machine"])
def test_a_base_image_that_does_not_exist(build: SiteBuilder, engine: Engine, toml: str) -> None:
    build.machine("bad", "FROM no-such-image.invalid/nowhere:1\n", toml)
    build.page(PAGE.format("bad"))
    build.write("fencepost.toml", 'pull = "never"\n')
    (record,) = check(build, engine)
    assert "the base image no-such-image.invalid/nowhere:1 is not available: pulling is" in reason_of(record)
    assert f"{engine.name} load" in reason_of(record)
