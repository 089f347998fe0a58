"""Writes the records of one page, one after the other, as fast as it goes.

python two_writers.py FOLDER FIRST NUMBER
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "record"))

from records import a_record, a_step

from fencepost.record.store import RecordStore

if __name__ == "__main__":
    store = RecordStore(Path(sys.argv[1]))
    first, number = int(sys.argv[2]), int(sys.argv[3])
    base = a_record()
    for index in range(first, first + number):
        started = base.started + timedelta(seconds=index)
        store.write(a_record(a_step(output=f"{index}\n"), started=started, seconds=index))
