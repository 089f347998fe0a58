"""All steps of a page as one script: its text, and that it does what the page does."""

from __future__ import annotations

import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from fencepost.machine.engine import Engine
from fencepost.publish.script import script_of_steps
from fencepost.verdicts import Verdict
from tests.helpers.checking import check, steps_of
from tests.helpers.host_machine import ENVIRONMENT
from tests.helpers.site_builder import SiteBuilder

PAGE = dedent(
    """\
    ---
    machine: [python, other]
    ---
    # A page

    ```bash { #functions title="A function, a variable" }
    greet() { echo "hello, $1"; }
    export NAME="the reader's"
    cd /tmp
    ```

    ```console { #transcript }
    $ greet you
    hello, you
    $ for n in 1 2; do
    >     echo $n
    > done
    1
    2
    $ false
    [1]
    ```

    ```ini { #file file="/tmp/deep/er/a.ini" }
    [END]
    END
    $NAME
    ```

    ```python { #first-python }
    import os
    assert os.environ["NAME"] == "the reader's" and os.getcwd() == "/tmp"
    os.chdir("/usr")
    os.environ["FROM_PYTHON"] = "two\\nlines"
    number = 41
    ```

    ```bash { #between }
    [ "$PWD" = /usr ]
    [ "$FROM_PYTHON" = $'two\\nlines' ]
    ```

    ```python { #second-python }
    print(number + 1)
    ```

    ```python { #leaves exit=3 }
    raise SystemExit(3)
    ```

    ```bash { #refused exit=7 }
    refuse() { return 7; echo still; }
    before=set
    refuse
    echo still > /tmp/still
    ```

    ```bash { #what-it-set }
    [ "$before" = set ]
    [ ! -e /tmp/still ]
    ```

    ```bash { #broken .known-broken reason="it never worked" }
    ls /nowhere
    ```

    ```bash { #elsewhere only="other" }
    never here
    ```

    ```bash { #set-up .hidden }
    echo 'a  b' > "$HOME/set-up"
    ```

    ```bash { .notest }
    never at all
    ```
    """
)
AROUND = """\
---
machine: python
---
# The script

~~~~~~ { #script file="/tmp/steps.sh" }
{script}
~~~~~~

```bash { #run }
bash /tmp/steps.sh > /tmp/told 2> /tmp/complaints
```

```console { #told }
$ cat /tmp/told
hello, you
1
2
42
$ tail -n 1 /tmp/deep/er/a.ini
$NAME
$ cat ~/set-up
a  b
```
"""


def script(build: SiteBuilder, text: str = PAGE, title: str = "A page", name: str = "page.md") -> str:
    page = build.read().read_page(build.page(text, name))
    assert page
    machine = page.front_matter.machines[0]
    steps = page.snippets_on(machine)
    return script_of_steps(steps, page=page.name, title=title, machine=machine, called="Python 3", env={"TZ": "UTC"})


@pytest.fixture
def site(build: SiteBuilder) -> SiteBuilder:
    build.real_machine("python")
    build.machine("other")
    return build


def test_a_script_does_what_its_page_does(site: SiteBuilder, engine: Engine) -> None:
    text = script(site)
    site.page(AROUND.replace("{script}", text.rstrip("\n")))
    (record,) = check(site, engine)
    assert record.verdict is Verdict.PASSED, steps_of(record)


def test_a_script_stops_at_a_failing_step(site: SiteBuilder, engine: Engine) -> None:
    text = script(site, PAGE.replace("print(number + 1)", "print(nothing)"))
    body = (
        AROUND.replace("#run }", "#run exit=1 }").replace("42\n", "").replace("cat ~/set-up\na  b", "ls ~/set-up\n[2]")
    )
    site.page(body.replace("{script}", text.rstrip("\n")))
    (record,) = check(site, engine)
    assert record.verdict is Verdict.PASSED, steps_of(record)


def test_a_script_stops_at_a_wrong_exit_status(site: SiteBuilder, engine: Engine) -> None:
    text = script(site, PAGE.replace("return 7", "return 8"))
    body = AROUND.replace("#run }", "#run exit=1 }").replace("cat ~/set-up\na  b", "ls ~/set-up\n[2]")
    site.page(body.replace("{script}", text.rstrip("\n")))
    (record,) = check(site, engine)
    assert record.verdict is Verdict.PASSED, steps_of(record)


def test_a_script_leaves_out_disabled_steps_and_prompts(site: SiteBuilder) -> None:
    text = script(site)
    assert "never" not in text.replace("it never worked", "")
    assert "$ greet" not in text
    assert "hello, you" not in text


def test_a_script_comments_on_special_steps(site: SiteBuilder) -> None:
    text = script(site)
    assert "# Fails as the page says, with exit status 7:\nleave_step\n" in text
    assert "# Known to be broken: it never worked\nleave_step\n" in text
    assert "# (not shown on the page)\n" in text
    assert "fencepost check 'docs/page.md@python'" in text


def test_a_here_document_ends_at_an_unused_word(site: SiteBuilder) -> None:
    assert "<<'END_'\n[END]\nEND\n$NAME\nEND_\n" in script(site)


def test_waiting_and_further_tries(site: SiteBuilder) -> None:
    page = """
        ---
        machine: python
        ---
        ```bash { #a retry=2 wait-for="port:80" }
        true
        ```

        ```bash { #b wait-for="file:/run/it's" }
        true
        ```

        ```python { #c fixture:x }
        print(x)
        ```
        """
    text = script(site, page)
    assert "# The page's check tries this up to 3 times.\nuntil (exec 3<>/dev/tcp/127.0.0.1/80)" in text
    assert "until [[ -e '/run/it'\\''s' ]]; do sleep 1; done" in text
    assert "# Left out: it needs pytest's fixture x" in text
    assert "print(x)" not in text


def test_no_title_ends_a_comment(site: SiteBuilder) -> None:
    text = script(site, title="A\nrm -rf /\r\x1b]0;x\x07")
    assert text.splitlines()[1].startswith("# A rm -rf / ]0;x: all steps")


def test_no_name_ends_a_comment(site: SiteBuilder) -> None:
    text = script(site, name="a\ntouch pwned #.md")
    assert [line for line in text.splitlines() if "pwned" in line and not line.startswith("#")] == []
    assert "#   fencepost check 'docs/a touch pwned #.md@python'\n" in text


def test_a_script_without_python_steps_has_no_python_code(site: SiteBuilder) -> None:
    assert "coproc" not in script(site, "---\nmachine: python\n---\n```bash\ntrue\n```\n")


PYTHON = """\
---
machine: python
---
```python
import inspect
from multiprocessing import Pool


class Account:
    # where money is
    pass


def double(x):
    return 2 * x


print(inspect.getsource(Account), inspect.getsource(double))
with Pool(2) as pool:
    print(pool.map(double, range(3)))
```

```bash
mkdir lib
echo 'value = 1' > lib/late.py
export PYTHONPATH=$PWD/lib
```

```python
import late
```

```python { exit=3 }
raise SystemExit(3)
```
"""


def ran(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """What becomes of a script here, in a folder of the test's own."""
    work = folder / "work"
    work.mkdir()
    return subprocess.run(
        ["bash", "-c", script], cwd=work, env=ENVIRONMENT, text=True, capture_output=True, timeout=60, check=False
    )


def test_its_python_finds_what_the_pages_does(site: SiteBuilder, tmp_path: Path) -> None:
    done = ran(tmp_path, script(site, PYTHON))
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "class Account:\n    # where money is\n    pass\n def double(x):\n    return 2 * x\n\n[0, 2, 4]\n"
    )


def test_an_exit_in_the_middle_of_its_python_stops_it(site: SiteBuilder, tmp_path: Path) -> None:
    done = ran(tmp_path, script(site, PYTHON.replace("import late", "import sys; sys.exit()")))
    assert done.returncode == 1
    assert done.stderr.endswith("left before its end: None\n")
