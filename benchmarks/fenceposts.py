"""Fencepost's own entries, and lower bounds to compare with: the bare engine, and Python's start."""

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
# The setting for a container of its own for each page; older versions lack it.
_ISOLATION = "isolation"


def fenceposts(engine: Engine) -> list[Tool]:
    """Return Fencepost's entries with an engine, and one with Docker if that works too."""
    name = f"--engine={engine.name}"
    fresh = Tool(
        "fencepost check --fresh",
        (*_CHECK, "--fresh", name),
        _BASH,
        counts=_COUNTS,
        isolates=engine.name,
        beside=("sites/shell",),
    )
    tools = [
        fresh,
        replace(
            fresh, name="fencepost check --fresh, output compared", form=on_a_machine("plain", transcripts("console"))
        ),
        Tool(
            "pytest, the same pages",
            (*PYTEST, "docs"),
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
        tools.insert(2, replace(fresh, name="fencepost check --fresh, a container a page", beside=beside))
    if docker := _docker(engine):
        tools.append(
            replace(
                fresh,
                name="fencepost check --fresh, on Docker",
                command=(*_CHECK, "--fresh", "--engine=docker"),
                isolates=docker.name,
            )
        )
    return tools


def unchanged(engine: Engine) -> Tool:
    """Return the entry for a check of a site in which nothing has changed since the last check."""
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
    """Return the entry for Python's own start."""
    return Tool("python -c pass", (sys.executable, "-c", "pass"), script, judged=False)


def floor(engine: Engine, image: Image) -> Tool:
    """Return the entry that pipes the steps of each page at once into a new container, one page after the other."""
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
