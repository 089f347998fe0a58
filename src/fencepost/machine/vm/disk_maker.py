"""Makes the disk of a virtual machine from the file system of an image, without any privileges.

Fencepost doesn't import this file. Its text is passed to `python3 -c` in the emulator's container, with options as a
JSON argument. The file system is there already, or comes as a tar on standard input. A problem of that file system is
printed on standard error, in a line that begins with `!`.

It doesn't use `mke2fs -d ROOTFS.tar`: e2fsprogs 1.47.2 silently turns each hard link of a tar into an empty file.
"""

import glob
import gzip
import json
import os
import shutil
import subprocess
import sys
from typing import Any, NoReturn


def main() -> None:
    """Unpack the file system if need be, add the files that Fencepost needs in it, and make the disk."""
    options = json.loads(sys.argv[1])
    root = options["root"]
    if not os.path.isdir(root):
        os.mkdir(root)
        unpack = ["tar", "-x", "-p", "--numeric-owner", "--exclude", "dev/*", "--exclude", ".dockerenv", "-C", root]
        if subprocess.run([*unpack, "-f", "-"], check=False).returncode:
            fail("its file system can't be unpacked", "is there enough space?")
    os.chdir(root)
    shutil.rmtree("dev", ignore_errors=True)
    os.makedirs("dev", exist_ok=True)
    copy_kernel(options)
    if not os.path.exists("usr/lib/systemd/systemd") and not os.path.exists("lib/systemd/systemd"):
        fail("it has no systemd, which starts everything else", "install systemd-sysv")
    for path, text in options["files"].items():
        put(path, text)
    for place in ("etc", "var"):
        # systemd's mark that /etc and /var are up to date: without it the first boot rebuilds caches.
        put(f"{place}/.updated", "")
    for path, target in options["links"].items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        remove(path)
        os.symlink(target, path)
    os.chdir("/")
    disk = f"{options['saved']}/disk"
    make = ["mke2fs", "-q", "-F", "-t", "ext4", "-L", "rootfs", "-E", "nodiscard", "-d", root, disk, options["size"]]
    made = subprocess.run(make, capture_output=True, text=True, check=False)
    if made.returncode or "error" in made.stderr.lower():
        reason = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
        fail(f"its disk of {options['size']} can't be made: {reason}", "give it a larger `disk` in its machine.toml")


def copy_kernel(options: dict[str, Any]) -> None:
    """Copy the kernel, the initrd and the hypervisor out, because QEMU loads them from files."""
    kernels = sorted(glob.glob("boot/vmlinuz-*"), key=os.path.getmtime)
    if not kernels:
        fail("it has no kernel in /boot", "install linux-image-amd64")
    release = kernels[-1].removeprefix("boot/vmlinuz-")
    initrds = [name for name in (f"boot/initrd.img-{release}", f"boot/initramfs-{release}.img") if os.path.exists(name)]
    if not initrds:
        fail(f"it has no initrd for its kernel {release} in /boot", "install initramfs-tools")
    shutil.copyfile(kernels[-1], f"{options['saved']}/vmlinuz")
    shutil.copyfile(initrds[0], f"{options['saved']}/initrd.img")
    if options["boot"] == "xen":
        hypervisors = sorted(glob.glob("boot/xen-*.gz"), key=os.path.getmtime)
        if not hypervisors:
            fail("it has no hypervisor in /boot", "install xen-system-amd64")
        with gzip.open(hypervisors[-1]) as packed, open(f"{options['saved']}/xen", "wb") as file:
            shutil.copyfileobj(packed, file)


def put(path: str, text: str) -> None:
    """Write a file. An existing one is replaced: engines leave empty files for some of these."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    remove(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def remove(path: str) -> None:
    """Remove a file or a link, if there is one."""
    if os.path.lexists(path):
        os.unlink(path)


def fail(what: str, fix: str) -> NoReturn:
    """Print a problem and its fix, and exit."""
    sys.stderr.write(f"!{what}\t{fix}\n")
    sys.exit(1)


if __name__ == "__main__":
    main()
