"""Writes records of one page, one after the other, as fast as it can.

python -m tests.faults.two_writers FOLDER FIRST NUMBER
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from fencepost.record.store import RecordStore
from tests.helpers.records import a_record, a_step

if __name__ == "__main__":
    store = RecordStore(Path(sys.argv[1]))
    first, number = int(sys.argv[2]), int(sys.argv[3])
    base = a_record()
    for index in range(first, first + number):
        started = base.started + timedelta(seconds=index)
        store.write(a_record(a_step(output=f"{index}\n"), started=started, seconds=index))
