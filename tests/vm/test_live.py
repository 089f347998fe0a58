"""A page on a virtual machine, checked as it is saved."""

from __future__ import annotations

import pytest

from fencepost.live.live_check import LiveCheck
from fencepost.machine.engine import Engine
from tests.helpers.checking import left_behind, records_of
from tests.helpers.site_builder import SiteBuilder

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]

PAGE = """
    ---
    machine: vm
    ---

    ```bash { #first }
    cat /proc/sys/kernel/random/uuid
    ```

    ```bash { #second }
    uname
    ```
    """


class Silent:
    def info(self, text: str, /) -> None: ...

    def warning(self, text: str, /) -> None: ...


def test_a_step_that_is_added_runs_on_the_machine_that_is_there(vm: SiteBuilder, podman: Engine) -> None:
    vm.write("fencepost.toml", 'engine = "podman"\n')
    vm.page(PAGE)
    live = LiveCheck(Silent())
    live.look(vm.read())
    outputs = []
    for text in (PAGE + "\n", PAGE + "\n    ```bash { #third }\n    uname -s\n    ```\n"):
        vm.page(text)
        live.look(vm.read())
        assert live.wait(300)
        (record,) = records_of(vm)
        assert record.verdict == "passed"
        outputs.append([step.output for step in record.snippets])
    live.close()
    assert outputs[1] == [*outputs[0], "Linux\n"]
    assert left_behind(podman) == []
