"""What a page's Python and its shell share, and what a page asks of both: files, and waiting."""

from __future__ import annotations

from pathlib import Path

import pytest
from python_steps import Steps, assert_passes

from fencepost.session.outcome import Ending


def test_python_sees_the_shells_directory_and_variables(steps: Steps) -> None:
    steps.shell("mkdir -p sub && cd sub && export shared='a b\nc' && own=1")
    assert_passes(
        steps.python(
            "import os\nprint(os.path.basename(os.getcwd()), repr(os.environ['shared']), 'own' in os.environ)"
        ),
        "sub 'a b\\nc' False\n",
    )
    steps.shell("unset shared; cd ..")
    assert_passes(steps.python("print('shared' in os.environ, os.path.exists('sub'))"), "False True\n")


@pytest.mark.parametrize("redirected", [">log", ">&-", "> >(cat >log)", ">log 2>&1"])
def test_a_shell_whose_output_goes_elsewhere_tells_python_all_the_same(
    steps: Steps, tmp_path: Path, redirected: str
) -> None:
    steps.shell(f"export shared=a; exec {redirected}")
    assert_passes(steps.python("import os\nprint(os.environ['shared'])"), "a\n")
    assert steps.session.output_of("echo told\necho twice") == "told\ntwice\n"
    log = tmp_path / "log"
    assert not log.exists() or log.read_text() == ""


def test_a_shell_that_ends_while_late_output_is_waited_for_is_no_success(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.shell("exec > >(cat)")
    monkeypatch.setattr("fencepost.session.page_session.WAIT", "kill -9 $$")
    outcome = steps.shell("echo printed")
    assert (outcome.ending, outcome.status) == (Ending.SESSION_ENDED, 137)


def test_what_a_background_job_prints_is_no_part_of_a_variables_name(steps: Steps) -> None:
    steps.shell("(while :; do echo tick; done) & job=$!")
    for _ in range(20):
        outcome = steps.python(
            "import os\nprint([name for name in os.environ if 'tick' in name], 'PATH' in os.environ)"
        )
        assert "[] True" in outcome.output.decode()
    steps.shell("kill $job")


def test_the_shell_sees_pythons_directory_and_variables(steps: Steps) -> None:
    steps.shell("export gone=1")
    steps.python("""
        import os
        os.mkdir("it's here")
        os.chdir("it's here")
        os.environ["shared"] = "it's\\n$shared"
        del os.environ["gone"]
    """)
    outcome = steps.shell('basename "$PWD"; echo "$shared"; sh -c \'echo "$shared"\'; echo "${gone-gone}"')
    assert_passes(outcome, "it's here\nit's\n$shared\nit's\n$shared\ngone\n")


def test_what_python_leaves_does_not_touch_the_shells_status(steps: Steps) -> None:
    steps.shell("(exit 7)")
    steps.python("import os\nos.environ['a'] = 'b'")
    assert_passes(steps.shell("echo $? $a"), "7 b\n")


def test_a_directory_that_goes_away(steps: Steps) -> None:
    steps.shell("mkdir gone && cd gone && rmdir ../gone")
    assert_passes(steps.python("print('fine')"), "fine\n")
    assert_passes(steps.shell("cd / && echo fine"), "fine\n")


def test_variables_that_are_no_names_and_no_text(steps: Steps) -> None:
    steps.python("import os\nos.environ['no-name'] = '1'\nos.environb[b'bytes'] = b'\\xff'")
    assert_passes(steps.shell("printf '%s' \"$bytes\" | od -An -tx1"), " ff\n")
    assert_passes(steps.python("print(os.environb[b'bytes'])"), "b'\\xff'\n")


def test_readonly_variables_of_the_shell_hinder_nothing(steps: Steps) -> None:
    steps.shell("readonly fixed=1; export fixed")
    steps.python("import os\nos.environ['fixed'] = '2'\nos.environ['free'] = '3'")
    assert_passes(steps.shell("echo $fixed $free"), "1 3\n")


@pytest.mark.parametrize(
    "before",
    [
        "set -x",
        "set -v",
        "trap 'echo \"+ $BASH_COMMAND\"' DEBUG",
        "PROMPT_COMMAND='echo a prompt'",
        "exec >log 2>&1",
        "exec >&- 2>&-",
    ],
)
def test_what_the_shell_prints_besides_is_no_directory(steps: Steps, before: str) -> None:
    steps.shell(f"mkdir here\ncd here\nexport told=yes\n{before}")
    outcome = steps.python("""
        import os
        print(os.path.basename(os.getcwd()), os.environ["told"])
        os.environ["back"] = "too"
    """)
    assert_passes(outcome, "here yes\n")
    assert steps.shell("[ $back = too ]").status == 0


def test_the_traps_of_a_page_say_nothing_of_our_questions(steps: Steps) -> None:
    steps.shell("mkdir here\ncd here\ntrap 'echo failed >>../told; exit 1' ERR\ntrap 'echo passed by' DEBUG\nset -x")
    assert not steps.session.wait_for("file:nowhere", 0.3)
    assert_passes(steps.python("import os\nprint(os.path.exists('../told'))"), "False\n")
    outcome = steps.shell("false")
    assert b"passed by" in outcome.output
    assert b"+ false" in outcome.output
    assert outcome.ending is Ending.SESSION_ENDED


def test_files_are_written(steps: Steps, tmp_path: Path) -> None:
    steps.session.start()
    content = "it's $HOME `date` \\ \n\tEND\n\nlast"
    outcome = steps.session.write_file("a b/deep/file.txt", content, line=10, seconds=20)
    assert_passes(outcome)
    assert (tmp_path / "a b/deep/file.txt").read_text() == content + "\n"
    steps.shell("set -o noclobber")
    assert_passes(steps.session.write_file("a b/deep/file.txt", "new", line=10, seconds=20))
    outcome = steps.session.write_file("/proc/nowhere/file", "x", line=10, seconds=20)
    assert outcome.status == 1


def test_waiting_for_a_file_and_a_port(steps: Steps, tmp_path: Path) -> None:
    steps.session.start()
    assert not steps.session.wait_for("file:ready", 0.3)
    steps.shell("(sleep 0.3; touch ready) &")
    assert steps.session.wait_for("file:ready", 10)
    assert not steps.session.wait_for("port:1", 0.3)
    steps.python("import socket\nserver = socket.create_server(('127.0.0.1', 0))\nprint(server.getsockname()[1])")
    port = steps.python("print(server.getsockname()[1])").output.decode().strip()
    assert steps.session.wait_for(f"port:{port}", 10)


def test_waiting_leaves_the_status_and_the_output_alone(steps: Steps) -> None:
    steps.shell("(exit 7)")
    assert not steps.session.wait_for("file:nowhere", 0.3)
    assert_passes(steps.shell("echo $?"), "7\n")
