"""The pytest plugin: a page is a file, its machines are nodes, and its steps are items.

    docs/posts/part-3.md::debian-13::strip-dependency

Steps of one page share a machine, so a step never runs without the ones before it: those that weren't selected, or
that another worker runs, run as its set-up.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mkdocs.utils.meta import get_data

from fencepost.check.finish_run import finish_run
from fencepost.check.known_packages import KnownPackages
from fencepost.check.page_run import PageRun
from fencepost.check.site_check import jobs_of
from fencepost.check.unrunnable import judge_transcripts
from fencepost.errors import EngineError, FencepostError
from fencepost.faces.pytest_verdicts import EngineTroubleError, StepFailedError, report_verdict
from fencepost.fence.snippet import Snippet
from fencepost.kinds.registry import kind_of
from fencepost.kinds.result import StepResult
from fencepost.machine.engines.registry import find_engine
from fencepost.machine.fleet import Fleet
from fencepost.page.frontmatter import means_a_machine
from fencepost.page.page import Page
from fencepost.record.store import RecordStore
from fencepost.site.mkdocs import read_site
from fencepost.site.site import Site

_SUFFIXES = (".md", ".mdx", ".svx")
_HAS_MACHINE = re.compile(r"\A---[ \t]*\r?\n(?:.*\r?\n)*?machine[ \t]*:", re.MULTILINE)
_END = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_SITES = pytest.StashKey["dict[Path, Site | None]"]()
_FLEETS = pytest.StashKey["_Fleets"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting `fencepost`."""
    parser.addini("fencepost", "collect pages that have a machine (default: true)", type="bool", default=True)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and prepare what the nodes share."""
    config.addinivalue_line("markers", "fencepost: a step of a page, run on its machine")
    config.stash[_SITES] = {}
    config.stash[_FLEETS] = _Fleets()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the machines that pages share."""
    config.stash[_FLEETS].close()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect pages with a machine, and keep other plugins from running their Python on the host."""
    collectors = yield
    if file_path.suffix not in _SUFFIXES or not parent.config.getini("fencepost"):
        return collectors
    if not _names_a_machine(file_path):
        return collectors
    return [PageFile.from_parent(parent, path=file_path)]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Restore the order of each page's steps if another plugin has shuffled them, and keep them together."""
    by_machine: dict[MachineNode, list[pytest.Item]] = {}
    ordered: list[pytest.Item | MachineNode] = []
    for item in items:
        node = item.parent
        if isinstance(node, MachineNode):
            if node not in by_machine:
                ordered.append(node)
            by_machine.setdefault(node, []).append(item)
        else:
            ordered.append(item)
    for node, steps in by_machine.items():
        steps.sort(key=lambda item: node.position_of(item.name))
    items[:] = [
        item for entry in ordered for item in (by_machine[entry] if isinstance(entry, MachineNode) else [entry])
    ]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report an engine that fails during a step as pytest's `error`, as if it had failed in set-up."""
    report = yield
    if call.when == "call" and call.excinfo and call.excinfo.errisinstance(EngineTroubleError):
        report.when = "setup"
    return report


class _Fleets:
    """The machines of each site and their packages, made when the first step needs them."""

    def __init__(self) -> None:
        self._fleets: dict[Path, tuple[Fleet, KnownPackages]] = {}

    def of(self, site: Site) -> tuple[Fleet, KnownPackages]:
        if site.folder not in self._fleets:
            engine = find_engine(site.settings.engine)
            packages = KnownPackages(engine, RecordStore(site.records))
            self._fleets[site.folder] = Fleet(engine, site.settings, warm=1), packages
        return self._fleets[site.folder]

    def close(self) -> None:
        for fleet, packages in self._fleets.values():
            packages.close()
            fleet.close()
        self._fleets.clear()


class PageFile(pytest.File):
    """A page with a machine."""

    def collect(self) -> Iterable[pytest.Collector]:
        """Yield a node for each of its machines."""
        try:
            site = _site_of(self.path, self.config)
            if site is None or not site.shows(self.path):
                raise self.CollectError(
                    f"{self.path.name} names a machine, but isn't a page of a MkDocs site: none of its steps can be run"
                )
            page = site.read_page(self.path)
            if page is None:
                return
            judge_transcripts([page])
        except FencepostError as error:
            raise self.CollectError(str(error)) from error
        for name in page.front_matter.machines:
            yield MachineNode.from_parent(self, name=name, page=page, site=site)


class MachineNode(pytest.Collector):
    """A page on one of its machines; it holds the live machine while the steps run."""

    def __init__(self, page: Page, site: Site, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.page = page
        self.site = site
        self.snippets = page.snippets_on(self.name)
        self._run: PageRun | None = None
        self._done: dict[str, StepResult] = {}

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each of its steps."""
        if not self.snippets:
            pytest.skip(f"nothing to check: the page has no step that runs on {self.name}", allow_module_level=True)
        for snippet in self.snippets:
            item = _python_item() if kind_of(snippet).takes_fixtures else StepItem
            yield item.from_parent(self, name=snippet.id, snippet=snippet)

    def position_of(self, name: str) -> int:
        """Return the position of a step in the page."""
        return next(number for number, snippet in enumerate(self.snippets) if snippet.id == name)

    def prepare(self, snippet: Snippet) -> None:
        """Start the machine, and run the steps before this one that haven't run.

        Raises:
            EngineError: when there is no engine or no image.
        """
        if self._run is None:
            fleet, _ = self.config.stash[_FLEETS].of(self.site)
            (job,) = jobs_of(self.site, fleet, [(self.page, [self.name])])
            self._run = PageRun(job, fleet)
        for before in self.snippets[: self.position_of(snippet.id)]:
            if before.id not in self._done:
                self._done[before.id] = self._run.step(before)

    def run_step(self, item: pytest.Item, snippet: Snippet, values: dict[str, Any] | None) -> None:
        """Run a step, and report its verdict to pytest."""
        assert self._run is not None
        result = self._done.get(snippet.id) or self._run.step(snippet, values)
        self._done[snippet.id] = result
        report_verdict(item, self._run.job, result, self.site.folder)

    def teardown(self) -> None:
        """Remove the machine. A run of all steps is recorded; a partial run isn't, because it proves too little."""
        run, self._run = self._run, None
        if run is None:
            return
        # Frees the outputs. If the node is used again, it is on a new machine, on which no step has run.
        self._done.clear()
        with contextlib.closing(run):
            if len(run.results) == len(self.snippets):
                _, packages = self.config.stash[_FLEETS].of(self.site)
                finish_run(run, RecordStore(self.site.records), packages)


class StepItem(pytest.Item):
    """A step that isn't Python."""

    def __init__(self, snippet: Snippet, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.snippet = snippet
        self.add_marker("fencepost")

    def setup(self) -> None:
        """Start the machine, and run the steps before this one."""
        _node_of(self).prepare(self.snippet)

    def runtest(self) -> None:
        """Run the step."""
        _node_of(self).run_step(self, self.snippet, None)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the report for the page's author, without a traceback into Fencepost."""
        if excinfo.errisinstance((StepFailedError, EngineTroubleError, EngineError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the file and line of the step, and its name in reports."""
        return self.path, self.snippet.opening.line - 1, f"{_node_of(self).name}: {self.name}"


def _python_item() -> Any:
    """Return the class of Python steps; without pytest-markdown-docs it is `StepItem`, which has no fixtures."""
    try:
        from fencepost.faces.pytest_python import PythonStepItem  # noqa: PLC0415
    except ModuleNotFoundError:
        return StepItem
    return PythonStepItem


def _node_of(item: pytest.Item) -> MachineNode:
    node = item.parent
    assert isinstance(node, MachineNode)
    return node


def _names_a_machine(path: Path) -> bool:
    """Return whether a page's front matter names a machine, or tries to, in any form that a check accepts."""
    try:
        text = path.read_text("utf-8-sig", errors="replace")
    except OSError:
        return False
    # Only in the front matter: a page may write about `machine:` further down.
    end = _END.search(text, 4)
    # By a pattern first: a page whose front matter isn't valid YAML mustn't run on the host either.
    return bool(end and _HAS_MACHINE.match(text[: end.start()])) or means_a_machine(get_data(text)[1])


def _site_of(path: Path, config: pytest.Config) -> Site | None:
    """Return the site of a file: that of the nearest folder above it with a mkdocs.yml."""
    sites = config.stash[_SITES]
    for folder in path.resolve().parents:
        if folder in sites:
            return sites[folder]
        if (folder / "mkdocs.yml").is_file():
            sites[folder] = read_site(folder)
            return sites[folder]
    return None
