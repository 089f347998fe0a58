"""Measures what Fencepost adds, beside what it can't go below, in one run and interleaved.

    make bench

Times differ from computer to computer and from minute to minute; the ratios are what counts.
"""

from __future__ import annotations

import functools
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from corpus import line, make_site

from fencepost.check.run import CheckOptions, check_site
from fencepost.live.live_check import LiveCheck
from fencepost.machine.container import ContainerMachine
from fencepost.machine.engine import Engine, find_engine
from fencepost.machine.image import Image, provide_image
from fencepost.session.page_session import PageSession
from fencepost.site.mkdocs import read_site
from fencepost.site.site import Site

ROUNDS = 3


class Silent:
    """An observer that keeps everything to itself."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def seconds(action: Callable[[], object]) -> float:
    """How long something takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def parse(folder: Path) -> float:
    """Reads every page of a site of 6,000 fences, from mkdocs.yml on."""
    return seconds(lambda: read_site(folder).read_pages())


def session_lines(engine: Engine, image: Image, site: Site, count: int = 500) -> tuple[float, float]:
    """Milliseconds a one-line snippet takes in a live session, and a line through the same kind of pipe to bash."""
    command = engine.argv("run", "-i", "--rm", "--network=none", *engine.run_options, image.id, "bash")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    assert process.stdin and process.stdout

    def bare(number: int) -> None:
        process.stdin.write(f"{line(0, number)}\n".encode())
        process.stdout.readline()

    machine = ContainerMachine(engine, image, site.machines["debian-12"], site.settings, network=False)
    session = PageSession(machine, 1 << 20)
    session.start()
    bare(0)
    ours, theirs = [], []
    for number in range(count):
        theirs.append(seconds(functools.partial(bare, number)))
        ours.append(seconds(functools.partial(session.run_shell, line(0, number), line=10, seconds=10)))
    process.stdin.close()
    process.wait()
    process.stdout.close()
    machine.close()
    return statistics.median(ours) * 1000, statistics.median(theirs) * 1000


def floor(engine: Engine, image: Image, pages: int, snippets: int) -> float:
    """The steps of each page, all at once, in a container of its own, one page after the other."""

    def run() -> None:
        for page in range(pages):
            text = "\n".join(line(page, step) for step in range(snippets))
            command = engine.argv("run", "-i", "--rm", "--network=none", *engine.run_options, image.id, "bash")
            subprocess.run(command, input=text.encode(), stdout=subprocess.DEVNULL, check=True)

    return seconds(run)


def whole(site: Site, engine: Engine) -> float:
    """A check of every page of the site, each in a container of its own."""
    pages = site.read_pages()
    return seconds(lambda: check_site(site, pages, engine, Silent(), CheckOptions(fresh=True)))


def unchanged(folder: Path) -> float:
    """`fencepost check` of a site in which nothing changed, as a program."""
    command = [sys.executable, "-m", "fencepost", "check", "--site", str(folder)]
    return seconds(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True))


def saved(site: Site, count: int = 10) -> float:
    """Seconds from the save of a page, whose last step is edited, to its new record, in live mode."""
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
        took.append(seconds(lambda number=number: save(number + 100)))
        while live.at_work:
            time.sleep(0.01)
    live.close()
    page.write_text(text)
    return statistics.median(took)


def main() -> None:
    """Prints the table."""
    engine = find_engine()
    with tempfile.TemporaryDirectory() as folder:
        many = make_site(Path(folder, "parse"), pages=300, snippets=20)
        fifty = make_site(Path(folder, "check"), pages=50, snippets=20)
        site = read_site(fifty)
        image = provide_image(engine, site.machines["debian-12"], pull=False, say=print)
        parsed = statistics.median(parse(many) for _ in range(ROUNDS))
        ours_line, bare_line = session_lines(engine, image, site)
        floors, checks = [], []
        for _ in range(ROUNDS):
            floors.append(floor(engine, image, 50, 20))
            checks.append(whole(site, engine))
        check_site(large := read_site(many), large.read_pages(), engine, Silent(), CheckOptions())
        rechecked = statistics.median(unchanged(many) for _ in range(ROUNDS))
        live = saved(read_site(fifty))
        lowest, checked = statistics.median(floors), statistics.median(checks)
    print(f"engine: {engine.name} {engine.version}; medians of {ROUNDS} rounds")
    print(f"parsing 6,000 fences                          {parsed:8.2f} s     target 1.5 s")
    print(f"a line in a live session                      {ours_line:8.2f} ms    {bare_line:.2f} ms to bare bash")
    print(f"  beyond bash itself                          {ours_line - bare_line:8.2f} ms    target 0.5 ms")
    print(f"50 pages of 20 steps: run -i IMAGE bash < page {lowest:7.2f} s     {lowest / 50 * 1000:.0f} ms a page")
    print(f"50 pages of 20 steps: fencepost check         {checked:8.2f} s     {checked / lowest:.2f} of that")
    print(f"300 pages of which none changed, checked again {rechecked:7.2f} s     target 2 s")
    print(f"a page saved in live mode: its new record      {live:7.2f} s")


if __name__ == "__main__":
    main()
