"""Machines that are virtual: a Containerfile's file system, booted under QEMU inside a container.

    Containerfile ─► image ─► disk ─► booted once, state saved ─► a fresh copy of that moment for each page
       image.py      disk_maker.py        saved.py                    machine.py

`keeper.py` and `disk_maker.py` run inside the emulator's container, `guest/` inside the virtual machine.
"""
