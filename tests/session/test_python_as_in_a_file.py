"""A page's pieces of Python behave as the same text does in a file or at the REPL."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fencepost.fence.traced_line import Origin
from fencepost.session.outcome import Outcome
from tests.session.python_steps import Steps, assert_fails, assert_passes, python_snippet

WORK = """
import multiprocessing
from dataclasses import dataclass

FACTOR = 3

@dataclass
class Result:
    value: int

def work(number):
    return Result(number * FACTOR)
"""
POOL = """
if __name__ == "__main__":
    with multiprocessing.get_context("{method}").Pool(2) as pool:
        print(pool.map(work, range(3)))
"""
DONE = "[Result(value=0), Result(value=3), Result(value=6)]\n"


def included(steps: Steps, source: str, file: str, first: int) -> Outcome:
    steps.session.start()
    origins = [Origin(file, first + number) for number in range(source.count("\n") + 1)]
    return steps.session.run_python(python_snippet(source, origins), seconds=20, values={})


def test_the_sources_of_functions_and_classes(steps: Steps) -> None:
    source = "class Account:\n    # where money is\n    class Owner:\n        name = 1"
    assert_passes(steps.python(f"import inspect\n\n{source}\n"))
    assert_passes(included(steps, "class Account:\n    # another\n    x = 1\n\nclass Other:\n    y = 2", "more.py", 10))
    assert_passes(steps.python("print(inspect.getsource(Account), inspect.getsource(Other))", first=40), (
        "class Account:\n    # another\n    x = 1\n class Other:\n    y = 2\n\n"
    ))  # fmt: skip
    assert_passes(steps.python("print(inspect.getfile(Other), inspect.getfile(inspect.currentframe()))"), (
        "more.py page.md\n"
    ))  # fmt: skip


def test_the_source_outlives_a_cleared_cache(steps: Steps) -> None:
    assert_passes(steps.python("def double(x):\n    return 2 * x  # twice"))
    assert_passes(steps.python("import linecache\nlinecache.clearcache()", first=20))
    assert_passes(
        steps.python("import inspect\nprint(inspect.getsource(double))", first=30),
        "def double(x):\n    return 2 * x  # twice\n\n",
    )


def test_a_class_without_a_source(steps: Steps) -> None:
    outcome = steps.python("import inspect\nprint('class')\ninspect.getsource(type('Made', (), {}))")
    assert_fails(outcome, 3)


def test_future_imports_live_on(steps: Steps) -> None:
    assert_passes(steps.python("from __future__ import annotations"))
    assert_passes(steps.python("def f(x: Unknown): ...\nprint(f.__annotations__)"), "{'x': 'Unknown'}\n")
    assert_passes(steps.python("exec('def g(x: Unknown): ...')\nprint(eval('1'))"), "1\n")


def test_its_file_lies_in_the_working_directory_and_is_not_there(steps: Steps, tmp_path: Path) -> None:
    text = "from pathlib import Path\nprint(Path(__file__).parent == Path.cwd(), Path(__file__).name)"
    assert_passes(steps.python(text), "True page.py\n")
    steps.shell("mkdir sub && cd sub")
    assert_passes(
        steps.python(text + "\nimport __main__\nprint(__main__.__file__ == __file__)"), "True page.py\nTrue\n"
    )
    assert_passes(steps.python("__file__ = 'mine'"))
    assert_passes(steps.python("print(__file__)\ndel __file__"), "mine\n")
    assert_passes(steps.python("print('__file__' in globals())"), "False\n")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["sub"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_child_processes_find_what_the_page_has_defined(steps: Steps, tmp_path: Path, method: str) -> None:
    assert_passes(steps.python(WORK))
    assert_passes(steps.python(POOL.format(method=method), first=40), DONE)
    # A fork server is the same for all pools, and knows nothing of what comes later.
    assert_passes(steps.python("def more(number):\n    return work(number + 1)", first=60))
    assert_passes(steps.python(POOL.format(method=method).replace("(work", "(more"), first=70), DONE.replace(
        "=6", "=9").replace("=3", "=6").replace("=0", "=3")
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_in_one_piece(steps: Steps) -> None:
    assert_passes(steps.python(WORK + POOL.format(method="spawn")), DONE)


def test_without_a_guard_by_fork(steps: Steps) -> None:
    assert_passes(steps.python(WORK + "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
                               "    print(pool.map(work, range(3)))"), DONE)  # fmt: skip


def test_a_spawned_child_without_a_guard_fails_as_with_a_file(steps: Steps) -> None:
    outcome = steps.python(
        "import multiprocessing\n"
        "child = multiprocessing.get_context('spawn').Process(target=print, args=(1,))\n"
        "child.start()\nchild.join()\nprint(child.exitcode)"
    )
    text = outcome.output.decode()
    assert 'File "page.md", line 12, in <module>\n' in text
    assert "before the\n        current process has finished its bootstrapping phase" in text
    assert text.endswith("\n1\n")


def test_earlier_steps_are_silent_in_a_child_and_may_fail(steps: Steps, tmp_path: Path) -> None:
    steps.python("import os, sys\nprint('once')\nos.mkdir('made')", first=1)
    steps.python("value = 1\nraise ValueError", first=10)
    steps.python("later = 2\nsys.exit(3)", first=20)
    assert_passes(steps.python(WORK, first=30))
    assert_passes(steps.python("def tell():\n    print(value, later, __name__, flush=True)", first=60))
    outcome = steps.python(
        "print('in each')\nif __name__ == '__main__':\n"
        "    child = multiprocessing.get_context('spawn').Process(target=tell)\n    child.start()\n    child.join()",
        first=70,
    )
    assert_passes(outcome, "in each\nin each\n1 2 __mp_main__\n")


def test_an_error_in_a_child_quotes_the_page(steps: Steps) -> None:
    steps.python("import multiprocessing\ndef fails():\n    raise ValueError('in the child')")
    outcome = steps.python(
        "if __name__ == '__main__':\n"
        "    child = multiprocessing.get_context('spawn').Process(target=fails)\n    child.start()\n    child.join()",
        first=20,
    )
    assert "  File \"page.md\", line 12, in fails\n    raise ValueError('in the child')\n" in outcome.output.decode()


def test_fixtures_values_and_future_imports_are_known_to_a_child(steps: Steps) -> None:
    assert_passes(steps.python("from __future__ import annotations\nimport multiprocessing"))
    assert_passes(steps.python("def tell(x: Unknown):\n    print(port, flush=True)", values={"port": [80, None]}))
    assert_passes(
        steps.python(
            "if __name__ == '__main__':\n"
            "    child = multiprocessing.get_context('spawn').Process(target=tell, args=(1,))\n"
            "    child.start()\n    child.join()",
            first=20,
        ),
        "[80, None]\n",
    )


def test_a_child_of_a_child(steps: Steps) -> None:
    assert_passes(steps.python("""
        import multiprocessing
        context = multiprocessing.get_context("spawn")

        def inner():
            print("inner", flush=True)

        def outer():
            child = context.Process(target=inner)
            child.start()
            child.join()

        if __name__ == "__main__":
            child = context.Process(target=outer)
            child.start()
            child.join()
    """), "inner\n")  # fmt: skip


def test_doctests_of_the_page(steps: Steps) -> None:
    steps.python('def add(a, b):\n    """\n    >>> add(1, 2)\n    3\n    """\n    return a + b')
    assert_passes(steps.python("import doctest\nprint(doctest.testmod().attempted)", first=20), "1\n")


def test_an_exit_is_told_at_its_line(steps: Steps) -> None:
    assert_fails(steps.python("import sys\ndef leave(status):\n    sys.exit(status)\nleave(3)"), 3, status=3)
    outcome = steps.python("print(1)\nleave(0)", first=20)
    assert outcome.returned_early
    # It stands in the step before, ten lines above.
    assert outcome.line == 100 - 20 + 12


def test_an_error_of_the_compiler_quotes_its_line(steps: Steps) -> None:
    text = steps.python("1\n\nawait slow()").output.decode()
    assert 'File "page.md", line 12\n    await slow()\n' in text


def test_a_handler_that_raises_between_two_steps(steps: Steps) -> None:
    steps.python("""
        import signal
        def ring(*_):
            raise TimeoutError("rung")
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        kept = 1
    """)
    steps.shell("sleep 0.3")
    outcome = steps.python("print(kept)", first=30)
    assert outcome.status == 0
    assert outcome.output.decode().endswith("TimeoutError: rung\n1\n")
    assert "serve" not in outcome.output.decode()


@pytest.mark.parametrize("closed", [f"import os; os.closerange(3, {number})" for number in (5, 256)])
def test_without_what_requests_come_by_it_ends(steps: Steps, closed: str) -> None:
    steps.python(closed)
    outcome = steps.python("print(1)")
    assert len(outcome.output) < 2000


def test_a_module_that_comes_within_the_same_moment(steps: Steps) -> None:
    for number in range(20):
        steps.shell(f"echo value={number} >module{number}.py")
        assert_passes(steps.python(f"import module{number} as it\nprint(it.value)"), f"{number}\n")


def test_a_folder_that_was_not_there(steps: Steps) -> None:
    steps.shell("export PYTHONPATH=$PWD/later")
    assert_passes(steps.python("try:\n    import module\nexcept ImportError:\n    print('not yet')"), "not yet\n")
    steps.shell("mkdir later; echo value=1 >later/module.py")
    assert_passes(steps.python("import module"))


class TestPythonPath:
    """What the shell changes in PYTHONPATH is changed in `sys.path`, where Python's start would have put it."""

    SHOW = "import os, sys\nprint([os.path.relpath(entry) if entry else '' for entry in sys.path])"

    def test_the_path_is_that_of_a_new_python(self, steps: Steps) -> None:
        assert_passes(steps.python("import sys"))
        for pythonpath in ("a:$PWD/b", ":a::b", "b:a:b", "/nowhere", "", "a:"):
            steps.shell(f"export PYTHONPATH={pythonpath}")
            fresh = steps.shell("python3 -c 'import sys; print(sys.path)'").output.decode()
            assert_passes(steps.python("print(sys.path)"), fresh)
        steps.shell("export PYTHONPATH=a; export -n PYTHONPATH")
        assert_passes(
            steps.python("print(sys.path)"), steps.shell("python3 -c 'import sys; print(sys.path)'").output.decode()
        )

    def test_entries_that_the_page_added_stay(self, steps: Steps) -> None:
        steps.shell("export PYTHONPATH=$PWD/a:$PWD/b")
        steps.python("import os, sys\nsys.path.insert(0, os.path.abspath('a'))\nsys.path.append('last')")
        before = steps.python(self.SHOW).output.decode()
        assert before.startswith("['a', '', 'a', 'b', ")
        steps.shell("export PYTHONPATH=$PWD/b")
        assert_passes(steps.python(self.SHOW), before.replace("'', 'a', ", "'', "))
        steps.shell("unset PYTHONPATH")
        assert_passes(steps.python(self.SHOW), before.replace("'', 'a', 'b', ", "'', "))
        steps.shell("export PYTHONPATH=$PWD/a:$PWD/b")
        assert_passes(steps.python(self.SHOW), before)

    def test_pythonpath_set_by_python_changes_nothing_yet(self, steps: Steps) -> None:
        before = steps.python(self.SHOW).output.decode()
        steps.python("os.environ['PYTHONPATH'] = os.path.abspath('a')")
        steps.shell("true")
        assert_passes(steps.python(self.SHOW), before)
        steps.shell("export PYTHONPATH=$PYTHONPATH:$PWD/b")
        assert_passes(steps.python(self.SHOW), before.replace("['', ", "['', 'a', 'b', "))

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="a variable of Python 3.11")
    def test_a_safe_path(self, steps: Steps) -> None:
        steps.shell("export PYTHONSAFEPATH=1 PYTHONPATH=$PWD/a")
        assert steps.python(self.SHOW).output.decode().startswith("['a', ")
        steps.shell("export PYTHONPATH=$PWD/b")
        assert steps.python(self.SHOW).output.decode().startswith("['b', ")
