"""Records as terminal recordings."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from fencepost.publish.cast import cast_of
from fencepost.record.model import Record
from tests.helpers.records import a_failed_step, a_record, a_step

TRANSCRIPT = "$ echo a\na\n$ for n in 1 2; do\n>     echo $n\n> done\n1\n2\n"


def lines_of_cast(record: Record) -> list[Any]:
    # JSON Lines end with a line feed alone; an output may hold other ends of lines.
    return [json.loads(line) for line in cast_of(record).removesuffix("\n").split("\n")]


def shown(*steps: Any) -> str:
    """All that a watcher sees, without colours."""
    _, *events = lines_of_cast(a_record(*steps))
    text = "".join(event[2] for event in events if event[1] == "o")
    for code in ("\x1b[2m", "\x1b[31m", "\x1b[0m"):
        text = text.replace(code, "")
    return text.replace("\r\n", "\n")


def test_a_recording_is_asciicast_2_with_markers() -> None:
    header, *events = lines_of_cast(a_record(a_step(output="one\ntwo\n"), a_step("step-2", title="The second")))
    assert header["version"] == 2
    assert (header["width"], header["height"]) == (80, 24)
    assert header["timestamp"] == 1795442400
    assert [event[2] for event in events if event[1] == "m"] == ["step-1", "The second"]


def test_commands_are_typed_and_their_output_follows() -> None:
    step = a_step(title="Two lines", source="cd /\necho hello", output="hello\n")
    assert shown(step) == "# Two lines\n$ cd /\n> echo hello\nhello\n"
    assert shown(a_step(language="python", source="x = 1\nprint(x)", output="1\n")) == (
        "# step-1\n>>> x = 1\n... print(x)\n1\n"
    )


def test_a_transcript_is_typed_at_its_own_prompts() -> None:
    source = TRANSCRIPT.replace("1\n2\n", "...\n").removesuffix("\n")
    step = a_step(language="console", source=source, output=TRANSCRIPT)
    assert shown(step) == "# step-1\n" + TRANSCRIPT
    _, *events = lines_of_cast(a_record(step))
    assert ["o", "o"] in [[event[1], event[2]] for event in events], "stroke after stroke"


def test_a_transcript_is_typed_as_a_terminal_shows_it() -> None:
    source = "# First\n$ . .v/bin/activate\n(.v) $ for n in 1; do\n  echo $n\ndone\n1\n(.v) $ echo a\n> a"
    output = "$ . .v/bin/activate\n(.v) $ for n in 1; do\n  echo $n\ndone\n1\n(.v) $ echo a\n> a\n"
    step = a_step(language="console", source=source, output=output)
    typed = output.replace("  echo $n\ndone", ">   echo $n\n> done")
    assert shown(step) == "# step-1\n" + typed


def test_a_stopped_transcript_shows_only_commands_that_ran() -> None:
    step = a_step(language="console", source="$ false\n$ echo never", output="$ false\n")
    assert shown(step) == "# step-1\n$ false\n"


def test_an_output_that_looks_like_the_next_command_is_output() -> None:
    output = "$ printf 'a $ echo b\\n'\na $ echo b\n$ echo b\nb\n"
    source = "$ printf 'a $ echo b\\n'\n$ echo b"
    assert shown(a_step(language="console", source=source, output=output)) == "# step-1\n" + output


def test_a_file_is_there_at_once() -> None:
    step = a_step(language="bash", source="a\nb", written_to="/etc/a", output="")
    assert shown(step) == "# step-1\n# written to /etc/a:\na\nb\n"


def test_steps_that_never_ran_are_left_out_and_failures_say_why() -> None:
    blocked = a_step("step-3", verdict="blocked", output="")
    text = shown(a_failed_step(), blocked)
    assert text.endswith("hello\n# failed: exit status 1\n")
    assert "step-3" not in text


def test_an_old_record_without_sources_shows_its_outputs() -> None:
    assert shown(a_step(output="one\n")) == "# step-1\none\n"


def test_typing_and_waiting_take_no_longer_than_a_person_has() -> None:
    _, *events = lines_of_cast(a_record(a_step(source="x" * 5000, output="done\n", seconds=7200)))
    assert events[-1][0] < 8
    assert len(events) < 100


def test_a_thousand_lines_are_cut_and_it_is_said_so() -> None:
    text = shown(a_step(output="".join(f"line {number}\n" for number in range(1000))))
    assert "line 59\n[... 910 lines that are left out here ...]\nline 970\n" in text
    assert text.endswith("line 999\n")


def test_terminal_modes_are_reset_after_each_step() -> None:
    text = shown(a_step(output="\x1b[?1049h\x1b[31mred"), a_step("step-2"))
    assert "red\n\x1b[?1049l\x1b[!p# step-2" in text


steps = some.builds(
    a_step,
    output=some.text(some.characters(codec="utf-8") | some.sampled_from("\r\n"), max_size=60),
    source=some.text(max_size=30),
    language=some.sampled_from(["bash", "console", "python", "ini"]),
    title=some.text(max_size=10),
    seconds=some.floats(0, 1e6, allow_subnormal=False),
)


@given(some.lists(steps, max_size=4))
def test_times_increase_and_every_output_is_shown(expected: list[Any]) -> None:
    _, *events = lines_of_cast(a_record(*expected))
    clock = [event[0] for event in events]
    assert clock == sorted(clock)
    text = "".join(event[2] for event in events if event[1] == "o").replace("\r\n", "\n")
    position = 0
    for step in expected:
        output = step.output.replace("\r\n", "\n")
        found = text.find(output, position)
        assert found >= 0
        position = found
