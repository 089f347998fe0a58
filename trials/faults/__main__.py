"""Kill a process of a check at a random moment, again and again; look for wrong verdicts and for things left behind.

    make faults                       200 kills, as many as fit into nine minutes; repeat it to continue
    make faults KILLS=20 SEED=other   fewer kills, at other moments
    make faults PLACES="docker vm"    only the kills in these places; several runs at a time don't disturb each other

Don't make other virtual machines meanwhile: an engine's volume doesn't show which run made it.

Each round checks a small site whose verdicts are known, kills one process, and checks again undisturbed. After each run
the table is written to `results.md`, with the kills of earlier runs with the same seed.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import sys
import threading
import time
from dataclasses import dataclass

from trials.faults.judging import TRUE_STATUS, TRUTH, judge_next, judge_output, judge_records
from trials.faults.left_behind import files_of, left_behind, volumes_of
from trials.faults.places import HERE, KEPT, Daemon, Place, daemon, place_at
from trials.faults.table import Kill, add_kill, read_kills, table_of
from trials.faults.victims import VICTIMS, kill_one

RUN_SECONDS = float(os.environ.get("SECONDS_A_GO", "") or 540)
# Minutes, for an emulated machine on a busy computer.
CHECK_SECONDS = 600
# Look for runc often: it makes a container in less than a tenth of a second. Other processes live longer.
POLL_SECONDS = {"runtime": 0.02}
DEFAULT_POLL_SECONDS = 0.2
# More turns for containers, which are checked in a second, than for virtual machines, which are slow.
TURNS = ("podman", "docker", "podman", "docker", "podman", "docker", "vm")


@dataclass
class DisturbedCheck:
    """The result of a check in which a process was killed."""

    output: str
    status: int
    killed: str
    phase: str
    after: float


@dataclass
class PreparedPlace:
    """A place whose machines are built, and the files and volumes that an undisturbed check leaves there."""

    place: Place
    engine: str
    files: set[str]
    volumes: set[str]


def check_and_kill(
    place: Place, victim: str, moment: float, own: Daemon | None, chance: random.Random
) -> DisturbedCheck:
    """Check, and kill a process of that kind as soon as there is one after the moment."""
    started = time.monotonic()
    process = place.start("--fresh")
    lines: list[str] = []
    assert process.stdout
    reader = threading.Thread(target=lines.extend, args=[process.stdout])
    reader.start()
    time.sleep(moment)
    killed, phase = "", ""
    while not killed and process.poll() is None:
        phase = _phase(lines)
        killed = kill_one(victim, place, process.pid, own, chance)
        if not killed:
            time.sleep(POLL_SECONDS.get(victim, DEFAULT_POLL_SECONDS))
    after = time.monotonic() - started
    try:
        process.wait(CHECK_SECONDS)
    except Exception:
        lines.append("hung\n")
        process.kill()
    reader.join(10)
    status = process.wait()
    return DisturbedCheck("".join(lines), status, killed, phase, round(after, 2))


def _phase(lines: list[str]) -> str:
    """Return what a check is doing, from what it has printed."""
    text = "".join(lines)
    if "runs because" not in text:
        return "before the first page"
    if not any(line.startswith("  ") for line in text.splitlines()):
        return "a machine starts"
    return "the last page" if text.count(" steps, ") >= len(TRUTH) - 1 else "in the midst of it"


def undisturbed(place: Place, *arguments: str) -> tuple[str, int]:
    """Run a check without a kill; return its output and its exit status."""
    process = place.start(*arguments)
    output = process.communicate(timeout=900)[0]
    return output, process.returncode


def one_kill(number: int, seed: str, victim: str, prepared: PreparedPlace, own: Daemon | None) -> Kill | None:
    """Kill one process, check again, and judge both; `None` if there was no process of that kind to kill."""
    place = prepared.place
    chance = random.Random(f"{seed} {number}")
    for _ in range(8):
        check = check_and_kill(place, victim, chance.uniform(0, place.clean_seconds), own, chance)
        if check.killed:
            break
    else:
        return None
    findings = judge_records(place, victim)
    findings.verdicts += judge_output(check.output, check.status, victim)
    if victim == "daemon" and own:
        own.start()
    output, status = undisturbed(place)
    findings.verdicts += judge_next(output, status)
    findings.records += judge_records(place, "checker").records
    findings.left += left_behind(place, prepared.files, prepared.volumes)
    if findings.verdicts:
        (KEPT / f"kill-{number}.log").write_text(f"{check}\n\n{check.output}\n\nthe next check:\n{output}", "utf-8")
    return Kill(
        number=number,
        place=place.name,
        engine=prepared.engine,
        victim=victim,
        phase=check.phase,
        after=check.after,
        outcome=f"status {check.status}",
        wrong_verdicts=findings.verdicts,
        half_records=findings.records,
        left=findings.left,
    )


def prepare(name: str, own: Daemon | None) -> PreparedPlace:
    """Build a place's machines, and make sure that an undisturbed check there has the right verdicts."""
    if name == "docker" and own:
        builder = place_at("podman", KEPT / "builder")
        undisturbed(builder)
        own.load(_image_of(builder))
    place = place_at(name, KEPT / name, own.socket if own and name == "docker" else None)
    # The first check builds what is missing, so it isn't timed.
    undisturbed(place)
    started = time.monotonic()
    output, status = undisturbed(place, "--fresh")
    place.clean_seconds = time.monotonic() - started
    if status != TRUE_STATUS or judge_output(output, status, "checker") or judge_records(place, "checker").verdicts:
        sys.exit(f"{name}: the undisturbed check is wrong, so kills prove nothing:\n{output}")
    engine = json.loads(next(place.folder.rglob("*@*.json")).read_text("utf-8"))["engine"]
    return PreparedPlace(place, engine, files_of(place), volumes_of(place))


def main() -> None:
    """Kill until the time is up, and write the table."""
    seed, total = os.environ.get("SEED") or "fencepost", int(os.environ.get("KILLS") or 200)
    places = (os.environ.get("PLACES") or "podman docker vm").split()
    kept = KEPT / f"{seed}.jsonl"
    KEPT.mkdir(parents=True, exist_ok=True)
    done = {kill.number for kill in read_kills(kept)}
    began = time.monotonic()
    print(f"seed {seed}: {len(done)} of {total} kills done", flush=True)
    with contextlib.ExitStack() as stack:
        own = stack.enter_context(daemon()) if "docker" in places else None
        ready: dict[str, PreparedPlace] = {}
        for number in range(total):
            name = TURNS[number % len(TURNS)]
            victim = VICTIMS[name][_turn_of(number) % len(VICTIMS[name])]
            if number in done or name not in places or (name == "docker" and not own):
                continue
            if time.monotonic() - began > RUN_SECONDS:
                print("the time is up: run it again to continue", flush=True)
                break
            if name not in ready:
                ready[name] = prepare(name, own)
            kill = one_kill(number, seed, victim, ready[name], own)
            if kill is None:
                print(f"{number} {name} {victim}: no such process to kill", flush=True)
                continue
            add_kill(kept, kill)
            print(f"{number} {name} {victim}, {kill.phase}: {kill.outcome}", *kill.wrong, sep="; ", flush=True)
    kills = sorted(read_kills(kept), key=lambda kill: kill.number)
    if kills:
        (HERE / "results.md").write_text(table_of(kills, seed, total), "utf-8")
    sys.exit(any(kill.wrong for kill in kills))


def _turn_of(number: int) -> int:
    """Return how many turns this place had before."""
    name, length = TURNS[number % len(TURNS)], len(TURNS)
    return number // length * TURNS.count(name) + TURNS[: number % length].count(name)


def _image_of(place: Place) -> str:
    """Return the name of the image of the site's machine."""
    record = next(place.folder.rglob("*@*.json"))
    identity = str(json.loads(record.read_text("utf-8"))["image"])
    return place.call("image", "inspect", "--format", "{{index .RepoTags 0}}", identity).stdout.strip()


if __name__ == "__main__":
    if not shutil.which("podman"):
        sys.exit("this trial needs podman")
    main()
