"""`mkdocs serve` with live mode: a page is saved, and the browser would show the new verdict."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.programs import started
from tests.helpers.site_builder import MARKDOWN, SiteBuilder

PAGE = """
    ---
    machine: plain
    ---
    # A page

    ```bash { #greet }
    echo hello
    ```
    """


@dataclass
class Served:
    """A site that is being served."""

    build: SiteBuilder
    url: str
    log: Path
    process: subprocess.Popen[str]

    def get(self) -> str:
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            return str(answer.read().decode())

    def until(self, *texts: str) -> str:
        """The page, once it says all of this."""
        deadline = time.monotonic() + 60
        page = self.get()
        while not all(text in page for text in texts):
            assert time.monotonic() < deadline, f"{page}\n{self.log.read_text()}"
            time.sleep(0.1)
            page = self.get()
        return page


@pytest.fixture
def served(site: SiteBuilder, tmp_path: Path, live: bool) -> Iterator[Served]:
    site.configure({**MARKDOWN, "fencepost": {}}, theme="mkdocs", plugins=[{"fencepost": {"live": live}}])
    site.page(PAGE, "index.md")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    log = tmp_path / "log"
    with (
        log.open("w") as output,
        started(site.folder, "mkdocs", "serve", "--dev-addr", address, stdout=output) as process,
    ):
        deadline = time.monotonic() + 60
        while "Serving on" not in log.read_text():
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield Served(site, f"http://{address}/", log, process)


@pytest.mark.parametrize("live", [True])
def test_a_saved_page_is_checked_and_shown(served: Served) -> None:
    assert "hello-again" not in served.get()
    served.build.page(PAGE.replace("hello", "hello-again"), "index.md")
    page = served.until('data-fencepost-standing="verified"')
    assert "hello-again" in page
    served.build.page(PAGE.replace("echo hello", "false"), "index.md")
    served.until('data-fencepost-standing="failed"')
    assert "docs/index.md:7: failed: step `greet`" in served.log.read_text()


@pytest.mark.parametrize("live", [True])
def test_an_included_file_may_be_replaced_by_an_editor(served: Served) -> None:
    served.build.write("steps/step.sh", "echo first-version\n")
    served.build.page(PAGE.replace("echo hello", '--8<-- "steps/step.sh"'), "index.md")
    served.until('data-fencepost-standing="verified"')
    for text in ("second-version", "third-version"):
        served.build.write("steps/step.sh~", f"echo {text}\n").replace(served.build.folder / "steps/step.sh")
        # It is built with the new text before that has run.
        served.until(f"{text}\n", 'data-fencepost-standing="verified"')


@pytest.mark.parametrize("live", [False])
def test_live_mode_is_off_by_default(served: Served) -> None:
    served.build.page(PAGE.replace("hello", "hello-again"), "index.md")
    served.until("hello-again")
    assert not (served.build.folder / ".fencepost/records/docs").exists()
