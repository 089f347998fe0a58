"""Errors that bash reports only in its messages."""

from __future__ import annotations

import pytest

from fencepost.kinds.bash_errors import NeverClosed, abandoned_command, here_document_never_closed


@pytest.mark.parametrize(
    "line",
    [
        'bash: 08: value too great for base (error token is "08")',
        'bash: 100 / jobs: division by 0 (error token is "jobs")',
        "bash: -9: substring expression < 0",
        'bash: ./lib.sh: line 3: 08: value too great for base (error token is "08")',
    ],
)
def test_a_command_that_was_given_up(line: str) -> None:
    assert abandoned_command(f"before\n{line}\r\nbehind\n") == line


@pytest.mark.parametrize(
    "line",
    [
        'bash: ((: 08: value too great for base (error token is "08")',
        'bash: [[: 08: value too great for base (error token is "08")',
        'bash: line 1: 08: value too great for base (error token is "08")',
        'script.sh: line 3: 08: value too great for base (error token is "08")',
        "bash: foo: command not found",
    ],
)
def test_statuses_that_explain_themselves_get_no_reason(line: str) -> None:
    assert abandoned_command(line) == ""


@pytest.mark.parametrize(
    "expected",
    [
        'bash: 1 +\n08: value too great for base (error token is "08")',
        'bash: 1 +\n: syntax error: operand expected (error token is "+\n")',
    ],
)
def test_an_expression_of_several_lines_is_told_in_as_many(expected: str) -> None:
    assert abandoned_command(f"bash: ls: command not found\n{expected}\nbehind\n") in {
        expected,
        expected.removesuffix('\n")'),
    }
    assert abandoned_command(expected.replace("bash: ", "bash: ((: ", 1)) == ""
    assert abandoned_command(f"other words\n{expected.removeprefix('bash: ')}") == ""


def test_a_line_that_never_ends_takes_no_time() -> None:
    assert abandoned_command("bash: " + ': (error token is "' * 200_000) == ""


def test_a_here_document_that_is_never_closed() -> None:
    text = "bash: warning: here-document at line 3 delimited by end-of-file (wanted `EOF')\nnever closed\n"
    assert here_document_never_closed(text) == NeverClosed(3, "EOF")
    assert here_document_never_closed("cat: EOF: No such file or directory\n") is None
