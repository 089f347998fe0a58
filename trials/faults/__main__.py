"""Kills a process of a check at a random moment, again and again, and looks at what is said and what is left.

    make faults                       200 kills, as many of them as fit into nine minutes; again to go on
    make faults KILLS=20 SEED=other   others, and fewer
    make faults PLACES="docker vm"    those that fall there; several at a time don't disturb each other

Nothing else may make virtual machines meanwhile: whose an engine's volume is nobody can tell.

Each time: a check of a small site whose verdicts are known, one kill, and the next check, which nobody disturbs. The
table is written to `results.md` after each go, with those of the goes before with the same seed.
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

from trials.faults.judging import TRUE_STATUS, TRUTH, judge_next, judge_records, judge_told
from trials.faults.left_behind import files_of, left_behind, volumes_of
from trials.faults.places import HERE, KEPT, Daemon, Place, daemon, place_at
from trials.faults.table import Kill, add_kill, read_kills, table_of
from trials.faults.victims import VICTIMS, kill_one

GO_SECONDS = float(os.environ.get("SECONDS_A_GO", "") or 540)
# On a busy computer an emulated machine takes minutes.
CHECK_SECONDS = 600
# runc makes a container in less than a tenth of a second; what else there is stays for a while.
LOOKS_EVERY = {"runtime": 0.02}
LOOKS_USUALLY_EVERY = 0.2
# Containers are checked in a second and die in many ways; a virtual machine takes its time.
TURNS = ("podman", "docker", "podman", "docker", "podman", "docker", "vm")


@dataclass
class Went:
    """How a disturbed check went."""

    output: str
    status: int
    killed: str
    phase: str
    after: float


@dataclass
class Ready:
    """A place whose machines are built, and what an undisturbed check leaves there."""

    place: Place
    engine: str
    files: set[str]
    volumes: set[str]


def disturbed(place: Place, victim: str, moment: float, own: Daemon | None, chance: random.Random) -> Went:
    """A check of which a process is killed as soon after the moment as there is one of that kind."""
    started = time.monotonic()
    process = place.start("--fresh")
    told: list[str] = []
    assert process.stdout
    reader = threading.Thread(target=told.extend, args=[process.stdout])
    reader.start()
    time.sleep(moment)
    killed, phase = "", ""
    while not killed and process.poll() is None:
        phase = _phase(told)
        killed = kill_one(victim, place, process.pid, own, chance)
        if not killed:
            time.sleep(LOOKS_EVERY.get(victim, LOOKS_USUALLY_EVERY))
    after = time.monotonic() - started
    try:
        process.wait(CHECK_SECONDS)
    except Exception:
        told.append("hung\n")
        process.kill()
    reader.join(10)
    status = process.wait()
    return Went("".join(told), status, killed, phase, round(after, 2))


def _phase(told: list[str]) -> str:
    """What a check is doing, by what it has told."""
    text = "".join(told)
    if "runs because" not in text:
        return "before the first page"
    if not any(line.startswith("  ") for line in text.splitlines()):
        return "a machine starts"
    return "the last page" if text.count(" steps, ") >= len(TRUTH) - 1 else "in the midst of it"


def undisturbed(place: Place, *arguments: str) -> tuple[str, int]:
    """A check from beginning to end."""
    process = place.start(*arguments)
    output = process.communicate(timeout=900)[0]
    return output, process.returncode


def one_kill(number: int, seed: str, victim: str, ready: Ready, own: Daemon | None) -> Kill | None:
    """One kill and the check behind it; `None` where nothing of that kind was there to be killed."""
    place = ready.place
    chance = random.Random(f"{seed} {number}")
    for _ in range(8):
        went = disturbed(place, victim, chance.uniform(0, place.clean_seconds), own, chance)
        if went.killed:
            break
    else:
        return None
    findings = judge_records(place, victim)
    findings.verdicts += judge_told(went.output, went.status, victim)
    if victim == "daemon" and own:
        own.start()
    output, status = undisturbed(place)
    findings.verdicts += judge_next(output, status)
    findings.records += judge_records(place, "checker").records
    findings.left += left_behind(place, ready.files, ready.volumes)
    if findings.verdicts:
        (KEPT / f"kill-{number}.log").write_text(f"{went}\n\n{went.output}\n\nthe next check:\n{output}", "utf-8")
    return Kill(
        number=number,
        place=place.name,
        engine=ready.engine,
        victim=victim,
        phase=went.phase,
        after=went.after,
        outcome=f"status {went.status}",
        wrong_verdicts=findings.verdicts,
        half_records=findings.records,
        left=findings.left,
    )


def made_ready(name: str, own: Daemon | None) -> Ready:
    """A place with its machines built, and its verdicts as they should be."""
    if name == "docker" and own:
        builder = place_at("podman", KEPT / "builder")
        undisturbed(builder)
        own.load(_image_of(builder))
    place = place_at(name, KEPT / name, own.socket if own and name == "docker" else None)
    # The first one may build what it needs.
    undisturbed(place)
    started = time.monotonic()
    output, status = undisturbed(place, "--fresh")
    place.clean_seconds = time.monotonic() - started
    if status != TRUE_STATUS or judge_told(output, status, "checker") or judge_records(place, "checker").verdicts:
        sys.exit(f"{name}: the undisturbed check isn't as it should be, so nothing can be told:\n{output}")
    engine = json.loads(next(place.folder.rglob("*@*.json")).read_text("utf-8"))["engine"]
    return Ready(place, engine, files_of(place), volumes_of(place))


def main() -> None:
    """One go."""
    seed, wanted = os.environ.get("SEED") or "fencepost", int(os.environ.get("KILLS") or 200)
    places = (os.environ.get("PLACES") or "podman docker vm").split()
    kept = KEPT / f"{seed}.jsonl"
    KEPT.mkdir(parents=True, exist_ok=True)
    done = {kill.number for kill in read_kills(kept)}
    began = time.monotonic()
    print(f"seed {seed}: {len(done)} of {wanted} kills done", flush=True)
    with contextlib.ExitStack() as stack:
        own = stack.enter_context(daemon()) if "docker" in places else None
        ready: dict[str, Ready] = {}
        for number in range(wanted):
            name = TURNS[number % len(TURNS)]
            victim = VICTIMS[name][_turn_of(number) % len(VICTIMS[name])]
            if number in done or name not in places or (name == "docker" and not own):
                continue
            if time.monotonic() - began > GO_SECONDS:
                print("the time is up: run it again to go on", flush=True)
                break
            if name not in ready:
                ready[name] = made_ready(name, own)
            kill = one_kill(number, seed, victim, ready[name], own)
            if kill is None:
                print(f"{number} {name} {victim}: there was none to kill", flush=True)
                continue
            add_kill(kept, kill)
            print(f"{number} {name} {victim}, {kill.phase}: {kill.outcome}", *kill.wrong, sep="; ", flush=True)
    kills = sorted(read_kills(kept), key=lambda kill: kill.number)
    if kills:
        (HERE / "results.md").write_text(table_of(kills, seed, wanted), "utf-8")
    sys.exit(any(kill.wrong for kill in kills))


def _turn_of(number: int) -> int:
    """How often it was this place's turn before."""
    name, length = TURNS[number % len(TURNS)], len(TURNS)
    return number // length * TURNS.count(name) + TURNS[: number % length].count(name)


def _image_of(place: Place) -> str:
    """The name of the image that was built of the site's machine."""
    record = next(place.folder.rglob("*@*.json"))
    identity = str(json.loads(record.read_text("utf-8"))["image"])
    return place.call("image", "inspect", "--format", "{{index .RepoTags 0}}", identity).stdout.strip()


if __name__ == "__main__":
    if not shutil.which("podman"):
        sys.exit("this trial needs podman")
    main()
