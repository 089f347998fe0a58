"""The tools that are measured side by side: the form of their pages, and their command lines."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from steps import (
    Fault,
    Form,
    Language,
    cram_tests,
    fences,
    outputs_announced,
    outputs_in_comments,
    steps_of,
    transcripts,
)

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Tool:
    """A tool, and how to call it on a folder of pages.

    Attributes:
        name: its name in the table.
        command: its command line, run in the site's folder; `{pages}` stands for the pages, `{bin}` for the folder of
            programs of the peers' environment.
        form: the form of its pages.
        language: the language of the steps.
        package: its name in the package registry; empty if it isn't a peer.
        counts: what it prints when all of `{steps}` steps on `{pages}` pages have passed; empty if it doesn't count.
        isolates: what isolates a step from this computer; empty for nothing.
        suffix: the suffix of its pages' names.
        beside: folders of this one, whose files are copied beside the pages.
        environment: additional environment variables.
        judged: True if it claims to notice faults.
        warm: True if it runs once on the same pages before it is measured.
    """

    name: str
    command: tuple[str, ...]
    form: Form
    language: Language = "shell"
    package: str = ""
    counts: str = ""
    isolates: str = ""
    suffix: str = ".md"
    beside: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    judged: bool = True
    warm: bool = False

    def argv(self, folder: Path, programs: Path) -> list[str]:
        """Return its command line for a folder."""
        pages = [str(path.relative_to(folder)) for path in sorted((folder / "docs").iterdir())]
        words = [word.replace("{bin}", str(programs)) for word in self.command]
        return [item for word in words for item in (pages if word == "{pages}" else [word])]

    def lay_out(
        self, folder: Path, pages: int, snippets: int, *, traced: Path | None = None, fault: Fault = ""
    ) -> None:
        """Write the pages, in its form, into an empty folder. A fault is on the first page."""
        docs = folder / "docs"
        docs.mkdir(parents=True)
        for page in range(pages):
            steps = steps_of(page, snippets, self.language, traced=traced, fault="" if page else fault)
            (docs / f"page-{page:03}{self.suffix}").write_text(self.form(steps), "utf-8")
        for name in self.beside:
            shutil.copytree(HERE / name, folder, dirs_exist_ok=True)


# Load each pytest plugin alone: it would be unfair to count the start of all of them.
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
_PYTEST = ("{bin}/python", "-m", "pytest", "-q", "-p", "no:cacheprovider")

PEERS = (
    Tool("cram", ("{bin}/cram", "{pages}"), cram_tests, package="cram", counts="# Ran {pages} tests", suffix=".t"),
    Tool("prysk", ("{bin}/prysk", "{pages}"), cram_tests, package="prysk", counts="# Ran {pages} tests", suffix=".t"),
    Tool(
        "mktestdocs, with memory",
        (*_PYTEST, "test_pages.py"),
        fences("bash"),
        package="mktestdocs",
        counts="{pages} passed",
        beside=("peers/mktestdocs",),
        environment={**ALONE, "BENCH_LANGUAGE": "bash"},
    ),
    Tool(
        "pytest-codeblocks",
        (*_PYTEST, "-p", "pytest_codeblocks.plugin", "--codeblocks", "docs"),
        outputs_announced("bash"),
        package="pytest-codeblocks",
        counts="{steps} passed",
        environment=ALONE,
    ),
    Tool(
        "Sybil, a bash a fence",
        (*_PYTEST, "docs"),
        fences("bash"),
        package="sybil",
        counts="{steps} passed",
        beside=("peers/sybil",),
        environment=ALONE,
    ),
    Tool(
        "markdown-exec",
        ("{bin}/python", "render.py"),
        fences('bash exec="1"'),
        package="markdown-exec",
        beside=("peers/markdown-exec",),
    ),
    Tool(
        "doccmd", ("{bin}/doccmd", "--language", "bash", "--command", "bash", "docs"), fences("bash"), package="doccmd"
    ),
    Tool(
        "byexample",
        ("{bin}/byexample", "--no-progress-bar", "-l", "shell", "{pages}"),
        transcripts("shell"),
        package="byexample",
    ),
    Tool("tesh", ("{bin}/tesh", "--no-debug", "docs"), transcripts('console tesh-session="page"'), package="tesh"),
    Tool(
        "mktestdocs, with memory",
        (*_PYTEST, "test_pages.py"),
        fences("python"),
        "python",
        package="mktestdocs",
        counts="{pages} passed",
        beside=("peers/mktestdocs",),
        environment={**ALONE, "BENCH_LANGUAGE": "python"},
    ),
    Tool(
        "Sybil, doctest",
        (*_PYTEST, "docs"),
        transcripts("python", ">>> "),
        "python",
        package="sybil",
        counts="{steps} passed",
        beside=("peers/sybil",),
        environment=ALONE,
    ),
    Tool(
        "pytest-codeblocks",
        (*_PYTEST, "-p", "pytest_codeblocks.plugin", "--codeblocks", "docs"),
        outputs_announced("python"),
        "python",
        package="pytest-codeblocks",
        counts="{steps} passed",
        environment=ALONE,
    ),
    Tool(
        "pytest-markdown-docs",
        (*_PYTEST, "-p", "pytest_markdown_docs.plugin", "--markdown-docs", "docs"),
        fences("python"),
        "python",
        package="pytest-markdown-docs",
        counts="{steps} passed",
        environment=ALONE,
    ),
    Tool(
        "pytest-examples",
        (*_PYTEST, "-p", "pytest_examples", "test_pages.py"),
        outputs_in_comments,
        "python",
        package="pytest-examples",
        counts="{steps} passed",
        beside=("peers/pytest-examples",),
        environment=ALONE,
    ),
    Tool(
        "byexample",
        ("{bin}/byexample", "--no-progress-bar", "-l", "python", "{pages}"),
        transcripts("python", ">>> "),
        "python",
        package="byexample",
    ),
)
