"""Measure parts of Fencepost: reading pages, a line in a session, saving a page, comparing an output.

    make bench

side_by_side.py measures all of Fencepost, beside its peers.
"""

from __future__ import annotations

import functools
import logging
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from corpus import line, make_site
from written import README, write_between

from fencepost.check.head_start import HeadStart
from fencepost.check.site_check import CheckOptions, check_site
from fencepost.live.live_check import LiveCheck
from fencepost.machine.container_machine import ContainerMachine
from fencepost.machine.engine import Engine
from fencepost.machine.engines.registry import find_engine
from fencepost.machine.image import Image, provide_image
from fencepost.machine.making import Making
from fencepost.machine.progress import ProgressLines
from fencepost.session.page_session import PageSession
from fencepost.site.mkdocs import read_site
from fencepost.site.site import Site
from fencepost.transcript.match import matches

ROUNDS = 3


class Silent:
    """An observer that does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def seconds(action: Callable[[], object]) -> float:
    """Return how long a function takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def parse(folder: Path) -> float:
    """Return how long it takes to read every page of a site, starting with mkdocs.yml."""
    return seconds(lambda: read_site(folder).read_pages())


def session_lines(engine: Engine, image: Image, site: Site, count: int = 500) -> tuple[float, float]:
    """Return the milliseconds of a one-line snippet in a live session, and of the same line through a pipe to bash."""
    command = engine.argv("run", "-i", "--rm", "--network=none", *engine.run_options, image.id, "bash")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    to_bash, from_bash = process.stdin, process.stdout
    assert to_bash and from_bash

    def bare(number: int) -> None:
        to_bash.write(f"{line(0, number)}\n".encode())
        from_bash.readline()

    machine = ContainerMachine(engine, image, site.machines["debian-12"], site.settings, network=False)
    session = PageSession(machine, 1 << 20)
    session.start()
    bare(0)
    ours, theirs = [], []
    for number in range(count):
        theirs.append(seconds(functools.partial(bare, number)))
        ours.append(seconds(functools.partial(session.run_shell, line(0, number), line=10, seconds=10)))
    to_bash.close()
    process.wait()
    from_bash.close()
    machine.close()
    return statistics.median(ours) * 1000, statistics.median(theirs) * 1000


def saved(site: Site, count: int = 10) -> float:
    """Return the seconds from saving a page, with its last step edited, to its new record, in live mode."""
    live = LiveCheck(logging.getLogger("silent"))
    page = site.pages[0]
    text = page.read_text()
    live.look(site)

    def save(number: int) -> None:
        page.write_text(text.replace("step 19", f"step {number}"))
        live.look(site)
        live.wait(60)

    took = []
    for number in range(count):
        took.append(seconds(functools.partial(save, number + 100)))
        while live.at_work:
            time.sleep(0.01)
    live.close()
    page.write_text(text)
    return statistics.median(took)


def compared(written: str, count: int = 100_000) -> float:
    """Return the seconds that it takes to match an output of many lines with what a page shows.

    Args:
        written: the format of an output line that is shown as `line 7`.
        count: the number of lines.
    """
    took = []
    for first in range(ROUNDS):
        numbers = range(first, first + count)
        expected, output = [f"line {number}" for number in numbers], "".join(map(written.format, numbers))
        took.append(seconds(functools.partial(matches, expected, output)))
        assert matches(expected, output)
    return statistics.median(took)


def main() -> None:
    """Measure, print and write."""
    engine = find_engine()
    with tempfile.TemporaryDirectory() as folder:
        many = make_site(Path(folder, "parse"), pages=300, snippets=20)
        fifty = make_site(Path(folder, "live"), pages=50, snippets=20)
        site = read_site(fifty)
        image = provide_image(engine, site.machines["debian-12"], Making(ProgressLines(print), may_pull=False))
        parsed = statistics.median(parse(many) for _ in range(ROUNDS))
        ours, theirs = session_lines(engine, image, site)
        check_site(site, site.read_pages(), HeadStart(site, engine), Silent(), CheckOptions())
        live = saved(read_site(fifty))
    plain, coloured, drawn = map(compared, ("line {}\n", "\x1b[1mline\x1b[m {}\n", "{0} %\rline {0}\x1b[K\n"))
    text = f"""\
| what | took | target |
|---|---|---|
| reading 300 pages with 6,000 fences | {parsed:.2f} s | 1.5 s |
| a one-line step in a live session | {ours:.2f} ms | |
| the same line sent to a bare bash in such a container | {theirs:.2f} ms | |
| added by the session | {ours - theirs:.2f} ms | 0.5 ms |
| live mode: from saving a page with its last step edited to its new record | {live:.2f} s | |
| an output of 100,000 plain lines compared with what a page shows | {plain:.2f} s | |
| the same in colours | {coloured:.2f} s | |
| the same, each line overwriting another | {drawn:.2f} s | |

Medians; {engine.name} {engine.version}."""
    print(text)
    write_between(README, "parts", text)


if __name__ == "__main__":
    main()
