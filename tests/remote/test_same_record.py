"""A page has the same record on a remote engine as here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from fencepost.machine.container_machine import CAPABILITIES
from fencepost.machine.engine import Engine
from fencepost.record.store import RecordStore
from tests.helpers.programs import fencepost
from tests.helpers.site_builder import SiteBuilder
from tests.remote.another_computer import AnotherComputer, shared_connections

CHECK = Path(__file__).parents[1] / "check"
# The bits of capabilities, as the kernel numbers them.
_BITS = ("CHOWN", "DAC_OVERRIDE", "", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "", "", "NET_BIND_SERVICE")
_SYS_CHROOT = 18


def test_every_sample_page_has_the_record_that_it_has_here(
    build: SiteBuilder, engine: Engine, there: AnotherComputer
) -> None:
    expected = add_samples(build)

    def records(where: str, env: dict[str, str]) -> dict[str, dict[str, Any]]:
        build.write("fencepost.toml", f'timeout = 60\noutput-limit = 1\nrecords = "records-{where}"\n')
        done = fencepost(build.folder, "check", "--engine", engine.name, env={**env, "SECRET_OF_THE_HOST": "1"})
        assert done.returncode == 1, done.stdout + done.stderr
        return records_in(build.folder / f"records-{where}")

    here = records("here", {})
    assert {page: record["verdict"] for page, record in here.items()} == expected
    assert records("there", there.env) == here
    # As the guide advises; podman's client has an ssh of its own.
    if engine.name == "docker":
        with shared_connections(there):
            assert records("shared", there.env) == here


def add_samples(build: SiteBuilder) -> dict[str, str]:
    """Adds a page for every verdict, and one that looks around; what each should be, by page and machine."""
    for name in ("debian-12", "debian-13"):
        build.machine(name, (CHECK.parent / "machines/python/Containerfile").read_text("utf-8"))
    mask = sum(1 << bit for bit, name in enumerate(_BITS) if name in CAPABILITIES) | 1 << _SYS_CHROOT
    looks_around = (CHECK / "containers/isolated.md").read_text("utf-8").replace("plain", "debian-12")
    looks_around = looks_around.replace("SITE_FOLDER", str(build.folder)).replace("CAPABILITIES", f"{mask:016x}")
    build.write("docs/isolated.md", looks_around)
    expected = {"docs/isolated.md@debian-12": "passed"}
    for path in sorted((CHECK / "pages").glob("*.md")):
        text, _, comment = path.read_text("utf-8").rpartition("\n<!-- expect\n")
        build.write(f"docs/{path.name}", text)
        expected[f"docs/{path.name}@debian-12"] = yaml.safe_load(comment.removesuffix("-->\n"))["page"]
    return {**expected, "docs/only.md@debian-13": "passed"}


def records_in(folder: Path) -> dict[str, dict[str, Any]]:
    """The records in a folder, by page and machine, without what two runs may differ in."""
    found = {}
    for record in RecordStore(folder, read_only=True).read_all():
        told = record.model_dump(
            mode="json", exclude={"started": True, "seconds": True, "snippets": {"__all__": {"seconds"}}}
        )
        # Pages share no container there. What they may do is the same.
        del told["isolation"]
        for step in told["snippets"]:
            # How much of a flood has come when it is stopped is chance; so are the numbers of processes and threads.
            flood = step["reason"] == "printed more than 1 MiB"
            numbers = r"\b\d+ (?=Killed)|(?<=thread )0x[0-9a-f]+"
            step["output"] = step["output"][:100] if flood else re.sub(numbers, "N ", step["output"])
        found[f"{record.page}@{record.machine}"] = told
    return found
