"""The first boot of a virtual machine, in an emulator that a fake engine pretends to run."""

from __future__ import annotations

from pathlib import Path

import pytest

from fencepost.errors import EngineError
from fencepost.machine.definition import MachineDefinition, MachineSettings
from fencepost.machine.image import Image
from fencepost.machine.making import Making
from fencepost.machine.progress import ProgressLines
from fencepost.machine.vm import first_boot
from fencepost.machine.vm.emulator import Emulator
from fencepost.machine.vm.hardware import Hardware
from tests.machine.fake_engine import pretended

SETTINGS = MachineSettings.model_validate({"kind": "vm", "boot-timeout": 10})
MACHINE = MachineDefinition("vm", Path(), SETTINGS, "machines/vm/Containerfile")


class Printed(ProgressLines):
    """Keeps what a machine prints, too."""

    def machine_prints(self, machine: str, line: str) -> None:
        self.say(f"{machine} prints: {line}")


def boot(folder: Path, keeper: str, lines: list[str] | None = None) -> float:
    engine = pretended(folder, f'case "$1" in run) {keeper};; esac')
    emulator = Emulator(engine, Image("emulator", "sha256:2"))
    making = Making(Printed([].append if lines is None else lines.append), "vm")
    return first_boot.boot(emulator, "volume", Hardware("linux", 640, 2, "tcg"), MACHINE, making)


def test_a_boot_reports_its_progress(tmp_path: Path) -> None:
    printed: list[str] = []
    lines = ('{"seconds": 15, "console": "[ OK ] Started"}', '{"up": 20.5, "saved": true}')
    keeper = f"printf '%s' '{lines[0]}'; sleep 0.1; printf '\\n%s\\n' '{lines[1]}'"
    assert boot(tmp_path, keeper, printed) == 20.5
    assert printed == ["vm: booting, emulated, which takes a while", "vm prints: [ OK ] Started"]


def test_a_failed_boot_reports_the_end_of_the_console(tmp_path: Path) -> None:
    keeper = r"printf 'first\nthe machine went down\n\0last words of the console\0\nKernel panic\n' >&2; exit 1"
    with pytest.raises(EngineError) as raised:
        boot(tmp_path, keeper)
    assert raised.value.message == "the machine vm doesn't come up: the machine went down"
    assert raised.value.fix.endswith("Kernel panic")


@pytest.mark.slow
@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "keeper",
    ["exec sleep 60", "exec sleep 60 >&-", "printf half; exec sleep 60", "while echo; do sleep 0.01; done"],
    ids=["says nothing", "ends its words", "in the middle of a line", "never ends them"],
)
def test_a_stuck_boot_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keeper: str) -> None:
    monkeypatch.setattr(first_boot, "_SAVING_SECONDS", 0.3 - 2 * SETTINGS.boot_timeout)
    with pytest.raises(EngineError, match="the machine vm doesn't come up: it took too long"):
        boot(tmp_path, keeper)
