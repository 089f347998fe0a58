"""Transcripts do what they do at a terminal: hundreds are typed into a bash at a real pseudo-terminal.

Each runs twice on the same machine: by Fencepost, as console fences of a page, and by `typist.py`, at a terminal. The
screens and the exit statuses have to be the same, except for the commands in `MUST_DIFFER`.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fencepost.machine.container_machine import ContainerMachine
from fencepost.machine.engine import Engine
from fencepost.machine.image import provide_image
from fencepost.machine.making import Making
from fencepost.record.model import SnippetRecord
from fencepost.session.page_session import PageSession
from fencepost.terminal import lines_of
from fencepost.transcript.parse import TranscriptProblem, parse_transcript
from tests.helpers.checking import check
from tests.helpers.site_builder import SiteBuilder
from tests.session.random_transcripts import transcripts

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SEED, BY_CHANCE = 14, 120
CTRL_D = "\n\x04"

# Pages whose commands harm the machine, wait, run on virtual machines only, are several in one, or whose output comes
# when it comes.
NOT_HERE = re.compile(
    r"/(?:hostile|vm|expression-in-a-transcript|transcript-that-takes-long|transcript-that-stops|part-4|kvm-in-two-hours"
    r"|51b-output-through-a-program)\b"
)
NOT_WITHOUT_A_NETWORK = re.compile(r"\bapt-get (?:-\S+ )*(?:install|update)\b")
# What belongs to no output: notices of finished jobs, which come when they come; what only a bash with a terminal says
# of a command that a signal has ended; a fault of bash's own, which comes by chance; the prompt that a page sets.
NO_OUTPUT = re.compile(
    r"^\[\d+\][-+ ]? +(?:Running|Done|Exit \d+|Terminated|Killed|Hangup|Stopped)\b.*\n?"
    r"|^(?:Terminated|Killed|Segmentation fault)\n|^bash: wait_for: No record of process \d+\n|<prompt [^>]*>\s?",
    re.MULTILINE,
)
# Numbers of processes, and of jobs: a job that has ended keeps its number until bash has told so.
NUMBERS = re.compile(r"^\[[0-9]+\] [0-9]+$", re.MULTILINE)
# Commands that do something else than at a terminal, and must: what they look like, and why.
MUST_DIFFER = {
    r"^#|^$": "nothing is run where nothing is typed but a comment",
    r"^!!$|a!b\"|^fc |^history ": "a page's text is taken as it stands, whatever its reader has typed before",
    r"\btest -t|\[ -t|^tty$|^stty |^read -p |/dev/tty|^cat log$": "a page has no terminal, for it runs anywhere",
    r"^ls d$|^(?!.*\|).*apt-get check": "programs that ask whether their output is a terminal write for a file",
    r"^echo \$LINES$|^echo \$-$|^set -o \|": "what bash knows of its terminal, and of its history",
    r"^fg$|^bg$": "without a terminal no job can have it",
}


@dataclass(frozen=True)
class Seen:
    """What a command did.

    Attributes:
        lines: what the screen showed.
        status: its exit status.
        lives: whether the shell is still there.
    """

    lines: tuple[str, ...]
    status: int | None
    lives: bool


@pytest.mark.engine
def test_transcripts_run_as_typed_at_a_terminal(build: SiteBuilder, podman: Engine) -> None:
    build.real_machine("python")
    typed = [*typed_by_people(), *in_pages(), *transcripts(SEED, BY_CHANCE)]
    there, here = at_a_terminal(build, podman, typed), by_fencepost(build, podman, typed)
    unmeant, excused = [], set()
    for commands, expected, got in zip(typed, there, here, strict=True):
        for command, at_terminal, by_us in zip(commands, expected, got, strict=True):
            reasons = {pattern for pattern in MUST_DIFFER if re.search(pattern, command)}
            if at_terminal != by_us:
                excused |= reasons
                unmeant += [] if reasons else [f"$ {command}\n  at a terminal: {at_terminal}\n  by Fencepost:  {by_us}"]
    if unmeant:
        pytest.fail("\n".join([f"{len(unmeant)} commands differ:", *unmeant]), pytrace=False)
    assert excused == set(MUST_DIFFER), "what does the same as at a terminal needs no reason"


def typed_by_people() -> Iterator[list[str]]:
    """The transcripts of `typed.txt`."""
    for block in (HERE / "typed.txt").read_text("utf-8").split("\n\n"):
        commands: list[str] = []
        for line in block.split("\n"):
            if line.startswith("$ "):
                commands.append(line[2:])
            elif line.startswith("> "):
                commands[-1] += f"\n{line[2:]}"
            elif line == "^D":
                commands[-1] += CTRL_D
        if commands:
            yield commands


def in_pages() -> Iterator[list[str]]:
    """The commands of the console fences in pages of the tests and of the site, those of a page together."""
    fence = re.compile(r"^([ >]*)(`{3,}|~{3,})[ {.]*console\b.*\n((?:.*\n)*?)\1\2\s*$", re.MULTILINE)
    for page in [path for folder in ("tests", "docs") for path in sorted((ROOT / folder).rglob("*.md"))]:
        if NOT_HERE.search(page.as_posix()):
            continue
        commands = []
        for indent, _, text in fence.findall(page.read_text("utf-8", "replace")):
            lines = text.replace("\r", "").split("\n")
            with contextlib.suppress(TranscriptProblem):
                commands += parse_transcript("\n".join(line.removeprefix(indent) for line in lines))
        typed = [command.source for command in commands if not NOT_WITHOUT_A_NETWORK.search(command.source)]
        if typed:
            yield typed


def by_fencepost(build: SiteBuilder, engine: Engine, typed: list[list[str]]) -> list[list[Seen]]:
    """What Fencepost saw of each command of each transcript: each is a step, and each transcript a page."""
    for number, commands in enumerate(typed):
        steps = [fence("bash", "mkdir /work && cd /work"), *(fence("console", transcript(text)) for text in commands)]
        build.page("---\nmachine: python\ntimeout: 20\n---\n\n" + "\n".join(steps), f"{number:04}.md")
    records = check(build, engine, fresh=True, jobs=2)
    return [[seen(step) for step in record.snippets[1:]] for record in records]


def fence(language: str, text: str) -> str:
    return f"``````````{language} {{ .always }}\n{text}\n``````````\n"


def transcript(text: str) -> str:
    return "$ " + text.removesuffix(CTRL_D).replace("\n", "\n> ")


def seen(step: SnippetRecord) -> Seen:
    output = step.output.removeprefix(step.source.rstrip("\n") + "\n")
    return Seen(comparable(output), step.exit, not (step.reason or "").startswith("ended its shell"))


def at_a_terminal(build: SiteBuilder, engine: Engine, typed: list[list[str]]) -> list[list[Seen]]:
    """What a terminal on such a machine showed of each command of each transcript."""
    site = build.read()
    definition = site.machines["python"]
    image = provide_image(engine, definition, Making(may_pull=False))
    machine = ContainerMachine(engine, image, definition, site.settings, network=False)
    try:
        PageSession(machine, 1 << 20).start()
        argv = engine.argv(
            "exec", "--interactive", machine.name, "python3", "-c", (HERE / "typist.py").read_text("utf-8")
        )
        done = subprocess.run(argv, input=json.dumps(typed), capture_output=True, text=True, check=True, timeout=250)
    finally:
        machine.close()
    return [
        [Seen(comparable(command["output"]), command["status"], command["lives"]) for command in commands]
        for commands in json.loads(done.stdout)
    ]


def comparable(screen: str) -> tuple[str, ...]:
    return tuple(lines_of(NUMBERS.sub("PID", NO_OUTPUT.sub("", screen))))
