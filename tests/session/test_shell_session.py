"""What a shell session leaves behind, and what it doesn't touch."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from fencepost.errors import EngineError
from fencepost.session.outcome import Ending, Outcome
from fencepost.session.pipe import Pipe
from fencepost.session.shell import ShellSession
from fencepost.session.supervisor import Supervised
from tests.helpers.host_machine import ENVIRONMENT, LIMIT, HostMachine, host_machine


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[HostMachine]:
    with host_machine(tmp_path) as machine:
        yield machine


@pytest.fixture
def session(machine: HostMachine) -> ShellSession:
    session = ShellSession(machine.start(), LIMIT)
    session.start()
    return session


def run(session: ShellSession, source: str, *, seconds: float = 20, line: int = 2) -> Outcome:
    return session.run(source, line=line, seconds=seconds)


def told(outcome: Outcome) -> str:
    assert outcome.ending is Ending.DONE
    assert outcome.status == 0
    return outcome.output.decode()


PROBES = {
    "variables": "compgen -v | grep -v '^_$'",
    "functions": "declare -F; compgen -A function || true",
    "aliases": "alias",
    "environment": "env | grep -v '^_='",
    "options of shopt": "shopt",
    "open files": "for file in /proc/self/fd/*; do echo ${file##*/}; done",
    "jobs": "jobs",
    "positional parameters": 'echo "$# $*"',
    "completions": "complete -p || true",
    "depth of functions": 'echo "${#FUNCNAME[@]} ${FUNCNAME[*]}"',
    "umask and limits": "umask; ulimit -a",
    "shell level and number": "echo $SHLVL $BASH_SUBSHELL",
}


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
def test_nothing_of_ours_is_visible(session: ShellSession, tmp_path: Path, probe: str) -> None:
    run(session, "echo a step before; false")
    assert told(run(session, probe)).split("\n") == plain_bash(probe, tmp_path).split("\n")


def test_options_are_those_of_a_prompt_and_stopping_at_failures(session: ShellSession, tmp_path: Path) -> None:
    ours = dict(line.split() for line in told(run(session, "set -o")).splitlines())
    plain = dict(line.split() for line in plain_bash("set -o", tmp_path).splitlines())
    differing = {name for name in ours if ours[name] != plain[name]}
    assert differing == {"errexit", "errtrace", "pipefail"}


def plain_bash(probe: str, folder: Path) -> str:
    """What the same sourced text says in a bash that a person has started."""
    quiet = "PS1= PS2=; exec 2>&1; set +H +o history; unset HISTFILE\n"
    text = f"{quiet}. /dev/stdin <<'END'\nexec </dev/null\n{probe}\nEND\n"
    command = ["sh", "-c", 'sh -c "exec bash --norc --noprofile --noediting -i 2>/dev/null"; true']
    done = subprocess.run(
        command,
        input=text,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=folder,
        env=ENVIRONMENT,
        start_new_session=True,
        check=True,
    )
    return done.stdout.removesuffix("exit\n")


def test_a_time_out_and_a_new_shell(machine: HostMachine, session: ShellSession) -> None:
    outcome = run(session, "echo waiting; sleep 60", seconds=0.5)
    assert (outcome.ending, outcome.status, outcome.output) == (Ending.TIMED_OUT, None, b"waiting\n")
    assert not session.alive
    machine.kill_processes()
    assert session.wait_for_the_end(10)
    session.start_again()
    assert told(run(session, "echo alive")) == "alive\n"


def test_a_flood_is_stopped(machine: HostMachine, session: ShellSession) -> None:
    outcome = run(session, "yes")
    assert outcome.ending is Ending.FLOODED
    assert len(outcome.output) >= LIMIT
    machine.kill_processes()
    assert session.wait_for_the_end(10)
    session.start_again()
    assert told(run(session, "echo alive")) == "alive\n"


def test_a_new_shell_knows_nothing_of_the_old_one(session: ShellSession) -> None:
    run(session, "variable=1; trap 'echo own' ERR; set -x; cd /")
    assert run(session, "exit").ending is Ending.SESSION_ENDED
    session.start_again()
    assert told(run(session, 'echo "<$variable>"')) == "<>\n"
    assert run(session, "false").output == b""


def test_the_machine_goes_away(machine: HostMachine, session: ShellSession) -> None:
    machine.processes[0].kill()
    machine.kill_processes()
    assert run(session, "echo hello").ending is Ending.LOST


def test_a_machine_that_never_answers(machine: HostMachine) -> None:
    pipe = machine.start()
    machine.processes[0].kill()
    with pytest.raises(EngineError, match="gave no sign of life when bash was started"):
        ShellSession(pipe, LIMIT).start()


def test_a_machine_without_the_program(machine: HostMachine) -> None:
    process = Supervised(machine._connect(("no-such-program",)), "no-such-program")
    with pytest.raises(
        EngineError, match=r"can't start no-such-program \(exit status 127\)\n  install no-such-program"
    ):
        process.greet(b"", b"never", LIMIT)


@pytest.fixture
def late_remarks(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that passes on what was printed before what was reported: without waiting, no remark is there."""
    monkeypatch.setattr(Pipe, "remarks", lambda _: b"")


def test_a_late_report_counts_more_than_a_forged_answer(session: ShellSession, late_remarks: None) -> None:
    run(session, """word=tr; set_trap() { "${word}ap" "$@"; }""")
    answers = """answer() {
  mark=$(grep -oE "[0-9a-f]{6} [0-9a-f]{6}" <<<"$BASH_COMMAND" | tr -d ' ') && echo "$mark 0 himBHs 0" >/proc/$PPID/fd/1
  :
}
set_trap answer DEBUG
false"""
    outcome = run(session, answers)
    assert (outcome.status, outcome.line) == (1, 7)


def test_a_shell_that_has_ended_names_the_line_in_late_remarks(session: ShellSession, late_remarks: None) -> None:
    outcome = run(session, "trap 'exit 7' ERR\ntrue")
    assert outcome.status == 0
    outcome = run(session, "true\nls nothing")
    assert (outcome.ending, outcome.status, outcome.line) == (Ending.SESSION_ENDED, 7, 3)


def test_a_question_of_our_own_leaves_the_status_alone(session: ShellSession) -> None:
    run(session, "(exit 7)")
    assert session.run("true", line=1, seconds=20, aside=True).status == 0
    assert run(session, "echo $?").output == b"7\n"


def test_a_command_that_failed_is_told(session: ShellSession) -> None:
    assert run(session, "true\nls --no-such-option 'a  b'").command == "ls --no-such-option 'a  b'"


def test_a_snippet_with_a_line_like_the_end_mark(session: ShellSession) -> None:
    assert run(session, "echo one\nEND-\nEND\necho two").line == 3


@pytest.mark.parametrize("line", [1, 2, 3, 500])
def test_lines_are_counted_from_where_the_snippet_stands(session: ShellSession, line: int) -> None:
    assert run(session, "\n\nfalse", line=line).line == max(line, 2) + 2


WORDS = r"""
true false : echo x ; && || | & ( ) { } ! if then else fi while do done for in case esac $( ` " ' \ # <<END END
[[ ]] $? $x return exit set +e -e trap ERR DEBUG EXIT - f() f local > /dev/null <
"""
texts = some.lists(some.sampled_from([*WORDS.split(), "\n"]), max_size=12).map(" ".join)


@given(texts)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_typed_step_ends_and_the_next_one_runs(session: ShellSession, source: str) -> None:
    if not session.alive:
        session.start_again()
    outcome = run(session, source)
    assert outcome.ending in {Ending.DONE, Ending.SESSION_ENDED}
    if outcome.ending is Ending.SESSION_ENDED:
        session.start_again()
    run(session, "set +o noclobber; trap - ERR DEBUG EXIT RETURN; exec 2>&1")
    assert b"alive\n" in run(session, "builtin echo alive").output


@pytest.mark.parametrize(
    ("line", "overlooked"),
    [
        ("false; true", ((1, "false"),)),
        ("false | true", ((1, ""),)),
        ("(exit 3) | (exit 4) | true; true", ((3, ""), (4, ""))),
        ("ls nothing 2>/dev/null; (exit 3) | true", ((2, "ls nothing 2> /dev/null"), (3, ""))),
        ("IFS=,; (exit 3) | true", ((3, ""),)),
        ("seq 1 2000000 | head -n 1", ()),
        ("true | true; true", ()),
        ("false || true; ! false; if false; then :; fi", ()),
    ],
)
def test_failures_within_a_typed_line_are_reported(session: ShellSession, line: str, overlooked: object) -> None:
    outcome = session.run_typed(line, line=1, seconds=20, watch=True)
    assert outcome.overlooked == overlooked
    assert session.run_typed("echo $_", line=1, seconds=20).overlooked == ()


def test_our_watching_commands_are_not_traced(session: ShellSession) -> None:
    outcome = session.run_typed("set -x; false | true; set +x", line=1, seconds=20, watch=True)
    assert sorted(outcome.output.splitlines()) == [b"+ false", b"+ set +x", b"+ true"]
    assert outcome.overlooked == ((1, ""),)
