"""A record as a terminal recording (asciicast, version 2): what a reader would have seen, step after step."""

from __future__ import annotations

import json

from fencepost.record.model import Record

_WIDTH, _HEIGHT = 80, 24
_BREATH = 0.5


def cast_of(record: Record) -> str:
    """The recording of a run: a marker and the output of each step, spread over the time that it took."""
    header = {
        "version": 2,
        "width": _WIDTH,
        "height": _HEIGHT,
        "timestamp": int(record.started.timestamp()),
        "title": f"{record.page} on {record.machine}",
        "env": {"TERM": "xterm-256color", "SHELL": "/bin/bash"},
    }
    events: list[list[object]] = []
    clock = 0.0
    for snippet in record.snippets:
        events.append([round(clock, 3), "m", snippet.id])
        clock += _BREATH
        lines = snippet.output.splitlines(keepends=True)
        for number, line in enumerate(lines, 1):
            at = clock + snippet.seconds * number / len(lines)
            events.append([round(at, 3), "o", line.replace("\r\n", "\n").replace("\n", "\r\n")])
        clock += snippet.seconds
    return "\n".join(json.dumps(item, ensure_ascii=False) for item in [header, *events]) + "\n"
