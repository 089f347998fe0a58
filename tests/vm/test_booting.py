"""Virtual machines that don't boot, are damaged or unavailable: the error, and that nothing is left."""

from __future__ import annotations

import pytest

from fencepost.machine.engine import Engine
from fencepost.machine.fleet import Fleet
from fencepost.machine.making import Making
from fencepost.machine.vm.emulator import provide_emulator
from fencepost.machine.vm.hardware import SAVED
from fencepost.machine.vm.saved import remove_volume
from tests.helpers.checking import Story, check, left_behind, steps_of
from tests.helpers.programs import fencepost
from tests.helpers.site_builder import SiteBuilder
from tests.vm.vm_site import another_hardware, is_saved

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]
PAGE = "---\nmachine: vm\n---\n\n```bash { #step }\ntrue\n```\n"


def reason(build: SiteBuilder, engine: Engine) -> str:
    """Why the page couldn't be run."""
    (record,) = check(build, engine)
    step = steps_of(record)["step"]
    assert step.verdict == "error"
    assert left_behind(engine) == []
    return step.reason or ""


def test_no_kernel(vm: SiteBuilder, podman: Engine) -> None:
    vm.write("machines/vm/Containerfile", "FROM debian:13\n")
    vm.page(PAGE)
    assert reason(vm, podman) == (
        "machines/vm/Containerfile: the machine vm can't be booted: it has no kernel in /boot\n"
        "  install linux-image-amd64"
    )
    assert not is_saved(vm, podman)


def test_no_hypervisor(vm: SiteBuilder, podman: Engine) -> None:
    another_hardware(vm, boot='"xen"')
    vm.page(PAGE)
    assert "it has no hypervisor in /boot\n  install xen-system-amd64" in reason(vm, podman)


def test_a_disk_that_is_too_small(vm: SiteBuilder, podman: Engine) -> None:
    another_hardware(vm, disk='"100m"')
    vm.page(PAGE)
    result = reason(vm, podman)
    assert "its disk of 100m can't be made" in result
    assert result.endswith("give it a larger `disk` in its machine.toml")


def test_a_boot_that_takes_too_long(vm: SiteBuilder, podman: Engine) -> None:
    another_hardware(vm, memory='"656m"', boot_timeout="10")
    vm.page(PAGE)
    result = reason(vm, podman)
    assert "the machine vm doesn't come up: it was not up after 10 s" in result
    assert "its console's last lines:" in result or "its console showed nothing" in result
    assert not is_saved(vm, podman)


def test_a_boot_that_crashes(vm: SiteBuilder, podman: Engine) -> None:
    # Too little memory for its own initrd.
    another_hardware(vm, memory='"96m"')
    vm.page(PAGE)
    result = reason(vm, podman)
    assert "the machine vm doesn't come up: the machine went down" in result
    assert "Kernel panic" in result


def test_a_damaged_saved_state_is_made_again(vm: SiteBuilder, podman: Engine) -> None:
    another_hardware(vm, memory='"688m"')
    vm.page(PAGE)
    assert check(vm, podman)[0].verdict == "passed"
    definition = vm.read().machines["vm"]
    (_, volume) = Fleet(podman, vm.read().settings).current_names(definition)
    emulator = provide_emulator(podman, Making(may_pull=False))
    try:
        damage = f"printf x | dd of={SAVED}/disk bs=1 seek=200000000 conv=notrunc"
        assert emulator.status_of("sh", "-c", damage, volume=volume, writes=True) == 0
        story = Story()
        assert check(vm, podman, story, fresh=True)[0].verdict == "passed"
        assert story.told[0] == "vm: making it again, because its saved state is damaged or incomplete"
        story = Story()
        assert check(vm, podman, story, fresh=True)[0].verdict == "passed"
        assert story.told[0] == "docs/page.md on vm begins: asked for"
        listed = fencepost(vm.folder, "machines", "list", "--engine", "podman").stdout
        assert "vm  vm  built and booted  machines/vm/Containerfile  (" in listed
    finally:
        remove_volume(podman, volume)


def test_machines_that_this_computer_cannot_give(vm: SiteBuilder, podman: Engine) -> None:
    another_hardware(vm, memory='"9000g"')
    vm.page(PAGE)
    (record,) = check(vm, podman)
    assert record.verdict == "skipped"
    assert (steps_of(record)["step"].reason or "").startswith("needs 9e+03 GiB of memory for its virtual machine; this")
    another_hardware(vm)
    vm.write("fencepost.toml", 'virtual-machines = "never"\n')
    (record,) = check(vm, podman, fresh=True)
    assert steps_of(record)["step"].reason == "needs a virtual machine, which this site's settings switch off"
    vm.write("fencepost.toml", "")
    (record,) = check(vm, podman)
    assert record.verdict == "passed"
    # What was found out stays, where this computer can't tell.
    vm.write("fencepost.toml", 'virtual-machines = "never"\n')
    (record,) = check(vm, podman)
    assert record.verdict == "passed"
