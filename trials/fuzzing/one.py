"""Fuzz one target in this process; further arguments are libFuzzer's. Started by `__main__.py`.

python -m trials.fuzzing.one transcript -runs=1000 FOLDER
"""

from __future__ import annotations

import logging
import sys

import atheris

from trials.fuzzing.target import load


def main() -> None:
    """Fuzz. Never returns: libFuzzer ends the process."""
    logging.disable()
    name, *options = sys.argv[1:]
    with atheris.instrument_imports(include=["fencepost", "pymdownx.superfences"]):
        target = load(name)
    atheris.Setup([sys.argv[0], *options], target.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
