"""A page on a virtual machine as pytest items."""

from __future__ import annotations

import pytest

from fencepost.machine.engine import Engine
from tests.helpers.programs import pytest_in
from tests.helpers.site_builder import SiteBuilder

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]


def test_its_steps_are_items(vm: SiteBuilder, podman: Engine) -> None:
    vm.write("fencepost.toml", f'engine = "{podman.name}"\n')
    vm.page("""
        ---
        machine: vm
        ---

        ```bash { #init }
        [ "$(cat /proc/1/comm)" = systemd ]
        cd /tmp
        ```

        ```python { #python }
        import os
        assert os.getcwd() == "/tmp"
        ```

        ```bash { #fails }
        false
        ```
    """)
    done = pytest_in(vm.folder, "docs/page.md", "-v")
    assert "docs/page.md::vm::init PASSED" in done.stdout
    assert "docs/page.md::vm::python PASSED" in done.stdout
    assert "docs/page.md::vm::fails FAILED" in done.stdout
    assert "fencepost shell docs/page.md --machine vm" in done.stdout
