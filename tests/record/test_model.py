"""What a record holds, its published schema, and the recording that is made of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from records import a_failed_step, a_record, a_step

from fencepost.record.model import KEPT_HEAD, KEPT_TAIL, Record, json_schema, kept_output
from fencepost.verdicts import Verdict, worst

# What others may rely on.
KEYS = {
    "schema page machine image engine accelerator fencepost started seconds verdict snippets": lambda told: told,
    "id language file line source_sha256 verdict exit seconds output truncated reason failure": (
        lambda told: told["snippets"][0]
    ),
    "file line command expected actual": lambda told: told["snippets"][1]["failure"],
}


@pytest.mark.parametrize(("keys", "part"), KEYS.items())
def test_the_keys_that_others_rely_on(keys: str, part: Any) -> None:
    told = json.loads(a_record(a_step(), a_failed_step()).to_json())
    assert set(keys.split()) <= set(part(told))
    assert told["schema"] == 1
    assert told["started"] == "2026-11-23T14:00:00Z"


def test_to_json_and_back() -> None:
    record = a_record(a_step(), a_failed_step(), network=True, capabilities=("SYS_ADMIN",), accelerator="tcg")
    assert Record.from_json(record.to_json()) == record


def test_keys_of_a_later_version_are_no_hindrance() -> None:
    told = json.loads(a_record().to_json())
    assert Record.from_json(json.dumps({**told, "colour": "green"})) == a_record()


@pytest.mark.parametrize(
    "told", [{"schema": 2}, {"verdict": "fine"}, {"seconds": -1}, {"seconds": 1e308}, {"started": "yesterday"}]
)
def test_what_is_no_record(told: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Record.from_json(json.dumps({**json.loads(a_record().to_json()), **told}))


def test_the_schema_describes_what_is_written() -> None:
    schema = json_schema()
    told = json.loads(a_record(a_step(), a_failed_step()).to_json())
    assert_described(told, schema)
    assert_described(told["snippets"][0], schema["$defs"]["SnippetRecord"])
    assert_described(told["snippets"][1]["failure"], schema["$defs"]["FailureRecord"])
    assert set(schema["$defs"]["Verdict"]["enum"]) == set(Verdict)
    assert schema["title"] == "Fencepost record, schema 1"


def assert_described(told: dict[str, object], schema: dict[str, Any]) -> None:
    assert set(told) == set(schema["properties"])
    assert set(schema["required"]) <= set(told)


def test_known_broken_steps_count_beside() -> None:
    broken, failed, skipped = (a_step(word, verdict=word) for word in ("known-broken", "failed", "skipped"))
    assert a_record(a_step(), a_step("two")).counted == (2, 2, 0)
    assert a_record(a_step(), broken, failed, skipped).counted == (1, 3, 1)
    assert a_record().counted == (0, 0, 0)


def test_long_output_keeps_its_ends() -> None:
    whole = "x" * (KEPT_HEAD + KEPT_TAIL)
    assert kept_output(whole) == (whole, False)
    output, truncated = kept_output("first" + whole + "last")
    assert truncated
    assert output.startswith("first")
    assert output.endswith("last")
    assert "\n[... 9 characters left out ...]\n" in output


def test_the_worst_verdict_is_the_pages() -> None:
    assert worst([]) is Verdict.SKIPPED
    assert worst([Verdict.PASSED, Verdict.KNOWN_BROKEN]) is Verdict.KNOWN_BROKEN
    assert worst([Verdict.FAILED, Verdict.BLOCKED, Verdict.BLOCKED]) is Verdict.FAILED
    assert worst([Verdict.FAILED, Verdict.ERROR, Verdict.TIMED_OUT]) is Verdict.ERROR
    red = {verdict for verdict in Verdict if verdict.is_red}
    assert {str(verdict) for verdict in red} == {"failed", "timed-out", "unexpectedly-works", "blocked", "error"}


def test_in_short_a_record_tells_all_but_the_steps_that_passed() -> None:
    failed = a_failed_step().model_copy(update={"source": "false", "output": "no\n"})
    broken = a_step("step-3", verdict="known-broken", reason="gone since 2015")
    record = a_record(a_step(source="echo hello"), failed, broken, a_step("step-4"))
    short = record.in_short()
    assert short.snippets[1:3] == (failed, broken)
    assert short.snippets[0] is short.snippets[3]
    assert [step.verdict for step in short.snippets] == [step.verdict for step in record.snippets]
    assert short.counted == record.counted
    assert record.snippets[0].output == "hello\n"
    assert short.model_copy(update={"snippets": record.snippets}) == record


@pytest.mark.parametrize(
    "told",
    [
        {"started": "2026-11-23T14:00:00"},
        {"started": "0001-01-01T00:00:00+14:00"},
        {"started": "9999-12-31T23:59:59-14:00"},
        {"seconds": 1e999},
    ],
    ids=["a time without a zone", "before all times", "after all times", "no end of seconds"],
)
def test_what_could_not_be_compared_or_told_is_no_record(told: dict[str, object]) -> None:
    text = json.dumps({**json.loads(a_record(a_step()).to_json()), **told})
    with pytest.raises(ValueError, match=next(iter(told))):
        Record.from_json(text)


def test_a_record_of_before_there_were_notes_has_none() -> None:
    told = json.loads(a_record(a_step()).to_json())
    del told["snippets"][0]["notes"]
    assert Record.from_json(json.dumps(told)).snippets[0].notes == ()


def test_in_short_a_record_keeps_the_notes_of_steps_that_passed() -> None:
    noted = a_step(notes=[{"file": "docs/page.md", "line": 5, "text": "passed only at try 2 of 3"}])
    assert a_record(noted).in_short().snippets == (noted,)


def test_steps_in_which_nothing_runs_count_nowhere() -> None:
    empty = a_step("step-2", verdict="skipped", empty=True)
    assert a_record(a_step(), empty).counted == (1, 1, 0)
    assert a_record(a_step(), empty).empty == 1
    assert a_record(a_step(), empty).ran
    assert not a_record(a_step(), empty).nothing_to_run


def test_a_record_without_a_step_that_ran_says_why() -> None:
    skipped = a_step(verdict="skipped", reason="needs pytest, for its fixture answer")
    empty = a_step("step-2", verdict="skipped", empty=True)
    assert not a_record(skipped, empty, verdict="skipped").ran
    assert not a_record(skipped, empty, verdict="skipped").nothing_to_run
    assert a_record(empty, verdict="skipped").nothing_to_run
    # As earlier versions have written it.
    assert a_record().nothing_to_run
    assert not a_record().ran
    assert a_record(skipped, image="", verdict="skipped").lacks_something
    assert not a_record(skipped, verdict="skipped").lacks_something
