"""Fencepost itself beside its peers, and what it can't or needn't go below: the bare engine, Python's start."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace

from contestants import ALONE, Tool
from steps import fences, on_a_machine, script, transcripts

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import find_engine
from fencepost.machine.image import Image
from fencepost.settings import Settings

_CHECK = (sys.executable, "-m", "fencepost", "check")
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "fencepost.faces.pytest_plugin")
_BASH = on_a_machine("plain", fences("bash"))
_COUNTS = "{steps} passed"
# The setting by which a site asks for a container of its own for each page.
_ISOLATION = "isolation"


def fenceposts(engine: Engine) -> list[Tool]:
    """What is measured of Fencepost with an engine, and with Docker where that answers besides."""
    name = f"--engine={engine.name}"
    fresh = Tool(
        "fencepost check --fresh",
        (*_CHECK, "--fresh", name),
        _BASH,
        counts=_COUNTS,
        isolates=engine.name,
        beside=("sites/shell",),
    )
    found = [
        fresh,
        replace(
            fresh, name="fencepost check --fresh, output compared", form=on_a_machine("plain", transcripts("console"))
        ),
        Tool(
            "pytest, the same pages",
            (
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-p",
                "fencepost.faces.pytest_plugin",
                "docs",
            ),
            _BASH,
            counts=_COUNTS,
            isolates=engine.name,
            beside=("sites/shell",),
            environment=ALONE,
        ),
        replace(
            fresh,
            name="fencepost check --fresh",
            form=on_a_machine("python", fences("python")),
            language="python",
            beside=("sites/python",),
        ),
    ]
    if _ISOLATION in Settings.model_fields:
        beside = (*fresh.beside, "sites/container-a-page")
        found.insert(2, replace(fresh, name="fencepost check --fresh, a container a page", beside=beside))
    if docker := _docker(engine):
        found.append(
            replace(
                fresh,
                name="fencepost check --fresh, on Docker",
                command=(*_CHECK, "--fresh", "--engine=docker"),
                isolates=docker.name,
            )
        )
    return found


def unchanged(engine: Engine) -> Tool:
    """A check of a site that was checked before, and in which nothing has changed since."""
    return Tool(
        "fencepost check, nothing changed",
        (*_CHECK, f"--engine={engine.name}"),
        _BASH,
        counts="0 run, {pages} unchanged",
        beside=("sites/shell",),
        judged=False,
        warm=True,
    )


def python_start() -> Tool:
    """Python's own start."""
    return Tool("python -c pass", (sys.executable, "-c", "pass"), script, judged=False)


def floor(engine: Engine, image: Image) -> Tool:
    """The steps of each page, all at once, in a container of its own, one page after the other."""
    run = shlex.join(engine.argv("run", "-i", "--rm", "--network=none", *engine.run_options, image.id, "bash"))
    return Tool(
        f"{engine.name} run -i IMAGE bash < page, one by one",
        ("bash", "-c", f'for page in docs/*; do {run} < "$page" || exit; done'),
        script,
        counts="page {last_page}, step {last_step}",
        isolates=engine.name,
        judged=False,
    )


def _docker(engine: Engine) -> Engine | None:
    if engine.name == "docker":
        return None
    try:
        return find_engine("docker")
    except EngineError:
        return None
