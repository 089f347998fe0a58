"""A user's site: the guide's first page is followed to the letter, with nothing but the wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fencepost.machine.engine import Engine

PROJECT = Path(__file__).parents[2]
GUIDE = PROJECT / "docs/guide/index.md"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as it would be published."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(PROJECT, sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), ".")
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def commands(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment that holds the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    _run(PROJECT, sys.executable, "-m", "venv", str(folder))
    pins = ["--constraint", str(PROJECT / "constraints.txt")]
    _run(PROJECT, str(folder / "bin/pip"), "install", "--quiet", *pins, f"{wheel}[pytest]")
    return folder / "bin"


@pytest.fixture
def site(tmp_path: Path, engine: Engine) -> Path:
    """The site as it was before its author heard of Fencepost."""
    folder = tmp_path / "field-notes"
    shutil.copytree(Path(__file__).parent / "site", folder)
    (folder / "fencepost.toml").write_text(f'engine = "{engine.name}"\n')
    return folder


@pytest.mark.slow
def test_the_wheel_holds_the_package_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {re.sub(r"-.*", "", name.split("/")[0]) for name in names} == {"fencepost"}
    assert not [name for name in names if re.search(r"/(docs|tests?|posts|snippets|machines)/|mkdocs\.yml$", name)]


def test_the_guides_first_page_works_to_the_letter(commands: Path, site: Path) -> None:
    extensions = _machine_and_page(site)
    # Without the lines for mkdocs.yml there is one error, which tells those that are needed.
    result = _run(site, str(commands / "fencepost"), "check", ok=False)
    assert result.count("mkdocs.yml: ") == 1
    assert "      markdown_extensions:\n        - attr_list\n        - pymdownx.superfences\n" in result

    _append(site / "mkdocs.yml", extensions)
    result = _run(site, str(commands / "fencepost"), "check")
    assert "docs/backups.md on debian-13: 3 of 3 steps" in result
    _run(site, str(commands / "mkdocs"), "build", "--quiet", "--strict")
    html = (site / "site/backups/index.html").read_text()
    assert 'data-fencepost-standing="verified"' in html
    assert "3 of 3 steps" in html
    assert (site / "site/assets/fencepost/fencepost.css").is_file()
    # And the same as tests.
    result = _run(site, str(commands / "pytest"), "docs", "-q", "-p", "no:cacheprovider")
    assert "3 passed" in result


def test_a_page_that_breaks_tells_its_author(commands: Path, site: Path) -> None:
    _append(site / "mkdocs.yml", _machine_and_page(site))
    page = site / "docs/backups.md"
    right = page.read_text()
    page.write_text(right.replace("\npapers/letter.txt\n", "\npapers/lettre.txt\n"))
    result = _run(site, str(commands / "fencepost"), "check", ok=False)
    line = page.read_text().splitlines().index("papers/lettre.txt") + 1
    assert f"docs/backups.md:{line}: failed: step `backups-step-2`" in result
    assert "  rewrite it:    fencepost check docs/backups.md --machine debian-13 --update" in result
    _run(site, str(commands / "fencepost"), "check", "--update")
    assert page.read_text() == right


def _machine_and_page(site: Path) -> str:
    """Does what the guide's steps say of the machine and the page; what they say of mkdocs.yml."""
    steps = GUIDE.read_text().partition("## On a site of your own")[2].partition("\n## ")[0]
    blocks = re.findall(r"^    ```(?:yaml|dockerfile)\n(.*?)^    ```$", steps, re.MULTILINE | re.DOTALL)
    extensions, containerfile, front_matter = (re.sub("^    ", "", block, flags=re.MULTILINE) for block in blocks)
    folder = site / "machines/debian-13"
    folder.mkdir(parents=True)
    (folder / "Containerfile").write_text(containerfile)
    page = site / "docs/backups.md"
    page.write_text(front_matter + page.read_text())
    return extensions


def _append(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text)


def _run(folder: Path, *command: str, ok: bool = True) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "PYTHON"))}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    told = done.stdout + done.stderr
    assert (done.returncode == 0) is ok, told
    return told
