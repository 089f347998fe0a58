"""`fencepost shell` at a real terminal, on both kinds of machines."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from pathlib import Path

import pytest

from fencepost.machine.engine import Engine
from tests.helpers.checking import left_behind
from tests.helpers.programs import fencepost
from tests.helpers.site_builder import SiteBuilder

pytestmark = [pytest.mark.vm, pytest.mark.timeout(600)]
PAGE = """
    ---
    machine: [plain, vm]
    ---

    ```bash { #first }
    cd /var
    variable='a b'
    greet() { echo "hello $1"; }
    ```

    ```bash { #second }
    variable=second
    false
    ```
    """


@pytest.fixture
def site(vm: SiteBuilder) -> SiteBuilder:
    vm.real_machine("plain")
    vm.page(PAGE)
    return vm


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execv(sys.executable, [sys.executable, "-m", "fencepost", "shell", *arguments])

    def read_until(self, text: str, seconds: float = 300) -> str:
        told, end = "", time.monotonic() + seconds
        while text not in told:
            assert time.monotonic() < end, told
            if select.select([self.descriptor], [], [], 0.5)[0]:
                told += os.read(self.descriptor, 65536).decode(errors="replace")
        return told

    def type(self, line: str) -> None:
        os.write(self.descriptor, f"{line}\n".encode())

    def end(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.mark.parametrize("machine", ["plain", "vm"])
def test_an_author_finds_what_the_steps_left(site: SiteBuilder, podman: Engine, machine: str) -> None:
    shell = Terminal(site.folder, "docs/page.md", "--machine", machine, "--after", "first", "--engine", podman.name)
    assert "passed" in shell.read_until(f"you are on {machine}")
    shell.type('greet "$variable from $PWD"; [ -t 0 ] && echo at a "termi"nal')
    assert "hello a b from /var" in shell.read_until("at a terminal")
    shell.type("exit 0")
    assert shell.end() == 0
    assert left_behind(podman) == []


def test_a_failing_step_is_where_one_gets_in(site: SiteBuilder, podman: Engine) -> None:
    shell = Terminal(site.folder, "docs/page.md", "--engine", podman.name)
    result = shell.read_until("you are on plain")
    assert "failed" in result and "exit status 1" in result
    shell.type("echo $variable")
    shell.read_until("second")
    shell.type("exit 0")
    assert shell.end() == 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("docs/page.md",), "a shell needs a terminal"),
        (("docs/page.md", "--machine", "plane"), "unknown machine `plane`\n  did you mean `plain`?"),
        (("docs/page.md", "--after", "frist"), "has no step `frist`\n  did you mean `first`?"),
        (("docs/no.md",), "no page of this site: docs/no.md"),
    ],
)
def test_a_wrong_call(site: SiteBuilder, podman: Engine, arguments: tuple[str, ...], expected: str) -> None:
    done = fencepost(site.folder, "shell", *arguments, "--engine", podman.name)
    assert expected in done.stderr
    assert done.returncode == 2
