"""Makes or checks the seal of a saved virtual machine.

Its text is passed to `python3 -c` in the emulator's container, with the arguments `make` or `check` and a folder. The
seal is a file with the digest of each other file. It is written last, so that an unfinished machine has none. The exit
status is 0 if the seal holds, and otherwise BROKEN.
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
    """Return a digest of a file's size and data. Holes are skipped."""
    result = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        result.update(str(size).encode())
        at = 0
        while at < size:
            try:
                data = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:
                break
            # In chunks on a fixed grid, without those of zeros: where a hole begins depends on the file system.
            at = data - data % GRID
            chunk = os.pread(file.fileno(), GRID, at)
            if chunk.strip(b"\0"):
                result.update(str(at).encode())
                result.update(chunk)
            at += GRID
    return result.hexdigest()


def digests(folder: str) -> dict[str, str]:
    """Return the digests of all files in a folder, by name."""
    names = sorted(name for name in os.listdir(folder) if name != NAME)
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(names, pool.map(digest, (os.path.join(folder, name) for name in names)), strict=True))


def main() -> int:
    """Make or check the seal."""
    what, folder = sys.argv[1:3]
    seal = os.path.join(folder, NAME)
    if what == "make":
        text = json.dumps(digests(folder))
        with open(f"{seal}.part", "w") as file:
            file.write(text)
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
