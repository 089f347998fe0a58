"""Two checks of a site at once: both are right, and neither takes anything from the other."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from fencepost.machine.engine import Engine
from fencepost.machine.ownership_labels import LABEL
from fencepost.record.history import KEPT_RUNS, held
from fencepost.record.store import RecordStore
from fencepost.run_key import RunKey
from fencepost.whole_files import write_whole
from tests.helpers.checking import records_of, steps_of
from tests.helpers.programs import started
from tests.helpers.records import a_record, a_step
from tests.helpers.site_builder import SiteBuilder

ROOT = Path(__file__).parents[2]
WRITER = [sys.executable, "-m", "tests.faults.two_writers"]
PAGE, MACHINE = "docs/posts/page.md", "debian-12"
SOURCE = """
    ---
    machine: both
    ---

    ```bash { #waits }
    sleep 1; echo done >/result
    ```

    ```bash { #fails }
    sleep 1; grep needle /result
    ```
    """


@pytest.mark.slow
@pytest.mark.parametrize(
    "each", [KEPT_RUNS - 1, KEPT_RUNS + 20], ids=["all are kept", "old ones are dropped meanwhile"]
)
def test_no_line_of_a_history_is_lost(tmp_path: Path, each: int) -> None:
    writers = [
        subprocess.Popen([*WRITER, str(tmp_path), str(number * 1000), str(each)], cwd=ROOT) for number in range(2)
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    store = RecordStore(tmp_path, read_only=True)
    assert store.read(RunKey(PAGE, MACHINE))
    text = store.path_of(RunKey(PAGE, MACHINE)).with_suffix(".runs").read_text("utf-8")
    result = [json.loads(line)["seconds"] for line in text.splitlines()]
    if each < KEPT_RUNS:
        assert sorted(result) == [*range(each), *range(1000, 1000 + each)]
    # Whatever was dropped, it was the oldest: none of the last ones is missing.
    assert set(range(1000 + each - 20, 1000 + each)) <= set(result)
    assert sorted(path.suffix for path in tmp_path.rglob("*.*") if path.is_file()) == [".json", ".runs"]


def test_a_waiting_writer_opens_the_replaced_file(tmp_path: Path) -> None:
    store = RecordStore(tmp_path, read_only=True)
    store.write(a_record(a_step()))
    path = store.path_of(RunKey(PAGE, MACHINE)).with_suffix(".runs")
    with held(path):
        writer = subprocess.Popen([*WRITER, str(tmp_path), "1", "1"], cwd=ROOT)
        while writer.poll() is None and str(path) not in open_files(writer.pid):
            time.sleep(0.01)
        assert writer.poll() is None
        assert (store.read(RunKey(PAGE, MACHINE)) or a_record(seconds=9)).seconds == a_record().seconds
        write_whole(path, path.read_bytes())
    assert writer.wait(60) == 0
    assert [run.seconds for run in store.history(RunKey(PAGE, MACHINE))] == [a_record().seconds, 1]


def open_files(pid: int) -> set[str]:
    links = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            links.add(str(link.readlink()))
    return links


def test_two_checks_of_one_site(build: SiteBuilder, engine: Engine) -> None:
    # A machine that neither of them finds: both come to build it.
    build.machine("both", f"FROM debian:12\nRUN sleep 1 && echo {time.time_ns()} >/stamp\n")
    build.write("fencepost.toml", 'pull = "never"\n')
    for name in ("one.md", "two.md"):
        build.page(SOURCE, name)
    check_it = (build.folder, "fencepost", "check", "--fresh", "--engine", engine.name)
    with ExitStack() as ending:
        checks = [ending.enter_context(started(*check_it)) for _ in range(2)]
        result = [check.communicate(timeout=200)[0] for check in checks]
    try:
        assert [check.returncode for check in checks] == [1, 1], "\n".join(result)
        for text in result:
            assert "2 pages: 2 passed, 2 failed" in text
        assert sum("both: building its image" in text for text in result) == 1
        records = records_of(build)
        assert [record.page for record in records] == ["docs/one.md", "docs/two.md"]
        for record in records:
            assert {name: step.verdict for name, step in steps_of(record).items()} == {
                "waits": "passed",
                "fails": "failed",
            }
            store = RecordStore(build.read().records, read_only=True)
            assert len(store.history(record.key)) == 2
        owners = engine.call("ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}").stdout.split()
        mine = tuple(f"fencepost-{check.pid}-" for check in checks)
        assert [name for name in owners if name.startswith(mine)] == []
    finally:
        (image,) = {record.image for record in records_of(build)} or {""}
        if image:
            engine.call("rmi", "--force", image, check=False)
