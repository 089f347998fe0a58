"""Judge what a check printed and recorded after one of its processes was killed.

The site's verdicts are known. The killed process decides which other verdicts are right:

- the check: none. Its records are true, or are those of the check before.
- the engine (client, monitor, runtime, daemon, the container's first process, QEMU): the step has an `error`, and the
  exit status is 3. Nothing wrong is recorded, and no step is blamed.
- the session (bash, Python): its step has failed, killed by signal 9, because Fencepost can't distinguish this from a
  step that ends its shell. Or it is an `error`, if no step was running.

Steps after one that went wrong may be blocked. A green verdict for a step that doesn't work is always wrong.
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
# A step of `fails.md` fails, so an undisturbed check exits with 1.
TRUE_STATUS, ENGINE_STATUS, KILLED = 1, 3, -9
_STEP = re.compile(r"^  (?P<verdict>\S+) (?P<page>[\w-]+)@\S+?: (?P<step>\S+) \([\d.]+ s\)(?:: (?P<reason>.*))?$")


@dataclass
class Findings:
    """Everything that is wrong; all lists should be empty.

    Attributes:
        verdicts: the wrong verdicts.
        records: the incomplete files.
        left: the things that are left behind after the next check.
    """

    verdicts: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class StepVerdict:
    """A verdict that was printed or recorded."""

    step: str
    verdict: str
    reason: str


def verdicts_in(output: str) -> dict[str, list[StepVerdict]]:
    """Return the verdicts that a check printed, by page."""
    by_page: dict[str, list[StepVerdict]] = {}
    for line in output.splitlines():
        if match := _STEP.match(line):
            verdict = StepVerdict(match["step"], match["verdict"], match["reason"] or "")
            by_page.setdefault(f"docs/{match['page']}.md", []).append(verdict)
    return by_page


def wrong_in(page: str, verdicts: list[StepVerdict], victim: str, *, recorded: bool) -> list[str]:
    """Return the wrong ones among the verdicts of a page, in words."""
    wrong = []
    stopped = False
    for step in verdicts:
        true = TRUTH[page][step.step]
        blamed = victim in SESSION and step.verdict == "failed" and "killed by signal 9" in step.reason
        excused = victim != "checker" and not recorded and step.verdict == "error"
        fine = step.verdict == true or blamed or excused or (stopped and step.verdict == "blocked")
        stopped = stopped or blamed or excused
        if not fine:
            where = "recorded" if recorded else "printed"
            wrong.append(f"{where}: {page} {step.step} is {step.verdict} ({step.reason}), not {true}")
    return wrong


def judge_output(output: str, status: int, victim: str) -> list[str]:
    """Return what is wrong with the output of a check and with its exit status."""
    by_page = verdicts_in(output)
    wrong = [text for page, steps in by_page.items() for text in wrong_in(page, steps, victim, recorded=False)]
    verdicts = [step.verdict for steps in by_page.values() for step in steps]
    if victim == "checker":
        right = {KILLED, TRUE_STATUS}
    elif "error" in verdicts or not by_page:
        right = {ENGINE_STATUS}
    else:
        right = {TRUE_STATUS}
    if status not in right:
        wrong.append(f"exit status {status}")
    return wrong


def judge_records(place: Place, victim: str) -> Findings:
    """Judge the records and the files beside them."""
    findings = Findings()
    store = RecordStore(place.folder / ".fencepost" / "records", read_only=True)
    for page, true in TRUTH.items():
        path = store.path_of(RunKey(page, place.machine))
        try:
            record = Record.from_json(path.read_bytes())
        except (OSError, ValueError) as error:
            findings.records.append(f"{path.name}: {error!r:.80}")
            continue
        verdicts = [StepVerdict(snippet.id, snippet.verdict, snippet.reason or "") for snippet in record.snippets]
        if [step.step for step in verdicts] != list(true):
            findings.records.append(f"{path.name} has other steps than its page")
        findings.verdicts += wrong_in(page, verdicts, victim, recorded=True)
        findings.records += _judge_history(path)
    return findings


def _judge_history(path: Path) -> list[str]:
    """Return what is wrong with the history beside a record."""
    wrong = []
    text = path.with_suffix(".runs").read_bytes()
    for line in text.splitlines():
        try:
            json.loads(line)
        except ValueError:
            wrong.append(f"{path.stem}.runs has an incomplete line")
    if text[-1:] != b"\n":
        wrong.append(f"{path.stem}.runs ends in the middle of a line")
    return wrong


def judge_next(output: str, status: int) -> list[str]:
    """Return what is wrong with the next check, which is undisturbed."""
    wrong = [f"the next check: {text}" for text in judge_output(output, status, "checker")]
    return wrong if status == TRUE_STATUS else [*wrong, f"the next check: exit status {status}"]
