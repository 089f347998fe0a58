"""All steps of a page on a machine as one script, for a reader who wants to do it themselves."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files

from fencepost.page.snippet import Snippet
from fencepost.session.bash_text import quoted
from fencepost.terminal import on_one_line
from fencepost.transcript.parse import TranscriptProblem, parse_transcript

# What ends a step at its first failing command, without ending the script; not in a subshell, which ends by itself.
_TO_BE_LEFT = "set +e -E; trap 'failed=$?; ((BASH_SUBSHELL == 0 && ${#BASH_SOURCE[@]} > 1)) && return \"$failed\"' ERR"
# The same `__main__` as on the page's own machine.
_LIVE_MAIN = files("fencepost.session").joinpath("live_main.py").read_text("utf-8")
_PYTHON = files("fencepost.publish").joinpath("python_steps.sh").read_text("utf-8").replace("LIVE_MAIN", _LIVE_MAIN, 1)


def script_of_steps(
    steps: Sequence[Snippet], *, page: str, title: str, machine: str, called: str, env: Mapping[str, str]
) -> str:
    """The steps of a page as a bash script that stops where a step fails that shouldn't.

    Args:
        steps: those that run on the machine.
        page: the page's name.
        title: the page's title.
        machine: the machine's name.
        called: what readers call the machine.
        env: the environment that every session there has.
    """
    parts = [
        "#!/usr/bin/env bash",
        f"# {on_one_line(title)}: all steps of {on_one_line(page)}, for {on_one_line(called)}.",
        "#",
        "# Meant for a machine that may be thrown away, as root. It stops where a step fails that shouldn't; whether",
        "# each prints what the page shows is checked on the page's own machine alone:",
        f"#   fencepost check {quoted(on_one_line(f'{page}@{machine}'))}",
        "set -e -o pipefail",
        *(f"export {key}={quoted(value)}" for key, value in env.items()),
        "exec </dev/null",
    ]
    if any(step.runner == "python" for step in steps):
        parts += ["", _PYTHON.rstrip("\n")]
    for step in steps:
        parts += ["", f"# ---- {on_one_line(step.title or step.id)}", *_lines(step)]
    return "\n".join(parts) + "\n"


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
        yield _wait_for(attributes.wait_for)
    if attributes.known_broken:
        yield f"# Known to be broken: {on_one_line(attributes.reason)}"
        yield from _failing(_body(step), attributes.exit)
    elif attributes.exit:
        yield f"# Fails as the page says, with exit status {attributes.exit}:"
        yield from _failing(_body(step), attributes.exit)
    else:
        yield from _body(step)


def _body(step: Snippet) -> Iterator[str]:
    if step.runner == "file":
        path = step.attributes.file
        yield f"mkdir -p -- {quoted(posixpath.dirname(path) or '.')}"
        yield from _here_document(f"cat >{quoted(path)}", step.source, "END")
    elif step.runner == "python":
        yield from _here_document(f"python_step {quoted(f'<step {step.id}>')}", step.source, "PYTHON")
    elif step.runner == "console":
        yield from _commands(step.source)
    else:
        yield step.source


def _commands(transcript: str) -> Iterator[str]:
    try:
        commands = parse_transcript(transcript)
    except TranscriptProblem as problem:
        yield f"# Left out: {on_one_line(problem.message)}"
        return
    for command in commands:
        yield from _failing([command.source], command.status) if command.status else [command.source]


def _failing(lines: Iterable[str], status: int | None) -> Iterator[str]:
    """A step that fails, and ends at its first failing command: what comes behind that was never meant to run.

    Sourced, for a `return` out of a trap; at the script's top level, so that what it sets lives on.
    """
    yield _TO_BE_LEFT
    yield from _here_document(". /dev/stdin", "\n".join(lines), "STEP")
    wanted = "-ne 0" if status is None else f"-eq {status}"
    yield f'failed=$?; trap - ERR; set -e +E; [ "$failed" {wanted} ]'


def _here_document(command: str, text: str, end: str) -> Iterator[str]:
    lines = text.split("\n")
    while end in lines:
        end += "_"
    yield f"{command} <<'{end}'"
    yield from lines
    yield end


def _wait_for(what: str) -> str:
    kind, _, rest = what.partition(":")
    there = f"(exec 3<>/dev/tcp/127.0.0.1/{rest}) 2>/dev/null" if kind == "port" else f"[ -e {quoted(rest)} ]"
    return f"until {there}; do sleep 1; done"
