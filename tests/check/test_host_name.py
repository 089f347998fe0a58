"""A machine knows its own host name, whatever its image: many programs look it up."""

from __future__ import annotations

import pytest

from fencepost.machine.engine import Engine
from tests.helpers.checking import check
from tests.helpers.site_builder import SiteBuilder


@pytest.mark.parametrize("network", ["false", "true"])
@pytest.mark.parametrize("image", ["", "USER daemon", "COPY hosts /etc/hosts"], ids=["root", "not-root", "own-hosts"])
def test_a_machine_knows_its_own_name(build: SiteBuilder, engine: Engine, image: str, network: str) -> None:
    build.machine("guest.example", f"FROM debian:12\n{image}\n")
    # Its last line has no end, and a remark is no name.
    build.write("machines/guest.example/hosts", "# guest.example\n127.0.2.1 another")
    names = ["localhost", "guest.example"]
    if image.startswith("COPY") and engine.name == "podman":
        # Docker has a file of its own in place of the image's.
        names.append("another")
    build.page(f"""
        ---
        machine: guest.example
        network: {network}
        ---

        ```bash
        for name in {" ".join(names)}; do getent hosts "$name"; done
        [ "$(grep -c -E '^[^#]*\\sguest.example(\\s|$)' /etc/hosts)" = 1 ]
        ```
    """)
    (record,) = check(build, engine)
    assert [(step.verdict, step.output) for step in record.snippets if step.verdict != "passed"] == []
