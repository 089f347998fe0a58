"""A page's Python, step by step."""

from __future__ import annotations

import pytest

from fencepost.fence.traced_line import Origin
from fencepost.session.outcome import Ending
from tests.session.python_steps import Steps, assert_fails, assert_passes, python_snippet


def test_state_lives_on(steps: Steps) -> None:
    assert_passes(steps.python("import json\nvalue = 40\ndef more(n):\n    return n + 2"))
    assert_passes(steps.python("print(json.dumps(more(value)))"), "42\n")


def test_a_traceback_names_the_line_of_the_page_and_quotes_it(steps: Steps) -> None:
    outcome = steps.python("value = 1\nvalue / 0\nprint('not reached')")
    assert_fails(outcome, 2)
    text = outcome.output.decode()
    assert '  File "page.md", line 11, in <module>\n    value / 0\n' in text
    assert text.endswith("ZeroDivisionError: division by zero\n")
    assert "not reached" not in text
    assert "interpreter" not in text


def test_a_function_of_an_earlier_step_is_quoted_too(steps: Steps) -> None:
    steps.python("def divide(n):\n    return 1 / n", first=10)
    outcome = steps.python("\n\n\ndivide(0)".lstrip(" "), first=20)
    text = outcome.output.decode()
    assert '  File "page.md", line 11, in divide\n    return 1 / n\n' in text
    assert '  File "page.md", line 20, in <module>\n    divide(0)\n' in text


def test_lines_from_several_files_are_told_by_the_step(steps: Steps) -> None:
    steps.session.start()
    origins = [Origin("page.md", 10), Origin("included.py", 1), Origin("included.py", 2)]
    outcome = steps.session.run_python(python_snippet("a = 1\nb = 2\nb.c", origins), seconds=20, values={})
    assert outcome.line == 102
    assert b'File "<step step>", line 3' in outcome.output


def test_a_syntax_error(steps: Steps) -> None:
    outcome = steps.python("print('not reached')\nif True print('oops')")
    assert_fails(outcome, 2)
    assert outcome.unreadable
    assert b'File "page.md", line 11' in outcome.output
    assert b"not reached" not in outcome.output
    assert_passes(steps.python("print('goes on')"), "goes on\n")


def test_an_error_of_the_compiler_names_its_line(steps: Steps) -> None:
    outcome = steps.python("async def slow(): pass\nawait slow()")
    assert_fails(outcome, 2)
    assert outcome.unreadable
    assert b'File "page.md", line 11' in outcome.output


def test_a_syntax_error_in_something_else_is_an_ordinary_failure(steps: Steps) -> None:
    outcome = steps.python("pass\ncompile('1 +', 'x', 'exec')")
    assert_fails(outcome, 2)
    assert not outcome.unreadable


@pytest.mark.parametrize(
    ("source", "status", "output"),
    [
        ("import sys; sys.exit(3)", 3, ""),
        ("raise SystemExit('a message')", 1, "a message\n"),
        ("exit(256 + 7)", 7, ""),
        ("raise SystemExit(2.5)", 1, "2.5\n"),
    ],
)
def test_leaving_with_a_status(steps: Steps, source: str, status: int, output: str) -> None:
    outcome = steps.python(source)
    assert (outcome.ending, outcome.status, outcome.output.decode()) == (Ending.DONE, status, output)
    assert_passes(steps.python("print('alive')"), "alive\n")


@pytest.mark.parametrize("source", ["import sys; sys.exit()", "exit(0)", "raise SystemExit(None)", "quit()"])
def test_leaving_early_with_success(steps: Steps, source: str) -> None:
    outcome = steps.python(source + "\nprint('not reached')")
    assert outcome.returned_early
    assert outcome.output == b""


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("import os; os._exit(3)", 3),
        ("import os, signal; os.kill(os.getpid(), 9)", 137),
        ("import os; os.abort()", 134),
    ],
)
def test_ending_the_interpreter(steps: Steps, source: str, status: int) -> None:
    outcome = steps.python("print('before')\n" + source)
    assert (outcome.ending, outcome.status) == (Ending.SESSION_ENDED, status)
    assert outcome.output.startswith(b"before\n")
    assert not steps.session.alive
    assert_passes(steps.python("print('a new one')"), "a new one\n")


def test_a_forked_child_does_not_answer(steps: Steps) -> None:
    outcome = steps.python("""
        import os, sys
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            print("parent")
        else:
            print("child")
    """)
    assert_passes(outcome, "child\nparent\n")
    outcome = steps.python("""
        child = os.fork()
        if not child:
            raise ValueError("in the child")
        print(os.WEXITSTATUS(os.waitpid(child, 0)[1]))
    """)
    assert_passes(outcome, "1\n")


@pytest.mark.parametrize(
    "source",
    [
        "print = None",
        "import builtins; builtins.print = builtins.len = builtins.str = builtins.isinstance = None",
        "import json; json.dumps = json.loads = None",
        "import os; os.write = os.getcwd = os.environ = None",
        "import sys; sys.stdout = sys.stderr = None",
        "import io, sys; sys.stdout = io.StringIO()",
        "import sys; sys.stdout.close()",
        "import sys; sys.stdin.close(); sys.stderr.close()",
        "import sys; sys.modules.clear()",
        "import ast, traceback; ast.parse = traceback.TracebackException = None",
        "import os; os.close(0); os.close(1); os.close(2)",
        "import os; os.chdir('/'); os.rmdir = None",
        "globals().clear()",
        "__builtins__ = None",
        "import sys; sys.settrace(lambda *_: None); sys.setrecursionlimit(100)",
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    ],
)
def test_failures_are_reported_whatever_a_step_replaces(steps: Steps, source: str) -> None:
    steps.python(source)
    outcome = steps.python("value = 1\nvalue.nothing")
    assert (outcome.status, outcome.ending) in {(1, Ending.DONE), (134, Ending.SESSION_ENDED)}
    assert not outcome.returned_early
    # And the shell goes on as if nothing had been.
    assert_passes(steps.shell("builtin echo fine"), "fine\n")


def test_reading_input_gets_its_end(steps: Steps) -> None:
    outcome = steps.python("import sys\nassert sys.stdin.read() == ''\ninput()")
    assert_fails(outcome, 3)
    assert outcome.output.endswith(b"EOFError: EOF when reading a line\n")
    assert_passes(
        steps.python("import subprocess\nsubprocess.run(['cat'], check=True)\nprint('nothing eaten')"),
        "nothing eaten\n",
    )


def test_output_keeps_its_order(steps: Steps) -> None:
    outcome = steps.python("""
        import os, subprocess, sys
        print("one")
        subprocess.run(["echo", "two"])
        print("three", file=sys.stderr)
        os.write(1, b"four\\n")
        sys.stdout.buffer.write(b"five\\n")
        print("six", end="")
    """)
    assert_passes(outcome, "one\ntwo\nthree\nfour\nfive\nsix")


def test_output_that_is_no_text(steps: Steps) -> None:
    outcome = steps.python("import sys\nsys.stdout.buffer.write(b'a\\x00\\xff\\n')\nprint('\\u65e5')")
    assert_passes(outcome, "a\0\ufffd\n\u65e5\n")
    outcome = steps.python("raise ValueError('\\ud800')")
    assert_fails(outcome, 1)
    assert b"ValueError" in outcome.output
    outcome = steps.python("raise SystemExit('\\ud800')")
    assert (outcome.ending, outcome.status) == (Ending.DONE, 1)


def test_text_that_looks_like_our_protocol_is_output(steps: Steps) -> None:
    outcome = steps.python("""
        import sys
        print("ready"), print("token ended 0"), print('{"status": 0}')
        sys.stderr.write("E 1 0 1 x\\n")
    """)
    assert_passes(outcome, 'ready\ntoken ended 0\n{"status": 0}\nE 1 0 1 x\n')


def test_threads_that_go_on(steps: Steps) -> None:
    outcome = steps.python("""
        import threading
        done = threading.Event()
        thread = threading.Thread(target=done.wait)
        thread.start()
        print("started")
    """)
    assert_passes(outcome, "started\n")
    assert_passes(steps.python("done.set(); thread.join(); print('joined')"), "joined\n")


def test_a_time_out(steps: Steps) -> None:
    outcome = steps.python("import time\nprint('waiting')\ntime.sleep(60)", seconds=1)
    assert (outcome.ending, outcome.output) == (Ending.TIMED_OUT, b"waiting\n")
    assert_passes(steps.python("print('alive')"), "alive\n")


def test_a_flood(steps: Steps) -> None:
    assert steps.python("while True: print('x' * 1000)").ending is Ending.FLOODED
    assert_passes(steps.python("print('alive')"), "alive\n")


def test_steps_run_in_main(steps: Steps) -> None:
    outcome = steps.python("""
        import pickle, sys
        from dataclasses import dataclass

        @dataclass
        class Point:
            x: int

        assert __name__ == "__main__"
        assert sys.modules["__main__"].Point is Point
        assert sys.argv == [""]
        assert "fencepost" not in sys.modules
        print(pickle.loads(pickle.dumps(Point(1))))
    """)
    assert_passes(outcome, "Point(x=1)\n")


def test_no_name_of_ours_is_visible(steps: Steps) -> None:
    outcome = steps.python("print(sorted(globals()))")
    plain = ["__builtins__", "__doc__", "__file__", "__loader__", "__name__", "__package__", "__spec__"]
    assert_passes(outcome, f"{plain}\n")


def test_modules_beside_are_found(steps: Steps) -> None:
    steps.shell("mkdir -p sub && echo 'value = 42' >sub/beside.py && cd sub")
    assert_passes(steps.python("import beside\nprint(beside.value)"), "42\n")


def test_future_imports_and_docstrings(steps: Steps) -> None:
    assert_passes(steps.python('"""A docstring."""\nfrom __future__ import annotations\ndef f(x: Unknown): ...'))


def test_values_from_outside(steps: Steps) -> None:
    assert_passes(steps.python("print(port, names)", values={"port": 80, "names": ["a", None]}), "80 ['a', None]\n")


def test_without_a_python(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    from fencepost.errors import EngineError
    from fencepost.session import python

    monkeypatch.setattr(python, "COMMAND", ("no-such-python",))
    with pytest.raises(EngineError, match=r"can't start python3 \(exit status 127\)\n  install python3 in the machine"):
        steps.python("print(1)")
