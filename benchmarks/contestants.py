"""The tools that are measured side by side: how each reads its pages, and how it is called."""

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
    """A tool, as it is called on a folder of pages.

    Attributes:
        name: how the table calls it.
        command: what is called, in the site's folder; the word `{pages}` stands for the pages, `{bin}` for the folder
            of its environment's programs.
        form: how it reads a page.
        language: what the steps are written in.
        package: its name in the package registry; empty for what isn't a peer.
        counts: what it prints when all of `{steps}` steps on `{pages}` pages have passed; empty where it doesn't.
        isolates: what stands between a step and this computer; empty for nothing.
        suffix: how its pages' names end.
        beside: folders of this one, whose files lie beside the pages.
        environment: what it finds in its environment.
        judged: whether it claims to notice anything.
        warm: whether it is measured only once it has run on the same pages.
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
        """Its command line."""
        pages = [str(path.relative_to(folder)) for path in sorted((folder / "docs").iterdir())]
        words = [word.replace("{bin}", str(programs)) for word in self.command]
        return [item for word in words for item in (pages if word == "{pages}" else [word])]

    def lay_out(
        self, folder: Path, pages: int, snippets: int, *, traced: Path | None = None, fault: Fault = ""
    ) -> None:
        """Writes the pages, in its form, into an empty folder. A fault is on the first page."""
        docs = folder / "docs"
        docs.mkdir(parents=True)
        for page in range(pages):
            steps = steps_of(page, snippets, self.language, traced=traced, fault="" if page else fault)
            (docs / f"page-{page:03}{self.suffix}").write_text(self.form(steps), "utf-8")
        for name in self.beside:
            shutil.copytree(HERE / name, folder, dirs_exist_ok=True)


# Each pytest plugin by itself: all of them at once would be no fair start.
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
