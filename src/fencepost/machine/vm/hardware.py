"""The virtual hardware, as QEMU's command line: the same for the first boot and for every restore.

Memory is a file that QEMU maps. At the first boot the mapping is shared, so that saving the machine's state needn't
write memory. Later each page's QEMU maps the file privately, and reads only the memory that is used. So a restore
copies nothing, and takes a fraction of a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fencepost.machine.definition import MachineSettings

# The folder of the saved machine in the emulator's container.
SAVED = "/vm"
# QEMU connects to these sockets, on which the keeper listens. Each session has two channels, the second for the
# protocol's remarks.
SESSIONS = ("shell", "python", "terminal")
CHANNELS = tuple(f"{name}{kind}" for name in SESSIONS for kind in ("", ".remarks"))
SOCKETS = "/run/fencepost"
CONSOLE = f"{SOCKETS}/console"
Accelerator = Literal["kvm", "tcg"]
# An emulated processor doesn't speculate, so mitigations only cost time. With Intel as the vendor, Xen would otherwise
# change the address space at each system call of its first domain.
_UNGUARDED, _XEN_UNGUARDED = " mitigations=off", " spec-ctrl=no xpti=off pv-l1tf=off"

# With `max`, Xen's first domain crashes at once (SMAP, SMEP), or libvirt finds no matching model: the emulator has no
# VME, and Xen hides SEP on AMD. With Intel as the vendor, SEP stays.
_XEN_CPU = "qemu64,vendor=GenuineIntel,-svm,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16,+rdrand,+pclmulqdq,+aes"
# A kernel that panics restarts, and QEMU ends instead (-no-reboot), so that a crash is seen at once. The console shows
# the services that start, as progress.
_KERNEL = "root=LABEL=rootfs rw quiet systemd.show_status=yes panic=1"


@dataclass(frozen=True)
class Hardware:
    """A virtual computer.

    Attributes:
        boot: boots Linux directly, or Xen.
        memory: its memory, in MiB. Under Xen the first domain gets half.
        processors: their number.
        accelerator: `kvm`, or `tcg` for emulation.
    """

    boot: Literal["linux", "xen"]
    memory: int
    processors: int
    accelerator: Accelerator

    @classmethod
    def of(cls, settings: MachineSettings, memory: int, accelerator: Accelerator) -> Hardware:
        """Return the hardware that a `machine.toml` asks for."""
        return cls(settings.boot, memory, settings.processors, accelerator)

    def arguments(self) -> list[str]:
        """Return QEMU's command line without the disk, the memory and the network behind the card."""
        acceleration = "kvm" if self.accelerator == "kvm" else "tcg,thread=multi"
        return [
            *("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
            *("-accel", acceleration, "-cpu", self._cpu(), "-smp", str(self.processors), "-m", f"{self.memory}M"),
            # Without its disk controller and others, so that a boot needn't load their drivers.
            *("-machine", "q35,memory-backend=ram,sata=off,smbus=off,i8042=off", *self._system()),
            *("-device", "virtio-blk-pci,drive=disk", "-device", "virtio-rng-pci"),
            *("-device", "virtio-net-pci,netdev=net,id=card,mac=52:54:00:12:34:56"),
            # Tells the kernel that it is a copy, so that two pages don't draw the same random numbers.
            *("-device", "vmgenid,guid=auto"),
            *("-device", "virtio-serial-pci,max_ports=16"),
            *(word for name in (*CHANNELS, "control") for word in _port(name)),
            *("-chardev", f"file,id=console,path={CONSOLE}", "-serial", "chardev:console"),
            *("-chardev", _socket("qmp"), "-mon", "chardev=qmp,mode=control"),
        ]

    def disk(self, file: str, form: str) -> list[str]:
        """Return the arguments for the disk."""
        # A page's disk is removed with the page, so it needn't be flushed to the host's.
        return ["-drive", f"file={file},format={form},if=none,id=disk,cache=unsafe"]

    def card(self, *, network: bool) -> list[str]:
        """Return the arguments for the network behind the card: the container's network, or none."""
        return ["-netdev", "user,id=net" if network else "user,id=net,restrict=on"]

    def memory_shared(self) -> list[str]:
        """Return the arguments for memory that is written back to its file, for the boot that is saved."""
        return ["-object", f"memory-backend-file,id=ram,size={self.memory}M,mem-path={SAVED}/ram,share=on"]

    def memory_copied(self) -> list[str]:
        """Return the arguments for memory that is read from its file, and doesn't change it."""
        file = f"memory-backend-file,id=ram,size={self.memory}M,mem-path={SAVED}/ram"
        return ["-object", f"{file},share=off,readonly=on,rom=off"]

    def _cpu(self) -> str:
        if self.accelerator == "kvm":
            return "host"
        return _XEN_CPU if self.boot == "xen" else "max"

    def _system(self) -> list[str]:
        emulated = self.accelerator == "tcg"
        kernel, initrd = f"{SAVED}/vmlinuz", f"{SAVED}/initrd.img"
        words = _KERNEL + (_UNGUARDED if emulated else "")
        if self.boot == "linux":
            return ["-kernel", kernel, "-initrd", initrd, "-append", f"{words} console=ttyS0"]
        own = self.memory // 2
        # Without scrubbing, which would write to the whole memory file.
        xen = f"console=com1 dom0_mem={own}M,max:{own}M bootscrub=0" + (_XEN_UNGUARDED if emulated else "")
        modules = f"{kernel} {words} console=hvc0,{initrd}"
        return ["-kernel", f"{SAVED}/xen", "-append", xen, "-initrd", modules]


def _socket(name: str) -> str:
    return f"socket,id={name},path={SOCKETS}/{name},server=off"


def _port(name: str) -> tuple[str, ...]:
    return ("-chardev", _socket(name), "-device", f"virtserialport,chardev={name},name=fencepost.{name}")
