"""Makes the disk of a virtual machine from the file system of an image, without any privileges.

This file is not imported by Fencepost: its text is handed to `python3 -c` in the emulator's container, with what is
wanted as JSON behind it, and the file system as a tar on standard input. What is wrong with that file system is told
on standard error, in a line that begins with `!`.

Not `mke2fs -d ROOTFS.tar`: e2fsprogs 1.47.2 turns each hard link of a tar into an empty file, without a word.
"""

import glob
import gzip
import json
import os
import shutil
import subprocess
import sys
from typing import Any, NoReturn

ROOT = "/root-of-the-disk"


def main() -> None:
    """Unpacks, adds what the machine needs to be reached, and makes the disk."""
    wanted = json.loads(sys.argv[1])
    os.mkdir(ROOT)
    unpack = ["tar", "-x", "-p", "--numeric-owner", "--exclude", "dev/*", "--exclude", ".dockerenv", "-C", ROOT]
    if subprocess.run([*unpack, "-f", "-"], check=False).returncode:
        wrong("its file system can't be unpacked", "is there enough space?")
    os.chdir(ROOT)
    take_kernel(wanted)
    if not os.path.exists("usr/lib/systemd/systemd") and not os.path.exists("lib/systemd/systemd"):
        wrong("it has no systemd, which starts everything else", "install systemd-sysv")
    for path, text in wanted["files"].items():
        put(path, text)
    for place in ("etc", "var"):
        # systemd's mark for «nothing to be rebuilt after an update»: without it the first boot rebuilds caches.
        put(f"{place}/.updated", "")
    for path, target in wanted["links"].items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        remove(path)
        os.symlink(target, path)
    os.chdir("/")
    disk = f"{wanted['saved']}/disk"
    make = ["mke2fs", "-q", "-F", "-t", "ext4", "-L", "rootfs", "-E", "nodiscard", "-d", ROOT, disk, wanted["size"]]
    made = subprocess.run(make, capture_output=True, text=True, check=False)
    if made.returncode or "error" in made.stderr.lower():
        told = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
        wrong(f"its disk of {wanted['size']} can't be made: {told}", "give it a larger `disk` in its machine.toml")


def take_kernel(wanted: dict[str, Any]) -> None:
    """Kernel and initrd, which QEMU loads by itself, and the hypervisor."""
    kernels = sorted(glob.glob("boot/vmlinuz-*"), key=os.path.getmtime)
    if not kernels:
        wrong("it has no kernel in /boot", "install linux-image-amd64")
    release = kernels[-1].removeprefix("boot/vmlinuz-")
    initrds = [name for name in (f"boot/initrd.img-{release}", f"boot/initramfs-{release}.img") if os.path.exists(name)]
    if not initrds:
        wrong(f"it has no initrd for its kernel {release} in /boot", "install initramfs-tools")
    shutil.copyfile(kernels[-1], f"{wanted['saved']}/vmlinuz")
    shutil.copyfile(initrds[0], f"{wanted['saved']}/initrd.img")
    if wanted["boot"] == "xen":
        hypervisors = sorted(glob.glob("boot/xen-*.gz"), key=os.path.getmtime)
        if not hypervisors:
            wrong("it has no hypervisor in /boot", "install xen-system-amd64")
        with gzip.open(hypervisors[-1]) as packed, open(f"{wanted['saved']}/xen", "wb") as file:
            shutil.copyfileobj(packed, file)


def put(path: str, text: str) -> None:
    """Writes a file, in place of whatever is there: engines leave an empty one for some of these."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    remove(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def remove(path: str) -> None:
    """Removes a file or a link, if there is one."""
    if os.path.lexists(path):
        os.unlink(path)


def wrong(what: str, fix: str) -> NoReturn:
    """Ends, with what is wrong and what helps."""
    sys.stderr.write(f"!{what}\t{fix}\n")
    sys.exit(1)


if __name__ == "__main__":
    main()
