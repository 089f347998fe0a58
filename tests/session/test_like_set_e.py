"""A snippet stops where a script under `set -e -o pipefail` stops, with the same output and the same status."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from fencepost.session.outcome import Ending
from fencepost.session.shell import ShellSession
from tests.helpers.host_machine import ENVIRONMENT, LIMIT, host_machine

SIMPLE = (
    "true",
    "false",
    "echo one",
    "(exit 3)",
    "echo $?",
    "word=$(false)",
    "word=$(false; echo two)",
    "test -e /nowhere",
    "[[ a == b ]]",
    "((0))",
    ":",
    "f",
)
COMPOUND = (
    "if {0}; then {1}; fi",
    "if {0}; then :; else {1}; fi",
    "{0} && {1}",
    "{0} || {1}",
    "! {0}",
    "(\n{0}\n{1}\n)",
    "{{\n{0}\n{1}\n}}",
    "{{ {0}\n}} | {{ cat\n{1}\n}}",
    "for item in 1 2; do\n{0}\n{1}\ndone",
    "while {0}; do {1}; break; done",
    "until {0}; do {1}; break; done",
    "{{ g() {{\n{0}\n{1}\n}}\ng\n}}",
    "echo $({0}\n{1}\n)",
    "case one in one) {0} ;; esac",
    "{0}\n{1}",
)
scripts = some.recursive(
    some.sampled_from(SIMPLE),
    lambda inner: some.builds(str.format, some.sampled_from(COMPOUND), inner, inner),
    max_leaves=8,
)


@pytest.mark.slow
@given(scripts)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_snippet_stops_where_a_script_would(tmp_path: Path, script: str) -> None:
    script = f"f() {{ echo f; }}\n{script}"
    with host_machine(tmp_path) as machine:
        session = ShellSession(machine.start(), LIMIT)
        session.start()
        outcome = session.run(script, line=2, seconds=20)
    plain = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "/dev/stdin"],
        input=script.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=tmp_path,
        env=ENVIRONMENT,
        timeout=20,
        check=False,
    )
    assert outcome.ending is Ending.DONE
    assert (outcome.status, outcome.output) == (plain.returncode, plain.stdout)
    assert not outcome.returned_early
