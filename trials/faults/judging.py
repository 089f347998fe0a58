"""Whether what a check has told and recorded is right, after a process of it was killed.

The site's verdicts are known. What died decides what else may be said:

- the check: nothing. What it has recorded is true, or it is what was recorded before.
- the engine (client, monitor, runtime, daemon, the container's first process, QEMU): that the step has an `error`, and
  the status 3. Nothing false is recorded, and no step blamed.
- the session (bash, Python): that its step has failed, killed by signal 9. To Fencepost this is what a step does that
  ends its shell. Or an `error`, where no step was running.

What comes behind a step that went wrong may be blocked. A green verdict for a step that doesn't work is never right.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.run_key import RunKey
from trials.faults.places import HERE, Place
from trials.faults.victims import SESSION

TRUTH: dict[str, dict[str, str]] = json.loads((HERE / "truth.json").read_text("utf-8"))
# A step of `fails.md` doesn't work, and so says the exit status of an undisturbed check.
TRUE_STATUS, ENGINE_STATUS, KILLED = 1, 3, -9
_STEP = re.compile(r"^  (?P<verdict>\S+) (?P<page>[\w-]+)@\S+?: (?P<step>\S+) \([\d.]+ s\)(?:: (?P<reason>.*))?$")


@dataclass
class Findings:
    """What is wrong. All of it should be empty.

    Attributes:
        verdicts: those that are wrong.
        records: files that aren't whole.
        left: what is left behind after the next start.
    """

    verdicts: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Said:
    """A verdict that was told, or recorded."""

    step: str
    verdict: str
    reason: str


def told_in(output: str) -> dict[str, list[Said]]:
    """The verdicts that a check has told, by page."""
    told: dict[str, list[Said]] = {}
    for line in output.splitlines():
        if match := _STEP.match(line):
            said = Said(match["step"], match["verdict"], match["reason"] or "")
            told.setdefault(f"docs/{match['page']}.md", []).append(said)
    return told


def wrong_in(page: str, said: list[Said], victim: str, *, recorded: bool) -> list[str]:
    """The wrong ones among the verdicts of a page."""
    wrong = []
    stopped = False
    for one in said:
        true = TRUTH[page][one.step]
        blamed = victim in SESSION and one.verdict == "failed" and "killed by signal 9" in one.reason
        excused = victim != "checker" and not recorded and one.verdict == "error"
        fine = one.verdict == true or blamed or excused or (stopped and one.verdict == "blocked")
        stopped = stopped or blamed or excused
        if not fine:
            where = "recorded" if recorded else "told"
            wrong.append(f"{where}: {page} {one.step} is {one.verdict} ({one.reason}), not {true}")
    return wrong


def judge_told(output: str, status: int, victim: str) -> list[str]:
    """What is wrong with what a check told, and with its exit status."""
    told = told_in(output)
    wrong = [text for page, said in told.items() for text in wrong_in(page, said, victim, recorded=False)]
    verdicts = [one.verdict for said in told.values() for one in said]
    if victim == "checker":
        right = {KILLED, TRUE_STATUS}
    elif "error" in verdicts or not told:
        right = {ENGINE_STATUS}
    else:
        right = {TRUE_STATUS}
    if status not in right:
        wrong.append(f"exit status {status}")
    return wrong


def judge_records(place: Place, victim: str) -> Findings:
    """Looks at every file beside the records, as they stand right after the kill."""
    findings = Findings()
    store = RecordStore(place.folder / ".fencepost" / "records", read_only=True)
    for page, true in TRUTH.items():
        path = store.path_of(RunKey(page, place.machine))
        try:
            record = Record.from_json(path.read_bytes())
        except (OSError, ValueError) as error:
            findings.records.append(f"{path.name}: {error!r:.80}")
            continue
        said = [Said(snippet.id, snippet.verdict, snippet.reason or "") for snippet in record.snippets]
        if [one.step for one in said] != list(true):
            findings.records.append(f"{path.name} has other steps than its page")
        findings.verdicts += wrong_in(page, said, victim, recorded=True)
        findings.records += _beside(path)
    return findings


def _beside(path: Path) -> list[str]:
    """What is wrong with the history beside a record."""
    wrong = []
    text = path.with_suffix(".runs").read_bytes()
    for line in text.splitlines():
        try:
            json.loads(line)
        except ValueError:
            wrong.append(f"{path.stem}.runs has a line that isn't whole")
    if text[-1:] != b"\n":
        wrong.append(f"{path.stem}.runs ends in the middle of a line")
    return wrong


def judge_next(output: str, status: int) -> list[str]:
    """What is wrong with the check after that, which nobody disturbs."""
    wrong = [f"the next check: {text}" for text in judge_told(output, status, "checker")]
    return wrong if status == TRUE_STATUS else [*wrong, f"the next check: exit status {status}"]
