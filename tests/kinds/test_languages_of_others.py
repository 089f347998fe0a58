"""Languages that other packages register: each does all that ours do, and one that is broken breaks nothing else."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from textwrap import dedent

import pytest
from builders import MARKDOWN, SiteBuilder
from checking import check, steps_of
from mkdocs.commands.build import build as build_site
from mkdocs.config import load_config
from running import fencepost

from fencepost.errors import UncheckedPageError
from fencepost.kinds.guard import PluginError
from fencepost.kinds.registry import broken_packages, kind_for, registry
from fencepost.machine.engine import Engine
from fencepost.page.page import Page
from fencepost.transcript.update import updated
from fencepost.verdicts import Verdict

PACKAGES = Path(__file__).parent / "packages"
PAGES = Path(__file__).parent / "pages"
WITH_ZSH = "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends zsh\n"
KIND = """
    from fencepost.kinds.kind import StepKind

    class Kind(StepKind):
        name = "nushell"
        languages = ("nushell", "nu")
        def run(self, snippet, context):
            return "fine"
        def script(self, snippet):
            yield 1
        {more}

    KIND = Kind()
    """
Install = Callable[[Path], None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Makes a folder with a package one in which this Python looks for packages."""

    def installed(folder: Path) -> None:
        monkeypatch.syspath_prepend(folder)
        registry.cache_clear()

    yield installed
    monkeypatch.undo()
    registry.cache_clear()


@pytest.fixture
def installed(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes a package of one module, with its entry points, and installs it."""

    def made(name: str, text: str, *entries: str) -> None:
        monkeypatch.delitem(sys.modules, name.replace("-", "_"), raising=False)
        install(package(tmp_path / name, name, text, *entries))

    return made


@pytest.fixture
def site(build: SiteBuilder) -> SiteBuilder:
    build.machine("zsh", WITH_ZSH)
    return build


@pytest.fixture
def both(site: SiteBuilder, install: Install) -> SiteBuilder:
    """A site where both of the sample packages are installed."""
    install(PACKAGES / "zsh")
    install(PACKAGES / "shellsession")
    return site


def package(folder: Path, name: str, text: str, *entries: str) -> Path:
    """A folder with a package of one module."""
    module = name.replace("-", "_")
    information = folder / f"{module}-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("\n".join(["[fencepost.languages]", *entries, ""]))
    (folder / f"{module}.py").write_text(dedent(text))
    return folder


def page_of(build: SiteBuilder, name: str) -> Page:
    page = build.read().read_page(build.write(f"docs/{name}.md", (PAGES / f"{name}.md").read_text()))
    assert page is not None
    return page


def test_their_steps_are_steps(both: SiteBuilder) -> None:
    steps = page_of(both, "works").snippets
    assert [step.runner for step in steps] == ["shell", "zsh", "zsh", "shellsession"]
    assert page_of(both, "works").note == ""


def test_without_their_packages_they_are_none(site: SiteBuilder) -> None:
    site.page("---\nmachine: zsh\n---\n```zsh\nls\n```\n\n```bash\nls\n```\n")
    ((page,), _) = read(site)
    assert [step.runner for step in page.snippets] == ["shell"]
    assert page.note.startswith("1 fence looks like a step and isn't run: line 4 zsh")


def test_a_fence_that_is_lost_is_found(both: SiteBuilder) -> None:
    both.page("---\nmachine: zsh\n---\n* ```zsh\n  true\n  ```\n")
    _, problems = read(both)
    assert ["looks like a fence that runs" in problem.message for problem in problems] == [True]


def test_they_run_and_are_judged_recorded_scripted_and_copied(both: SiteBuilder, engine: Engine) -> None:
    both.configure({**MARKDOWN, "fencepost": {}}, plugins=["fencepost"], theme="mkdocs")
    page_of(both, "works")
    (record,) = check(both, engine)
    steps = steps_of(record)
    assert record.verdict is Verdict.PASSED, steps
    assert (steps["arrays"].output, steps["refused"].exit) == ("ann\nbob\n", 3)

    build_site(load_config(str(both.folder / "mkdocs.yml"), site_dir=str(both.folder / "built")))
    (cast,) = (both.folder / "built").rglob("*.cast")
    shown = "".join(event[2] for event in map(json.loads, cast.read_text().splitlines()[1:]) if event[1] == "o")
    assert "\r\n% typeset -A ages\r\n> ages=(ann 3 bob 4)\r\n" in shown
    assert "\r\nShell > for n in 1 2; do\r\n>   echo $n\r\n> done\r\n1\r\n2\r\nShell > echo" in shown
    html = unescape((both.folder / "built/works/index.html").read_text())
    assert "data-copy=\"echo $GREETING; pwd\nfor n in 1 2; do\n  echo $n\ndone\necho '$ no prompt'" in html

    (script,) = (both.folder / "built").rglob("*.sh")
    around = (
        '---\nmachine: zsh\n---\n~~~ { file="/tmp/steps.sh" }\n{}\n~~~\n\n```console\n$ bash /tmp/steps.sh\n{}\n```\n'
    )
    told = "ann\nbob\nhello\n/usr\n1\n2\n\\$ no prompt"
    both.page(around.replace("{}", script.read_text().rstrip("\n"), 1).replace("{}", told, 1), "around.md")
    assert [str(record.verdict) for record in check(both, engine)] == ["passed", "passed"]


def test_their_failures_stand_at_their_lines(both: SiteBuilder, engine: Engine) -> None:
    page_of(both, "fails")
    (record,) = check(both, engine)
    steps = steps_of(record)
    zsh, transcript = steps["at-its-third-line"].failure, steps["prints-something-else"].failure
    assert zsh and transcript
    assert (zsh.line, zsh.command, steps["at-its-third-line"].reason) == (9, "no-such-command", "exit status 127")
    assert (transcript.line, transcript.expected, transcript.actual) == (16, "a\nc", "a\nb")
    assert steps["broken"].verdict is Verdict.KNOWN_BROKEN, steps["broken"]


def test_an_output_that_looks_like_their_prompt_is_told_from_a_command(both: SiteBuilder) -> None:
    kind = kind_for("shellsession")
    assert kind is not None
    assert updated(["a"], "Shell > b\n", kind.prompts) == ["\\Shell > b"]
    assert updated(["a"], "Shell > b\n") == ["Shell > b"]
    assert kind.shown("Shell > a\n\\Shell > b") == "Shell > a\nShell > b"


@pytest.mark.parametrize("text", ["ls", "$ ls", "# a\nls\nShell > ls", "# ls"])
def test_their_transcripts_begin_with_their_prompt(text: str, both: SiteBuilder) -> None:
    kind = kind_for("shellsession")
    assert kind is not None
    (mistake,) = kind.mistakes(text)
    assert (mistake.offset, mistake.message) == (0, "a console fence starts with a prompt: `Shell > command`")
    assert list(kind.mistakes("# a comment\nShell > ls")) == []


def read(build: SiteBuilder) -> tuple[list[Page], list[UncheckedPageError]]:
    """The pages of a site, and what is wrong with others."""
    try:
        pages, errors = build.read().read_checkable()
    except Exception as error:
        return [], list(error.errors)  # type: ignore[attr-defined]
    return pages, list(errors)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "entries", "why"),
    [
        ("import no_such_module", ["nushell = bad_one:KIND"], "can't be loaded: ModuleNotFoundError"),
        ("raise SystemExit('no')", ["nushell = bad_one:KIND"], "can't be loaded: SystemExit"),
        ("", ["nushell = bad_one:KIND"], "can't be loaded: AttributeError"),
        ("KIND = 'nushell'", ["nushell = bad_one:KIND"], "registers 'nushell', which is no step kind"),
        (KIND.replace("KIND = Kind()", "KIND = Kind"), ["nushell = bad_one:KIND"], "which is no step kind"),
        (KIND.replace('("nushell", "nu")', '"nu"'), ["nushell = bad_one:KIND"], "aren't lower-case words"),
        (KIND.replace('"nu")', '"Nu")'), ["nushell = bad_one:KIND"], "aren't lower-case words"),
        (KIND.replace('name = "nushell"', ""), ["nushell = bad_one:KIND"], "aren't lower-case words"),
        (
            KIND.replace('"nu")', '"bash")'),
            ["nushell = bad_one:KIND"],
            "registers `bash`, which Fencepost has registered already",
        ),
        (
            KIND.replace('name = "nushell"', 'name = "file"'),
            ["nushell = bad_one:KIND"],
            "registers `file`, which Fencepost has",
        ),
        (
            KIND,
            ["a = bad_one:KIND", "nushell = bad_one:KIND"],
            "registers `nushell`, which bad-one has registered already",
        ),
    ],
)
def test_a_broken_registration_is_one_error(
    text: str, entries: list[str], why: str, install: Install, installed: Callable[..., None]
) -> None:
    installed("bad-one", text.replace("{more}", ""), *entries)
    install(PACKAGES / "zsh")
    (error,) = broken_packages([])
    assert error.message.startswith("the package bad-one ")
    assert why in error.message
    assert "\n" not in error.message
    assert "entry point `nushell` of fencepost.languages" in error.message
    for language in ("bash", "zsh", "python", "console"):
        assert kind_for(language) is not None


def test_a_page_that_uses_a_broken_language_is_not_checked(site: SiteBuilder, installed: Callable[..., None]) -> None:
    installed("no-good", "import no_such_module", "nushell = no_good:KIND")
    site.page("---\nmachine: zsh\n---\n```Nushell { exit=3 }\nls\n```\n", "uses.md")
    site.page("---\nmachine: zsh\n---\n```nushell { .notest }\nls\n```\n\n```bash\nls\n```\n", "shows.md")
    pages, (error,) = read(site)
    assert [page.name for page in pages] == ["docs/shows.md"]
    assert isinstance(error, PluginError)
    assert (error.file, error.line) == ("docs/uses.md", 4)
    assert error.message.startswith("`Nushell` can't be run: the package no-good can't be loaded: ModuleNotFoundError")
    assert broken_packages([error]) == []


def test_the_rest_works(site: SiteBuilder, engine: Engine, tmp_path: Path) -> None:
    others = package(tmp_path / "others", "no-good", "import no_such_module", "nushell = no_good:KIND")
    site.write("docs/works.md", (PAGES / "works.md").read_text())
    path = os.pathsep.join(map(str, [others, PACKAGES / "zsh", PACKAGES / "shellsession"]))
    done = fencepost(site.folder, "check", f"--engine={engine.name}", env={"PYTHONPATH": path})
    assert done.returncode == 2, done.stdout + done.stderr
    assert "passed       docs/works.md on zsh: 4 of 4 steps" in done.stdout
    assert done.stderr.count("no-good") == 1
    assert "Traceback" not in done.stderr


def test_a_step_whose_kind_returns_nonsense_is_an_error(
    site: SiteBuilder, engine: Engine, installed: Callable[..., None]
) -> None:
    installed("silly", KIND.replace("{more}", ""), "nushell = silly:KIND")
    site.page("---\nmachine: zsh\n---\n```nu\nls\n```\n", "uses.md")
    site.page("---\nmachine: zsh\n---\n```bash\nls\n```\n", "works.md")
    uses, works = check(site, engine)
    assert [uses.verdict, works.verdict] == [Verdict.ERROR, Verdict.PASSED]
    assert "the package silly, which runs `nushell`, is broken" in (uses.snippets[0].reason or "")


@pytest.mark.parametrize(
    ("more", "at", "why"),
    [
        ("", "run", "its `run` returns something invalid: 'fine'"),
        ("", "script", "its `script` returns something invalid: [1]"),
        (
            "def check(self, source, attributes): 1 / 0",
            "read",
            "its `check` fails: ZeroDivisionError: division by zero",
        ),
        ("def unfinished(self, source): return source", "read", "its `unfinished` returns something invalid: 'ls'"),
        (
            "def typed(self, source, output): yield 'a', 'b'",
            "typed",
            "its `typed` returns something invalid: [('a', 'b')]",
        ),
        ("def shown(self): return 1", "shown", "its `shown` fails: TypeError"),
    ],
)
def test_nonsense_of_a_kind_names_its_package(
    more: str, at: str, why: str, site: SiteBuilder, installed: Callable[..., None]
) -> None:
    installed("silly", KIND.replace("{more}", more), "nushell = silly:KIND")
    site.page("---\nmachine: zsh\n---\n```nu\nls\n```\n")
    pages, errors = read(site)
    if at == "read":
        (error,) = errors
        assert (error.file, error.line) == ("docs/page.md", 4)
    else:
        (step,) = pages[0].snippets
        kind = kind_for("nu")
        assert kind is not None
        given = {"run": (step, None), "script": (step,), "typed": ("ls", ""), "shown": ("ls",)}[at]
        with pytest.raises(PluginError) as caught:
            getattr(kind, at)(*given)
        error = caught.value
    assert why in error.message
    assert "the package silly, which runs `nushell`, is broken" in error.message
