"""Virtual machines: a Containerfile's file system, booted under QEMU in a container.

    Containerfile ─► image ─► disk ─► booted once, state saved ─► a fresh copy of that state for each page
       image.py      disk_maker.py        saved.py                    virtual_machine.py

`keeper.py` and `disk_maker.py` run inside the emulator's container, `guest/` inside the virtual machine.
"""
