"""Records, lines of history and bundles from other computers: read completely, or refused."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

from fencepost.publish.cast import cast_of
from fencepost.record.bundle import Bundle
from fencepost.record.history import Run, as_lines, last_green, merged, shortened
from fencepost.record.model import Record
from fencepost.render.wording import duration, instant
from trials.fuzzing.taking import Bytes, holds, same
from trials.fuzzing.target import Target

SNIPPET = {
    "id": "step-1",
    "title": "A step",
    "language": "console",
    "source": "$ echo hello\nhello",
    "file": "docs/page.md",
    "line": 7,
    "source_sha256": "0" * 64,
    "verdict": "failed",
    "exit": 1,
    "seconds": 0.5,
    "output": "$ echo hello\n\x1b[1mhello\x1b[0m\n",
    "truncated": False,
    "reason": "exit status 1",
    "failure": {"file": "docs/page.md", "line": 8, "command": "echo", "expected": "a", "actual": "b"},
}
RECORD = {
    "schema": 1,
    "page": "docs/page.md",
    "machine": "debian-13",
    "image": "sha256:0",
    "engine": "podman 4.3.1",
    "accelerator": None,
    "fencepost": "0.1.0",
    "started": "2026-11-23T14:00:00Z",
    "seconds": 3.2,
    "verdict": "failed",
    "snippets": [SNIPPET],
}
RUN = {"started": "2026-11-24T14:00:00Z", "seconds": 3, "verdict": "passed", "passed": 1, "steps": 1}
RUN |= {"image": "sha256:0", "fencepost": "0.1.0"}


def one(data: bytes) -> None:
    """Try a record, a bundle or a history, by the first byte, and everything that is done with it."""
    taken = Bytes(data)
    kind = taken.number(3)
    if kind == 0:
        try:
            record = Record.from_json(taken.rest())
        except ValueError:
            return
        recorded(record)
    elif kind == 1:
        try:
            bundle = Bundle.from_json(taken.rest())
        except ValueError:
            return
        same(Bundle.from_json(bundle.to_json()), bundle)
        for record in bundle.records:
            recorded(record)
        remembered([run for runs in bundle.runs.values() for run in runs])
    else:
        runs = []
        for line in taken.rest().splitlines():
            try:
                runs.append(Run.model_validate_json(line))
            except ValueError:
                continue
        remembered(runs)


def recorded(record: Record) -> None:
    """Check that a record can be written and read again, and made into a history, a recording and words."""
    same(Record.from_json(record.to_json()), record)
    remembered([Run.of(record), Run.model_validate(RUN)])
    header, *events = [json.loads(line) for line in cast_of(record).removesuffix("\n").split("\n")]
    same(header["version"], 2)
    times = [event[0] for event in events]
    holds(times == sorted(times) and all(math.isfinite(time) for time in times), times)
    holds(instant(record.started).endswith("Z") and duration(record.seconds), record.started)


def remembered(runs: list[Run]) -> None:
    """Check that a history is in order, can be written and read again, and keeps its last green run."""
    history = merged(runs, [Run.model_validate(RUN)])
    holds(history == sorted(history, key=lambda run: run.started), history)
    lines = as_lines(history).decode().splitlines()
    same([Run.model_validate_json(line) for line in lines], history)
    same(last_green(shortened(history)), last_green(history))
    holds(all(duration(run.seconds) and instant(run.started) for run in history))


def seeds() -> Iterable[bytes]:
    """Yield one of each kind, and a record for each of some languages."""
    run = json.dumps(RUN).encode()
    yield b"\x00" + json.dumps(RECORD).encode()
    yield b"\x01" + json.dumps({"schema": 1, "records": [RECORD], "runs": {"docs/page.md@debian-13": [RUN]}}).encode()
    yield b"\x02" + run + b"\n" + run.replace(b"24T", b"25T") + b"\n" + run.replace(b"passed", b"failed", 1)
    for language in ("bash", "python", "ini"):
        yield b"\x00" + json.dumps(RECORD | {"snippets": [SNIPPET | {"language": language}]}).encode()


TARGET = Target(
    name="records",
    says="Records survive writing and reading again; histories stay in order; recordings are valid.",
    code=("record", "publish/cast.py", "render/wording.py", "verdicts.py", "terminal.py"),
    words=(
        b'"started":',
        b'"2026-11-23T14:00:00"',
        b"1e999",
        b"NaN",
        b"Infinity",
        b"-1",
        b'"passed"',
        b'"skipped"',
        b'"known-broken"',
    )
    + (b"\\ud800", b"\\u001b[", b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59Z", b"+23:59", b'"written_to":"x",'),
    seeds=seeds,
    one=one,
    longest=2000,
)
