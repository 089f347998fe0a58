"""Parsing transcripts."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from fencepost.bash.completeness import first_command
from fencepost.transcript.parse import Command, TranscriptProblem, parse_transcript


def parsed(text: str) -> list[Command]:
    return parse_transcript(dedent(text).strip("\n"))


def test_a_command_and_its_output() -> None:
    assert parsed("""
        $ echo hello
        hello
    """) == [Command(0, "echo hello", ("hello",), 0)]


def test_several_commands_some_without_output() -> None:
    assert parsed("""
        $ cd /tmp
        $ pwd
        /tmp
        $ true
    """) == [Command(0, "cd /tmp", (), 0), Command(1, "pwd", ("/tmp",), 0), Command(3, "true", (), 0)]


def test_a_command_over_several_lines() -> None:
    (command,) = parsed("""
        $ for word in one two; do
        >     echo "$word"
        >
        > done
        one
        two
    """)
    assert command.source == 'for word in one two; do\n    echo "$word"\n\ndone'
    assert command.expected == ("one", "two")
    assert command.expected_offset == 4


def test_a_later_line_with_a_continuation_sign_is_output() -> None:
    (command,) = parsed("""
        $ printf 'a\\n> b\\n'
        a
        > b
    """)
    assert command.expected == ("a", "> b")


def test_the_first_line_sets_the_prompt() -> None:
    assert [command.source for command in parsed("# id\nuid=0\n\\$ not a command\n# pwd")] == ["id", "pwd"]
    (command,) = parsed("$ cat notes\n# a heading\n#")
    assert command.expected == ("# a heading", "#")


def test_comments_stand_above_the_first_prompt() -> None:
    (command,) = parsed("# Let's look\n#\n\n# twice\n$ echo a\na")
    assert command == Command(4, "echo a", ("a",), 0)
    with pytest.raises(TranscriptProblem, match="two kinds of prompts: `# id` and `\\$ id`") as raised:
        parsed("# id\nuid=0\n$ id\nuid=1")
    assert raised.value.offset == 2
    with pytest.raises(TranscriptProblem, match="two kinds of prompts"):
        parsed("(base) # id\n$ id")


def test_virtual_environment_names_may_precede_any_prompt() -> None:
    assert [
        (command.offset, command.source) for command in parsed("$ . .v/bin/activate\n(.v) $ id\n(a) (b) $ pwd\n(.v) $")
    ] == [
        (0, ". .v/bin/activate"),
        (1, "id"),
        (2, "pwd"),
        (3, ""),
    ]
    assert [command.source for command in parsed("(base) # id\n# pwd")] == ["id", "pwd"]
    (command,) = parsed("$ cat\n(see above) $ 5\n(.v)$ x\n(.v) # x")
    assert len(command.expected) == 3


def test_an_incomplete_command_continues_without_a_sign() -> None:
    loop, joined, text = parsed("""
        $ for i in 1 2; do
          echo $i
        done
        1
        2
        $ echo a \\
            b
        a b
        $ cat <<'END'
        a line
        > cited

        END
        a line
        > cited

    """)
    assert (loop.source, loop.expected) == ("for i in 1 2; do\n  echo $i\ndone", ("1", "2"))
    assert (joined.source, joined.expected) == ("echo a \\\n    b", ("a b",))
    assert text.source == "cat <<'END'\na line\n> cited\n\nEND"
    assert text.expected == ("a line", "> cited")
    assert text.expected_offset == 13


def test_the_first_further_line_tells_whether_they_have_a_sign() -> None:
    (command,) = parsed("$ cat <<END\n> a\nb\n>\n> > c\n> END\na")
    assert command.source == "cat <<END\na\nb\n\n> c\nEND"
    assert command.expected == ("a",)


@pytest.mark.parametrize(
    "command",
    ['echo "> $(echo cited)"', 'echo "> hello ${NAME}"', "cat [a].md", 'cat "${FILE}"', "echo `echo`", "echo {a,b}"],
)
def test_beneath_a_complete_command_all_is_output(command: str) -> None:
    (read,) = parsed(f"$ {command}\n> cited\n>\n  indented")
    assert (read.source, read.expected) == (command, ("> cited", ">", "  indented"))


@pytest.mark.parametrize(
    ("text", "waits", "offset"),
    [
        ("$ true\n$ if true; then\n  true\n$ fi", "at the next prompt: bash waits for `fi`", 1),
        ("$ echo 'a", "at the end of the fence: bash waits for a closing `'`", 0),
        ("$ cat <<END\n> a\n> END \n\n", "bash waits for a line that is `END` alone", 0),
        ("$ true \\", "bash waits for the next line", 0),
    ],
)
def test_a_command_that_is_not_complete(text: str, waits: str, offset: int) -> None:
    with pytest.raises(TranscriptProblem) as raised:
        parse_transcript(text)
    assert waits in raised.value.message
    assert raised.value.offset == offset


def test_an_escaped_prompt_is_output() -> None:
    (command,) = parsed("$ cat notes\n\\$ not a command")
    assert command.expected == ("\\$ not a command",)


def test_an_exit_status_ends_the_output() -> None:
    assert parsed("$ false\n[1]\n$ grep x\nno\n[2]") == [
        Command(0, "false", (), 1),
        Command(2, "grep x", ("no",), 2),
    ]


@pytest.mark.parametrize("line", ["[256]", "[1] ", "[1]\nmore", "\\[1]", "[a]", "[]"])
def test_text_that_is_no_exit_status_is_output(line: str) -> None:
    (command,) = parsed(f"$ jobs\n{line}")
    assert command.status == 0
    assert command.expected == tuple(line.split("\n"))


def test_blank_lines_around_are_nothing_and_within_are_output() -> None:
    (command,) = parse_transcript("\n\n$ cat\na\n\nb\n\n")
    assert command == Command(2, "cat", ("a", "", "b"), 0)


def test_blank_lines_in_front_of_the_next_prompt_are_nothing() -> None:
    assert parsed("$ ls\n\n$ false\n[1]\n\n\n$ cat\na\n\nb\n \n$ true") == [
        Command(0, "ls", (), 0),
        Command(2, "false", (), 1),
        Command(6, "cat", ("a", "", "b"), 0),
        Command(11, "true", (), 0),
    ]


def test_a_bare_prompt_is_an_empty_command() -> None:
    assert [command.source for command in parsed("$\n$ true")] == ["", "true"]


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("", "empty", 0),
        ("\n \n", "empty", 0),
        ("hello\n$ echo hello", "starts with a prompt", 0),
        ("\n\n% ls", "starts with a prompt", 2),
        ("$echo", "starts with a prompt", 0),
        ("> echo", "starts with a prompt", 0),
    ],
)
def test_texts_that_are_no_transcript(text: str, message: str, offset: int) -> None:
    with pytest.raises(TranscriptProblem, match=message) as raised:
        parse_transcript(text)
    assert raised.value.offset == offset


lines = some.text(some.characters(exclude_characters="\n"), max_size=12)


@given(some.text())
def test_any_text_is_a_transcript_or_a_problem(text: str) -> None:
    try:
        commands = parse_transcript(text)
    except TranscriptProblem as problem:
        assert 0 <= problem.offset <= text.count("\n")
    else:
        assert commands


@given(some.lists(some.tuples(lines, some.lists(lines), some.integers(1, 255)), min_size=1))
def test_a_generated_transcript_is_read_back(expected: list[tuple[str, list[str], int]]) -> None:
    text = ""
    assume(not any(first_command([source]).open for source, _, _ in expected))
    for source, output, status in expected:
        text += f"$ {source}\n" + "".join(f"\\{line}\n" for line in output) + f"[{status}]\n"
    read = [(command.source, command.expected, command.status) for command in parse_transcript(text)]
    assert read == [(source, tuple(f"\\{line}" for line in output), status) for source, output, status in expected]


def test_a_quote_over_thousands_of_lines_takes_no_time() -> None:
    (command,) = parsed("$ echo 'begins\n" + "> goes on\n" * 20_000 + "> ends'\nprinted")
    assert command.source.count("\n") == 20_001
    assert command.expected == ("printed",)
