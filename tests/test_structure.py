"""The structure of the source and of the tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from fencepost.kinds.registry import registry

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "fencepost"
WRITTEN_HERE = ("tests", "trials", "benchmarks", "tools")
MODULES = {
    ".".join(("fencepost", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in SOURCE.rglob("*.py")
}
# The one place below the faces that reads mkdocs.yml, and the one in which MkDocs and pytest may be known.
FACES = "fencepost.faces."
ADAPTER = "fencepost.site.mkdocs"


def imports_of(module: str) -> set[str]:
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {
                name if (name := f"{node.module}.{alias.name}") in MODULES else node.module for alias in node.names
            }
    return found


@pytest.mark.parametrize("module", sorted(name for name in MODULES if not name.startswith(FACES)))
def test_the_core_imports_no_face(module: str) -> None:
    known = imports_of(module)
    if module != "fencepost.__main__":
        assert not {name for name in known if name.startswith("fencepost.faces")}
    assert not {name for name in known if name.split(".")[0] in {"pytest", "_pytest", "pytest_markdown_docs", "typer"}}
    if module != ADAPTER:
        assert not {name for name in known if name.split(".")[0] == "mkdocs"}


def test_imports_have_no_cycles() -> None:
    graph = {module: imports_of(module) & set(MODULES) for module in MODULES}
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path, module))
        if module not in done:
            for other in graph[module]:
                walk(other, (*path, module))
            done.add(module)

    for module in graph:
        walk(module, ())


KINDS = "fencepost.kinds."


@pytest.mark.parametrize("module", sorted(name for name in MODULES if not name.startswith(KINDS)))
def test_only_a_kind_of_step_mentions_its_name(module: str) -> None:
    text = MODULES[module].read_text("utf-8")
    assert module == "fencepost.fence.snippet" or ".runner" not in text
    words = {*registry().kinds, *registry().languages} - {"file"}
    compared = {
        constant.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Compare | ast.Match | ast.MatchValue)
        for constant in ast.walk(node)
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    }
    assert not compared & words


def folder_of(module: str) -> str:
    """The folder of a module below the package; empty for a module of the package itself."""
    parts = MODULES[module].relative_to(SOURCE).parts
    return parts[0] if len(parts) > 1 else ""


def table_of_folders() -> dict[str, set[str]]:
    """The folders of CONTRIBUTING's table, each with those that it says that one imports."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)/` \|[^|\n]*\|([^|\n]*)\|$", text, re.MULTILINE)
    return {folder: set(re.findall(r"`(\w+)/`", imports)) for folder, imports in rows}


def test_the_table_of_folders_says_what_each_imports() -> None:
    found: dict[str, set[str]] = {folder_of(module): set() for module in MODULES if folder_of(module)}
    for module in MODULES:
        if folder := folder_of(module):
            found[folder] |= {folder_of(name) for name in imports_of(module) & set(MODULES)} - {folder, ""}
    assert table_of_folders() == found


def test_a_folder_imports_only_those_above_it_in_the_table() -> None:
    above: set[str] = set()
    for folder, imports in table_of_folders().items():
        assert imports <= above, f"{folder}/ imports {sorted(imports - above)}"
        above.add(folder)


def test_the_files_that_recipes_name_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    recipes = text.partition("## Recipes")[2].partition("\n## ")[0]
    named = re.findall(r"`([\w/.-]+/[\w.-]+)`|\]\(([\w/.-]+)\)", recipes)
    paths = [ROOT / (path or link) for path, link in named]
    assert len(paths) > 15
    assert [path for path in paths if not path.exists() and path.name != "NAME.py"] == []


def test_the_ten_files_to_read_first_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"^\d+\. `([\w/]+\.py)`", text, re.MULTILINE)
    assert len(named) == 10
    assert [name for name in named if not (SOURCE / name).exists()] == []


TESTS = {path: ast.parse(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("*.py")}


def test_test_names_have_at_most_60_characters() -> None:
    names = {node.name for tree in TESTS.values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert [name for name in sorted(names) if name.startswith("test_") and len(name) > 60] == []


def test_each_folder_says_in_three_lines_what_belongs_there() -> None:
    folders = {path.parent for path in TESTS if path.name.startswith("test_")}
    result = {folder: ast.get_docstring(TESTS[folder / "__init__.py"]) or "" for folder in folders}
    lines = {folder.relative_to(ROOT).as_posix(): len(text.splitlines()) for folder, text in result.items()}
    assert [folder for folder, number in lines.items() if number not in {1, 2, 3}] == []


def test_no_test_changes_the_import_path() -> None:
    changing = {
        path.name
        for path, tree in TESTS.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.path"
    }
    assert changing == set()


def test_files_have_at_most_300_lines() -> None:
    paths = [*MODULES.values(), *(path for folder in WRITTEN_HERE for path in (ROOT / folder).rglob("*.py"))]
    long = {path.name: length for path in paths if (length := path.read_text("utf-8").count("\n")) > 300}
    assert long == {}
