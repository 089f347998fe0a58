"""Building machines on a remote engine, and asking about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fencepost.machine.engine import Engine
from tests.helpers.programs import fencepost
from tests.helpers.site_builder import SiteBuilder
from tests.remote.another_computer import AnotherComputer, another_computer

PAGES = Path(__file__).parent / "pages"


@pytest.fixture
def built(build: SiteBuilder, engine: Engine) -> SiteBuilder:
    """A site whose machine is built from a file beside its Containerfile."""
    build.machine("sent", "FROM debian:12\nCOPY greeting /etc/greeting\n")
    build.write("machines/sent/greeting", f"Hello from {build.folder}\n")
    build.write("docs/sent.md", (PAGES / "sent.md").read_text("utf-8").replace("SITE_FOLDER", str(build.folder)))
    build.write("fencepost.toml", f'engine = "{engine.name}"\npull = "never"\n')
    return build


def test_a_machine_is_built_there_from_what_lies_here(built: SiteBuilder, there: AnotherComputer) -> None:
    done = fencepost(built.folder, "check", env=there.env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "sent: building its image" in done.stdout
    listed = fencepost(built.folder, "machines", "list", env=there.env).stdout
    assert "sent  container  built" in listed
    fencepost(built.folder, "machines", "remove", "sent", env=there.env)
    assert "sent  container  not built" in fencepost(built.folder, "machines", "list", env=there.env).stdout


def test_an_empty_engine_gets_its_base_image_from_here(
    built: SiteBuilder, engine: Engine, there: AnotherComputer, tmp_path: Path
) -> None:
    if engine.name == "docker":
        pytest.skip("its daemon is this computer's, and has the base image")
    with another_computer(tmp_path / "another", engine.name, empty=True) as empty:
        done = fencepost(built.folder, "check", env=empty.env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "importing Debian bookworm into podman" in done.stdout


def test_the_doctor_tells_where_it_is(build: SiteBuilder, engine: Engine, there: AnotherComputer) -> None:
    done = fencepost(build.folder, "doctor", env=there.env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{engine.name}: {engine.name} {engine.version} answers at {there.address}: " in done.stdout


def test_a_computer_that_does_not_answer(built: SiteBuilder, engine: Engine, there: AnotherComputer) -> None:
    variable = "CONTAINER_HOST" if engine.name == "podman" else "DOCKER_HOST"
    done = fencepost(built.folder, "check", env={**there.env, variable: there.address.replace(f":{port(there)}", ":1")})
    assert done.returncode == 3
    assert "onnection refused" in done.stderr
    assert "apt-get install" not in done.stderr


def port(there: AnotherComputer) -> str:
    return there.address.removeprefix("ssh://").partition(":")[2].partition("/")[0]
