"""Machines that can't be built: what their authors are told."""

from __future__ import annotations

import pytest
from builders import SiteBuilder
from checking import check

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine


def test_a_containerfile_that_cannot_be_built(build: SiteBuilder, engine: Engine) -> None:
    build.machine("bad", "FROM debian:12\n\nENV A=1\nRUN echo almost \\\n && echo there && false\nRUN true\n")
    build.page("---\nmachine: bad\n---\n\n```bash\ntrue\n```\n")
    with pytest.raises(EngineError) as raised:
        check(build, engine)
    told = str(raised.value)
    assert told.startswith("machines/bad/Containerfile:4: the machine bad can't be built\n")
    assert "    there\n" in told
    assert "echo almost" not in engine.call("ps", "--all", "--no-trunc", "--format", "{{.Command}}").stdout
    assert raised.value.exit_status == 3


def test_a_base_image_that_nobody_has(build: SiteBuilder, engine: Engine) -> None:
    build.machine("bad", "FROM no-such-image.invalid/nowhere:1\n")
    build.page("---\nmachine: bad\n---\n\n```bash\ntrue\n```\n")
    build.write("fencepost.toml", 'pull = "never"\n')
    with pytest.raises(
        EngineError, match=r"the base image no-such-image.invalid/nowhere:1 is not available: pulling is"
    ) as raised:
        check(build, engine)
    assert f"{engine.name} load" in raised.value.fix
