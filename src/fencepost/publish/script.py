"""All steps of a page on a machine as one script, for a reader who wants to do it themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from fencepost.fence.snippet import Snippet
from fencepost.kinds.kind import here_document
from fencepost.kinds.registry import kind_of
from fencepost.session.bash_text import asks_where_it_is, probe_for, sets_err_trap
from fencepost.session.bash_traps import FORGIVE, LEAVE, LIFT, quoted
from fencepost.session.early_readers import forgive_early_readers, functions_shown
from fencepost.session.late_output import may_come_late
from fencepost.terminal import on_one_line
from fencepost.transcript.parse import TranscriptProblem

# BASH_SOURCE is unset at a prompt, and also under `bash -s`, which reads commands from standard input.
_WITHOUT_A_FILE = """\
# Some of the steps ask which file they are in. As at a prompt, they are in none.
[ -z "${BASH_SOURCE[0]}" ] || exec bash -s <"$0\""""
_ASKS_FOR_A_READER = re.compile(r"\$\{?(?:-|PS1\b)|\.bashrc\b")
_INTERACTIVE = """\
# Some of the steps ask whether the shell is interactive, as a .bashrc does.
[[ $- == *i* ]] || exec bash --norc --noprofile -i "$0"
set +mH"""
_STOP_AT_FAILURES = "stop_at_failures() { set -eE -o pipefail; }"
_STOP_AT_FAILURES_OF_PIPELINES = f"""\
# A writer that SIGPIPE ends when its reader has enough hasn't failed: `seq` in `seq 1 1000000 | head -n 1`.
PS2=
stop_at_failures() {{ set -eE -o pipefail; trap -- {quoted(FORGIVE)} ERR; }}"""
_ENDED_WITH = """\
# Stops the script if the command before it ended with another exit status.
ended_with() {
    local status=$?
    [ "$status" -eq "$1" ] || { echo "exit status $status, not $1, above line ${BASH_LINENO[0]}" >&2; exit 1; }
    return "$status"
}"""
_LEAVE_STEP = f"""\
# Makes the next step end at its first failing command, without ending the script.
leave_step() {{
    PS2= outside=$((${{#BASH_SOURCE[@]}} - 1))
    set -eET -o pipefail
    trap -- {quoted(LIFT)} DEBUG
    trap -- {quoted(LEAVE)} ERR
}}"""


def script_of_steps(
    steps: Sequence[Snippet], *, page: str, title: str, machine: str, called: str, env: Mapping[str, str]
) -> str:
    """Return the steps of a page as a bash script, which stops if a step fails that shouldn't.

    Args:
        steps: the steps that run on the machine.
        page: the page's name.
        title: the page's title.
        machine: the machine's name.
        called: the machine's title for readers.
        env: the environment of every session on the machine.
    """
    # Output that goes through another program, as with `exec > >(tee log)`, arrives a little later.
    wait = "; sleep 0.5" if any(may_come_late(step.source) for step in steps) else ""
    parts = [
        "#!/usr/bin/env bash",
        f"# {on_one_line(title)}: all steps of {on_one_line(page)}, for {on_one_line(called)}.",
        "#",
        "# Run it as root, on a machine that may be thrown away. It stops if a step fails that shouldn't. To compare",
        "# the outputs with the page too, run this in a copy of the site's sources:",
        f"#   fencepost check {quoted(on_one_line(f'{page}@{machine}'))}",
        *_kind_of_shell(steps),
        *(f"export {key}={quoted(value)}" for key, value in env.items()),
        "shopt -s expand_aliases",
        "exec </dev/null",
        _STOP_AT_FAILURES_OF_PIPELINES if any("|" in step.source for step in steps) else _STOP_AT_FAILURES,
        *(
            [_ENDED_WITH.replace("status=$?", f"status=$?{wait}")]
            if any(kind_of(step).is_transcript for step in steps)
            else []
        ),
        *([_LEAVE_STEP] if any(map(_fails, steps)) else []),
        "stop_at_failures",
    ]
    for head in dict.fromkeys(kind_of(step).script_head() for step in steps):
        parts += ["", head] if head else []
    for step in _with_early_readers(steps):
        parts += ["", f"# ---- {on_one_line(step.title or step.id)}", *_lines(step), *([wait[2:]] if wait else [])]
    # The last command may be one that fails as the page says.
    parts += ["", "exit 0"]
    return "\n".join(parts) + "\n"


def _with_early_readers(steps: Sequence[Snippet]) -> Iterator[Snippet]:
    """Yield the steps so that, as in the page's check, a writer that SIGPIPE ended doesn't count as a failure."""
    everywhere = any(sets_err_trap(step.source) for step in steps)
    shown = functions_shown(step.source for step in steps)
    for step in steps:
        if kind_of(step).is_bash:
            source = forgive_early_readers(step.source, everywhere=everywhere, plainly=True, shown=shown)
            yield replace(step, source=source)
        else:
            yield step


def _kind_of_shell(steps: Sequence[Snippet]) -> list[str]:
    """Return the lines that start another bash for the script, if its steps need one."""
    if any(asks_where_it_is(step.source) for step in steps if kind_of(step).is_bash):
        return [_WITHOUT_A_FILE]
    return [_INTERACTIVE] if any(_ASKS_FOR_A_READER.search(step.source) for step in steps) else []


def _fails(step: Snippet) -> bool:
    """Return whether the page says that the step fails."""
    return step.attributes.known_broken or bool(step.attributes.exit)


def _lines(step: Snippet) -> Iterator[str]:
    attributes = step.attributes
    if attributes.hidden:
        yield "# (not shown on the page)"
    if attributes.fixtures:
        yield "# Left out: it needs pytest's fixture " + ", ".join(map(on_one_line, attributes.fixtures))
        return
    if attributes.retry:
        yield f"# The page's check tries this up to {attributes.retry + 1} times."
    if attributes.wait_for:
        yield f"until {probe_for(attributes.wait_for)}; do sleep 1; done"
    if attributes.known_broken:
        yield f"# Known to be broken: {on_one_line(attributes.reason)}"
    elif attributes.exit:
        yield f"# Fails as the page says, with exit status {attributes.exit}:"
    if not _fails(step):
        yield from kind_of(step).script(step)
    elif kind_of(step).is_transcript:
        # Only its output may differ, and a script doesn't compare output.
        yield from _shown(step)
    else:
        yield from _failing(kind_of(step).script(step), attributes.exit)


def _shown(step: Snippet) -> Iterator[str]:
    """Yield the commands of a known-broken transcript as comments: their exit statuses aren't known."""
    with suppress(TranscriptProblem):
        for command in kind_of(step).commands(step.source):
            yield "# " + command.source.replace("\n", "\n# ")


def _failing(lines: Iterable[str], status: int | None) -> Iterator[str]:
    """Yield a step that the page says fails, and that ends at its first failing command.

    It is sourced, so that a trap can `return` from it, and at the script's top level, so that its variables stay.
    """
    yield "leave_step"
    yield from here_document(". /dev/stdin", "\n".join(lines), "STEP")
    condition = "-ne 0" if status is None else f"-eq {status}"
    yield f'failed=$?; trap - ERR DEBUG; set +T; stop_at_failures; [ "$failed" {condition} ]'
