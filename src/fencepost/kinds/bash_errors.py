"""Finds errors that bash only reports in its messages, without an exit status or a trap."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# `[[`, `((`, `let` and `declare` report by their exit status, and messages with `line N` come from another bash.
_BASH_ITSELF = re.compile(r"bash: (?!line \d|\(\(: |\[\[: |let: |declare: )")
_TOKEN, _NEGATIVE = '(error token is "', ": substring expression < 0"
# A message about anything but an expression begins with its subject.
_HAS_SUBJECT = re.compile(r"bash: .*?\S: ")
_NEVER_CLOSED = re.compile(
    r"^bash: warning: here-document at line (?P<line>\d+) delimited by end-of-file \(wanted `(?P<end>.*)'\)\r?$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class NeverClosed:
    """A here-document that a step doesn't close.

    Attributes:
        line: the line where it begins, as the session numbers lines.
        end: the word that should end it.
    """

    line: int
    end: str


def abandoned_command(output: str) -> str:
    """Return bash's message about an expression that made it abandon a command and go on after it; empty if none.

    The exit status is that of the commands after it. A bash that a step has started itself prints a line number in such
    a message. The message has as many lines as the expression.
    """
    if _TOKEN not in output and _NEGATIVE not in output:
        return ""
    message: list[str] = []
    for line in (line.rstrip("\r") for line in output.split("\n")):
        if line.startswith("bash: "):
            itself = _BASH_ITSELF.match(line)
            if itself and _names_expression_error(line):
                return line
            message = [line] if itself and not _HAS_SUBJECT.match(line) else []
        elif message:
            message.append(line)
            if _TOKEN in line:
                return "\n".join(message)
    return ""


def _names_expression_error(line: str) -> bool:
    # Without a pattern, which would try each colon of a line as the end of what bash quotes.
    return line.endswith(_NEGATIVE) or (line.endswith('")') and _TOKEN in line)


def here_document_never_closed(output: str) -> NeverClosed | None:
    """Return the first here-document that, according to bash, took everything after it; `None` if there is none."""
    match = _NEVER_CLOSED.search(output)
    return NeverClosed(int(match["line"]), match["end"]) if match else None


def with_file_lines(output: str, line_of: Callable[[int], int]) -> str:
    """Return an output in which bash's warnings name lines of the page's file.

    Args:
        output: what a snippet printed.
        line_of: returns the file's line for a line as the session numbers them.
    """
    if "here-document at line" not in output:
        return output
    return _NEVER_CLOSED.sub(
        lambda match: match[0].replace(f"line {match['line']}", f"line {line_of(int(match['line']))}", 1), output
    )
