"""A page's Python is the `python3` that its shell would start, and stays the same one for as long as that is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from python_steps import Steps, assert_passes

from fencepost.session.outcome import Ending, Outcome
from fencepost.session.python import COMMAND, Surroundings
from fencepost.session.which_python import IdentityQuestion, Question

MAKE = "python3 -m venv --without-pip .v"
WRAPPER = """
mkdir -p bin
printf '#!/bin/sh\\n[ -z "$OTHER" ] || exec .v/bin/python3 "$@"\\nexec {python} "$@"\\n' >bin/python3
chmod +x bin/python3
export PATH=$PWD/bin:$PATH
"""


def assert_new(outcome: Outcome, path: str) -> None:
    assert outcome.note.startswith("`python3` is ")
    assert path in outcome.note
    assert b"NameError" in outcome.output


@pytest.fixture
def begun(steps: Steps) -> Steps:
    """A page with an environment, and a Python that has `kept` something."""
    assert steps.shell(MAKE).status == 0
    assert_passes(steps.python("kept = 'kept'"))
    return steps


def test_an_environment_is_entered_and_left(begun: Steps) -> None:
    begun.shell(". .v/bin/activate")
    assert_new(begun.python("print(kept)"), "/.v/bin/python3 now")
    assert_passes(begun.python("import sys\nkept = sys.prefix != sys.base_prefix"))
    begun.shell("cd /; hash -r")
    outcome = begun.python("print(kept)")
    assert_passes(outcome, "True\n")
    assert outcome.note == ""
    begun.shell("deactivate")
    assert_new(begun.python("print(kept)"), f"{sys.base_prefix}/bin/python3 now")


def test_an_environment_that_is_not_activated_changes_nothing(begun: Steps) -> None:
    begun.shell("export VIRTUAL_ENV=$PWD/.v; .v/bin/python3 -c pass")
    assert_passes(begun.python("print(kept)"), "kept\n")


def test_the_same_interpreter_by_another_path_is_no_other(begun: Steps) -> None:
    begun.shell(f"export PATH={sys.base_prefix}/./bin:$PATH")
    assert_passes(begun.python("print(kept)"), "kept\n")


def test_a_function_and_an_alias_say_nothing(begun: Steps) -> None:
    begun.shell("alias python3=false")
    begun.shell("python3() { false; }; command() { false; }")
    assert_passes(begun.python("print(kept)"), "kept\n")


def test_an_environment_may_have_any_name(steps: Steps) -> None:
    steps.shell(f"{MAKE}; mkdir already; mv .v already; export PATH=$PWD/already/.v/bin:$PATH")
    assert_passes(steps.python("kept = 'kept'"))
    steps.shell("true")
    assert_passes(steps.python("print(kept)"), "kept\n")


def test_another_interpreter_at_the_same_path(steps: Steps) -> None:
    steps.shell(f"{MAKE}; mkdir bin; ln -s {sys.base_prefix}/bin/python3 bin/python3; export PATH=$PWD/bin:$PATH")
    assert_passes(steps.python("kept = 1"))
    steps.shell("rm bin/python3; printf '#!/bin/sh\\nexec .v/bin/python3 \"$@\"\\n' >bin/python3; chmod +x bin/python3")
    assert_new(steps.python("print(kept)"), "/bin/python3 now")


def test_a_program_that_starts_one(steps: Steps) -> None:
    steps.shell(MAKE + WRAPPER.format(python=f"{sys.base_prefix}/bin/python3"))
    assert_passes(steps.python("kept = 'kept'"))
    steps.shell("true")
    assert_passes(steps.python("print(kept)"), "kept\n")
    steps.shell("export OTHER=1")
    assert_new(steps.python("print(kept)"), "/bin/python3 now")


def test_a_program_that_starts_another_one_because_of_python(steps: Steps) -> None:
    steps.shell(MAKE + WRAPPER.format(python=f"{sys.base_prefix}/bin/python3"))
    assert_passes(steps.python("import os\nkept = 'kept'\nos.environ['OTHER'] = '1'"))
    steps.shell("true")
    assert_passes(steps.python("print(kept)"), "kept\n")


@pytest.mark.parametrize(
    "change",
    [
        "os.environ['PATH'] = os.getcwd() + '/.v/bin:' + os.environ['PATH']",
        "os.environ['PATH'] = '/nowhere'",
        "del os.environ['PATH']",
        "os.environ['PYTHONHOME'] = '/nowhere'",
        "os.environ.clear()",
    ],
)
def test_what_python_sets_never_has_another_one_start(begun: Steps, change: str) -> None:
    assert_passes(begun.python(f"import os\n{change}"))
    begun.shell("true")
    assert_passes(begun.python("print(kept)"), "kept\n")
    begun.shell("true")
    assert_passes(begun.python("print(kept)"), "kept\n")


def test_what_the_shell_sets_behind_that_does(begun: Steps) -> None:
    begun.python("import os\nos.environ['PATH'] = os.getcwd() + '/.v/bin:' + os.environ['PATH']")
    begun.shell("export PATH=${PATH#*:}")
    assert_passes(begun.python("print(kept)"), "kept\n")
    begun.shell(". .v/bin/activate")
    assert_new(begun.python("print(kept)"), "/.v/bin/python3 now")


def test_it_ends_as_a_reader_would_end_it(begun: Steps, tmp_path: Path) -> None:
    begun.python("import atexit\natexit.register(open('told', 'w').write, 'at the end')\nfile = open('file', 'w')")
    begun.python("file.write('held back')")
    begun.shell(". .v/bin/activate")
    assert_passes(begun.python("print('new')"), "new\n")
    assert (tmp_path / "told").read_text() == "at the end"
    assert (tmp_path / "file").read_text() == "held back"


def test_one_that_does_not_end_is_ended(begun: Steps) -> None:
    begun.python("import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()")
    begun.shell(". .v/bin/activate")
    assert_passes(begun.python("print('new')"), "new\n")


def test_one_that_the_page_has_broken(begun: Steps) -> None:
    begun.shell("export PYTHONHOME=/nowhere")
    outcome = begun.python("print(kept)")
    assert (outcome.ending, outcome.status, outcome.never_started) == (Ending.SESSION_ENDED, 1, True)
    assert b"Fatal Python error" in outcome.output
    assert_passes(begun.python("print('alive')"), "alive\n")


@pytest.mark.parametrize("before", ["export PATH=/nowhere", "unset PATH", "PATH="])
def test_without_one_in_its_path_the_shell_has_the_machines_own(steps: Steps, before: str) -> None:
    steps.shell(before)
    assert_passes(steps.python("kept = 1"))
    steps.shell("true")
    assert_passes(steps.python("print(kept)"), "1\n")


def test_it_begins_with_the_shells_variables(steps: Steps) -> None:
    steps.shell("export PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0; export ODD=$'a\\nb\\xff\\x81' EMPTY=")
    assert_passes(
        steps.python(
            "import os, sys\n"
            "print(sys.flags.dont_write_bytecode, sys.flags.hash_randomization, os.environ['EMPTY'] == '')\n"
            "print(os.environb[b'ODD'])"
        ),
        "1 0 True\nb'a\\nb\\xff\\x81'\n",
    )


def test_what_a_background_job_prints_between_the_answers_is_no_path() -> None:
    question = Question(None)
    begin, end = question.source.split("'")[1].removesuffix("%s\\0"), question.source.split("'")[-2]
    output = f"tick\n{begin}/tmp\0tick\n/usr/bin/python3\ntick\n\0A=b\0tick\nC=d\0{end}tick\n"
    answer = question.answer(Outcome(Ending.DONE, 0, output.encode(), 0.0))
    assert answer == Surroundings("/tmp", {"A": "b", "C": "d"}, "/usr/bin/python3", same=False)


def test_the_shell_and_the_interpreter_speak_of_one_in_the_same_words(steps: Steps) -> None:
    question = IdentityQuestion()
    assert_passes(steps.python("import sys\ntold = sys._getframe(1).f_globals['identity']()"))
    outcome = steps.shell(question.source)
    assert_passes(steps.python("print(told)"), f"{question.answer(outcome)}\n")


def test_a_python_of_any_locale_can_read_its_text() -> None:
    assert all(word.isascii() for word in COMMAND)
