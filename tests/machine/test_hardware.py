"""QEMU's command line, and the hardware settings in `machine.toml`."""

from __future__ import annotations

import pytest

from fencepost.errors import SiteError
from fencepost.machine.vm.hardware import Hardware
from fencepost.settings import mebibytes
from tests.helpers.site_builder import SiteBuilder


def argument(hardware: Hardware, flag: str) -> str:
    words = hardware.arguments()
    return words[words.index(flag) + 1]


def test_linux_is_booted_by_its_own_kernel() -> None:
    hardware = Hardware("linux", 1024, 2, "tcg")
    assert argument(hardware, "-kernel") == "/vm/vmlinuz"
    assert argument(hardware, "-initrd") == "/vm/initrd.img"
    assert "root=LABEL=rootfs" in argument(hardware, "-append")
    assert (argument(hardware, "-m"), argument(hardware, "-cpu")) == ("1024M", "max")


def test_xen_boots_the_kernel_as_a_module_with_half_the_memory() -> None:
    hardware = Hardware("xen", 3072, 2, "tcg")
    assert argument(hardware, "-kernel") == "/vm/xen"
    assert "dom0_mem=1536M,max:1536M" in argument(hardware, "-append")
    kernel, initrd = argument(hardware, "-initrd").split(",")
    assert kernel.startswith("/vm/vmlinuz root=LABEL=rootfs")
    assert initrd == "/vm/initrd.img"
    # SMAP and SMEP would end its first domain at once.
    assert argument(hardware, "-cpu").startswith("qemu64,vendor=GenuineIntel")


def test_kvm_has_the_computers_own_processor() -> None:
    hardware = Hardware("linux", 512, 1, "kvm")
    assert (argument(hardware, "-accel"), argument(hardware, "-cpu")) == ("kvm", "host")


def test_a_page_without_a_network_has_no_way_out_of_qemu_either() -> None:
    hardware = Hardware("linux", 512, 1, "tcg")
    assert hardware.card(network=False) == ["-netdev", "user,id=net,restrict=on"]
    assert hardware.card(network=True) == ["-netdev", "user,id=net"]


@pytest.mark.parametrize(("size", "mebi"), [("2g", 2048), ("512M", 512), ("1048576", 1), ("2048k", 2), ("1k", 1)])
def test_sizes(size: str, mebi: int) -> None:
    assert mebibytes(size) == mebi


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ('boot = "xen"\n', r'machine.toml:1: `boot`: is for virtual machines: add `kind = "vm"`'),
        ('kind = "vm"\ncapabilities = ["SYS_ADMIN"]\n', r"machine.toml:2: `capabilities`: is for containers"),
        ('kind = "vm"\nbot = "xen"\n', r"machine.toml:2: unknown setting `bot`\n  did you mean `boot`"),
        ('kind = "vm"\nboot = "windows"\n', r"machine.toml:2: `boot`: input should be 'linux' or 'xen'"),
        ('kind = "vm"\ndisk = "much"\n', r"machine.toml:2: `disk`: string should match"),
        ('kind = "vm"\nboot-timeout = 3\n', r"machine.toml:2: `boot-timeout`: input should be greater"),
        ('kind = "vn"\n', r"machine.toml:1: `kind`: input should be 'container' or 'vm'"),
    ],
)
def test_errors_in_machine_toml(build: SiteBuilder, toml: str, expected: str) -> None:
    build.machine("debian-12", toml=toml)
    with pytest.raises(SiteError, match=expected):
        _ = build.read().machines
