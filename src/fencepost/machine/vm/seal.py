"""Seals what was saved of a virtual machine, or looks whether the seal holds.

This file is not imported by Fencepost: its text is handed to `python3 -c` in the emulator's container, with `make` or
`check` and a folder behind it. The seal is a file that holds the digest of each other one. It is written last, so what
was cut off in the middle has none. Ends with status 0 when it holds, and with BROKEN when it doesn't.
"""

import hashlib
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

NAME = "seal.json"
GRID = 1 << 20
# No status that Python, a signal or an engine would end with.
BROKEN = 3


def digest(path: str) -> str:
    """A digest of a file's size and data; holes cost nothing."""
    told = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        told.update(str(size).encode())
        at = 0
        while at < size:
            try:
                data = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:
                break
            # On a fixed grid, and zeros left out: where exactly a hole begins is the host's file system's business.
            at = data - data % GRID
            chunk = os.pread(file.fileno(), GRID, at)
            if chunk.strip(b"\0"):
                told.update(str(at).encode())
                told.update(chunk)
            at += GRID
    return told.hexdigest()


def digests(folder: str) -> dict[str, str]:
    """The digests of all files in a folder, by name."""
    names = sorted(name for name in os.listdir(folder) if name != NAME)
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(names, pool.map(digest, (os.path.join(folder, name) for name in names)), strict=True))


def main() -> int:
    """Makes or checks."""
    what, folder = sys.argv[1:3]
    seal = os.path.join(folder, NAME)
    if what == "make":
        told = json.dumps(digests(folder))
        with open(f"{seal}.part", "w") as file:
            file.write(told)
            file.flush()
            os.fsync(file.fileno())
        os.replace(f"{seal}.part", seal)
        return 0
    try:
        with open(seal) as file:
            return 0 if json.load(file) == digests(folder) else BROKEN
    except (OSError, ValueError):
        return BROKEN


if __name__ == "__main__":
    sys.exit(main())
