"""Pages as pytest's items."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from builders import SiteBuilder
from checking import INSTALLS
from running import pytest_in

from fencepost.machine.engine import Engine
from fencepost.record.store import RecordStore
from fencepost.verdicts import Verdict

PAGE = """
    ---
    machine: python
    ---
    # A page

    ```bash { #one }
    echo 1 >>/tmp/ran
    ```

    ```python { #two }
    open("/tmp/ran", "a").write("2\\n")
    answer = 42
    ```

    ```console { #three }
    $ cat /tmp/ran
    1
    2
    ```

    ```python { #four }
    assert answer == 42
    ```
    """

VERDICTS = """
    ---
    machine: python
    ---
    # Verdicts

    ```bash { #broken .known-broken reason="gone since 2015" }
    false
    ```

    ```python { #needs-fixture fixture:answer }
    assert answer == {"value": 42}, answer
    ```

    ```python { #type-error exit=1 }
    print("once", file=open("/tmp/tries", "a"))
    None + 1
    ```

    ```console
    $ cat /tmp/tries
    once
    ```

    ```bash { #works .known-broken reason="they say" }
    true
    ```

    ```bash { #after }
    true
    ```
    """


@pytest.fixture
def site(build: SiteBuilder, engine: Engine) -> SiteBuilder:
    build.real_machine("python")
    build.write("fencepost.toml", f'engine = "{engine.name}"\n')
    build.page(PAGE)
    return build


def records_of(site: SiteBuilder) -> list[str]:
    return sorted(path.name for path in (site.folder / ".fencepost").rglob("*@*.json"))


def test_ids_are_file_machine_step(site: SiteBuilder) -> None:
    done = pytest_in(site.folder, "docs", "--collect-only", "-q")
    assert done.stdout.splitlines()[:4] == [f"docs/page.md::python::{name}" for name in ("one", "two", "three", "four")]


def test_a_whole_run_passes_and_is_recorded(site: SiteBuilder) -> None:
    done = pytest_in(site.folder, "docs", "-q")
    assert "4 passed" in done.stdout, done.stdout
    assert records_of(site) == ["page.md@python.json"]


@pytest.mark.parametrize("chosen", [["docs", "-k", "three"], ["docs/page.md::python::two"]])
def test_a_selected_step_runs_the_ones_before_it_and_is_not_recorded(site: SiteBuilder, chosen: list[str]) -> None:
    done = pytest_in(site.folder, *chosen, "-q")
    assert "1 passed" in done.stdout, done.stdout
    assert records_of(site) == []


def test_the_order_of_the_page_is_restored(site: SiteBuilder) -> None:
    site.write("conftest.py", "def pytest_collection_modifyitems(items):\n    items.reverse()\n")
    done = pytest_in(site.folder, "docs", "-v")
    assert "4 passed" in done.stdout, done.stdout
    ran = [line.split("::")[2].split()[0] for line in done.stdout.splitlines() if "::python::" in line]
    assert ran == ["one", "two", "three", "four"]


@pytest.mark.parametrize("how", [["--dist", "loadscope"], ["--dist", "load"]])
def test_in_parallel(site: SiteBuilder, how: list[str]) -> None:
    site.page(PAGE, "other.md")
    done = pytest_in(site.folder, "docs", "-n", "2", *how, "-q")
    assert "8 passed" in done.stdout, done.stdout


def test_stopping_at_the_first_failure_and_going_on_from_it(site: SiteBuilder) -> None:
    site.page(PAGE.replace("answer = 42", "answer = 41"))
    site.write("pytest.ini", "[pytest]\ncache_dir = kept\n")
    call = ("docs", "-q", "-p", "cacheprovider")
    stopped = pytest_in(site.folder, *call, "-x")
    assert "1 failed, 3 passed" in stopped.stdout, stopped.stdout
    assert "docs/page.md:22: failed: step `four` on python" in stopped.stdout
    assert "AssertionError" in stopped.stdout
    site.page(PAGE)
    again = pytest_in(site.folder, *call, "--lf")
    assert "1 passed" in again.stdout, again.stdout


def test_verdicts_in_pytests_words(site: SiteBuilder) -> None:
    site.page(VERDICTS)
    site.write("conftest.py", "import pytest\n@pytest.fixture\ndef answer(): return {'value': 42}\n")
    done = pytest_in(site.folder, "docs", "-v", "-rxs", "--junitxml", "report.xml")
    told = {
        line.split("::")[2].split()[0]: line.split("::")[2].split()[1]
        for line in done.stdout.splitlines()
        if line.startswith("docs/page.md::") and "[" in line
    }
    assert told == {
        "broken": "XFAIL",
        "needs-fixture": "PASSED",
        "type-error": "PASSED",
        "verdicts-step-1": "PASSED",
        "works": "FAILED",
        "after": "SKIPPED",
    }, done.stdout
    assert "gone since 2015" in done.stdout
    assert "step `works` failed before it" in done.stdout
    cases = ElementTree.parse(site.folder / "report.xml").getroot().findall(".//testcase")
    assert {case.get("name") for case in cases} == set(told)


def test_an_engine_that_fails_is_pytests_error(site: SiteBuilder) -> None:
    site.machine("python", "FROM debian:12\nRUN exit 3\n")
    done = pytest_in(site.folder, "docs", "-q")
    assert "4 errors" in done.stdout, done.stdout
    assert "machines/python/Containerfile:2: the machine python can't be built" in done.stdout
    assert records_of(site) == []


def test_a_page_that_is_wrong_is_an_error_of_collection(site: SiteBuilder) -> None:
    site.page(PAGE.replace("#one", "#one exti=3"))
    done = pytest_in(site.folder, "docs", "--markdown-docs", "-q")
    assert "docs/page.md:6: unknown attribute `exti=`" in done.stdout
    assert "did you mean `exit`?" in done.stdout


def test_python_of_a_page_with_a_machine_never_runs_on_the_host(site: SiteBuilder) -> None:
    witness = site.folder / "witness"
    code = f"    open({str(witness)!r}, 'w').write('on the host')\n"
    page = f"    ---\n    machine: python\n    ---\n\n    ```python {{ exit=1 }}\n{code}    ```\n"
    site.page(page)
    site.page(page.replace("machine: python", "machine: nosuch"), "wrong.md")
    site.page(page.replace("machine: python", "machin: python"), "misspelt.md")
    site.write("elsewhere/stray.md", page.replace("    ", ""))
    site.page("```python\nassert 1 + 1 == 2\n```\n", "prose.md")
    done = pytest_in(site.folder, "docs", "elsewhere", "--markdown-docs", "-v")
    assert not witness.exists(), done.stdout
    assert "docs/page.md::python::step-1 PASSED" in done.stdout or "errors during collection" in done.stdout
    misspelt = pytest_in(site.folder, "docs/misspelt.md", "--markdown-docs")
    assert not witness.exists()
    assert "unknown front-matter key `machin`" in misspelt.stdout, misspelt.stdout
    only = pytest_in(site.folder, "docs/page.md", "docs/prose.md", "--markdown-docs", "-v")
    assert not witness.exists()
    assert "docs/page.md::python::step-1 PASSED" in only.stdout, only.stdout
    assert "docs/prose.md::[CodeFence#1][line:1] PASSED" in only.stdout


@pytest.mark.parametrize(
    "front_matter",
    [
        '---\n"machine": python\n---\n',
        "---\n  machine: python\n---\n",
        "---\n{title: A page, machine: python}\n---\n",
        "---\n? machine\n: python\n---\n",
        f"---\n# {'a long comment' * 2000}\nmachine: python\n---\n",
        "Title: A page\nMachine: python\n",
    ],
    ids=["quoted", "indented", "in-braces", "in-two-lines", "far-down", "without-lines-around-it"],
)
def test_however_it_names_the_machine(site: SiteBuilder, front_matter: str) -> None:
    witness = site.folder / "witness"
    site.page(f"{front_matter}\n```python\nopen({str(witness)!r}, 'w').write('on the host')\n```\n")
    done = pytest_in(site.folder, "docs/page.md", "--markdown-docs", "-v")
    assert "docs/page.md::python::" in done.stdout, done.stdout
    assert not witness.exists()


def test_a_fixture_that_is_not_json_stays_on_the_host(site: SiteBuilder) -> None:
    site.page(VERDICTS)
    site.write("conftest.py", "import pytest\n@pytest.fixture\ndef answer(): return object()\n")
    done = pytest_in(site.folder, "docs", "-q", "-k", "needs-fixture")
    assert "the fixture `answer` returns a object: only JSON values can be passed to a machine" in done.stdout


def test_both_ways_tell_the_same(site: SiteBuilder) -> None:
    pytest_in(site.folder, "docs", "-q")
    record = json.loads((site.folder / ".fencepost/records/docs/page.md@python.json").read_text())
    assert [item["verdict"] for item in record["snippets"]] == ["passed"] * 4
    assert record["page"] == "docs/page.md"
    assert record["image"].startswith("sha256:")


def test_it_can_be_switched_off(site: SiteBuilder) -> None:
    site.write("pytest.ini", "[pytest]\nfencepost = false\n")
    assert "no tests" in pytest_in(site.folder, "docs", "-q").stdout


def test_what_a_step_prints_steers_no_terminal(site: SiteBuilder) -> None:
    site.page("---\nmachine: python\n---\n\n```bash\nprintf 'A\\033cB\\033[31mred\\033[m\\n'\n```\n")
    done = pytest_in(site.folder, "-rA")
    assert done.returncode == 0, done.stdout
    assert "\nBred" in done.stdout
    assert "\033" not in done.stdout


def test_a_page_that_cannot_run_here_keeps_its_record(site: SiteBuilder) -> None:
    site.machine("vm", toml='kind = "vm"\n')
    site.write("fencepost.toml", (site.folder / "fencepost.toml").read_text() + 'virtual-machines = "never"\n')
    site.page(PAGE.replace("machine: python", "machine: vm"))
    skipped = pytest_in(site.folder, "docs", "-q")
    assert "4 skipped" in skipped.stdout, skipped.stdout
    store = RecordStore(site.read().records)
    (record,) = store.read_all()
    assert record.verdict is Verdict.SKIPPED
    verified = record.model_copy(update={"verdict": Verdict.PASSED})
    store.write(verified)
    pytest_in(site.folder, "docs", "-q")
    assert store.read_all() == [verified]


def test_what_a_page_installs_is_in_its_record(site: SiteBuilder) -> None:
    site.page(INSTALLS)
    done = pytest_in(site.folder, "docs", "-q")
    assert "1 passed" in done.stdout, done.stdout
    (record,) = RecordStore(site.read().records).read_all()
    assert record.installed == {"fixed": "1.0"}
    assert RecordStore(site.read().records).packages(record.image)


def test_a_note_is_a_warning_whatever_pytest_makes_of_warnings(site: SiteBuilder) -> None:
    site.page(
        """
        ---
        machine: python
        ---
        ```bash { #unsteady retry=1 }
        test -e there || { touch there; false; }
        ```
        """
    )
    done = pytest_in(site.folder, "-W", "error", "docs")
    assert "page.md:4: StepWarning: passed only at try 2 of 2" in done.stdout
    assert done.returncode == 0, done.stdout


def test_where_nothing_runs_pytest_skips(site: SiteBuilder) -> None:
    site.page("---\nmachine: python\n---\n\n```bash { #stop }\n# killall httpd\n```\n")
    site.page("---\nmachine: python\n---\n\nProse.\n", "prose.md")
    done = pytest_in(site.folder, "docs", "-rs")
    assert "2 skipped" in done.stdout, done.stdout
    assert "passed" not in done.stdout
    assert "nothing in it runs: it holds comments alone" in done.stdout
    assert "nothing to check: the page has no step that runs on python" in done.stdout
