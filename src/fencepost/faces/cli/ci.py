"""Reports for CI services: annotations in a pull request, a summary in Markdown, a code quality report."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

from fencepost.errors import write_error
from fencepost.record.change import Change, Changes
from fencepost.record.model import NoteRecord, Record, SnippetRecord
from fencepost.terminal import harmless, lines_of, on_one_line
from fencepost.transcript.hints import hints

_LENGTH = 3000
# Characters with a meaning in Markdown, GitHub's tables and formulas, and HTML, or that make an address a link.
_MARK = re.compile(r"[\\`*_\[\]<>&|~$:]|(?<=www)\.")


def github_annotations(records: Sequence[Record], changes: Changes, prefix: str = "") -> str:
    """Return GitHub's workflow commands that annotate the line of each step that isn't as documented, and of each note.

    Args:
        records: the records of the pages.
        changes: the changes since each page was last green, if they are known.
        prefix: the site's folder within the repository, ending in a slash, or nothing.
    """
    lines = []
    for record, snippet in _wrong(records):
        file, line = _place(snippet)
        title = f"{snippet.verdict} on {record.machine}: step {snippet.id}"
        since = [f"since it was green ({_day(changes[record.key])}): {text}" for text in _since(changes, record)]
        message = "\n".join([_message(snippet), *since])[:_LENGTH]
        properties = f"file={_property(prefix + file)},line={line},title={_property(title)}"
        lines.append(f"::error {properties}::{_data(message)}\n")
    for record, snippet, note in _notes(records):
        title = f"warning on {record.machine}: step {snippet.id}"
        properties = f"file={_property(prefix + note.file)},line={note.line},title={_property(title)}"
        lines.append(f"::warning {properties}::{_data(note.text[:_LENGTH])}\n")
    return "".join(lines)


def markdown_summary(records: Sequence[Record], changes: Changes) -> str:
    """Return a table in Markdown: which steps broke, and whether a commit or the world around the page broke them."""
    wrong = list(_wrong(records))
    ran = [record for record in records if record.ran]
    green = sum(not record.verdict.is_red for record in ran)
    lines = [f"### Fencepost: {green} of {len(ran)} pages on their machines are as documented", ""]
    lines += [
        f"Nothing was checked of {_cell(record.page)} on {_cell(record.machine)}: {_cell(record.reason)}.\n"
        for record in records
        if not record.ran
    ]
    if wrong:
        lines += ["| step | machine | verdict | broken by | since it was green |", "| --- | --- | --- | --- | --- |"]
    for record, snippet in wrong:
        file, line = _place(snippet)
        change = changes.get(record.key)
        by = "" if change is None else "the world" if change.by_the_world else "a commit"
        since = "never seen green" if change is None else f"{_day(change)}: {_cell('; '.join(change.lines()))}"
        cells = [f"`{snippet.id}`, {_cell(file)}:{line}", _cell(record.machine), str(snippet.verdict), by, since]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def gitlab_code_quality(records: Sequence[Record], prefix: str = "") -> str:
    """Return GitLab's code quality report. GitLab shows each entry at its line in a merge request."""
    entries = []
    for record, snippet in _wrong(records):
        file, line = _place(snippet)
        identity = f"{record.key}#{snippet.id}"
        entries.append(
            {
                "description": f"{snippet.verdict} on {record.machine}: step {snippet.id}: {_message(snippet)}"[
                    :_LENGTH
                ],
                "check_name": f"fencepost/{snippet.verdict}",
                "fingerprint": hashlib.sha256(identity.encode()).hexdigest(),
                "severity": "major",
                "location": {"path": prefix + file, "lines": {"begin": line}},
            }
        )
    for record, snippet, note in _notes(records):
        identity = f"{record.key}#{snippet.id}: {note.text}"
        entries.append(
            {
                "description": f"on {record.machine}: step {snippet.id}: {note.text}"[:_LENGTH],
                "check_name": "fencepost/warning",
                "fingerprint": hashlib.sha256(identity.encode()).hexdigest(),
                "severity": "minor",
                "location": {"path": prefix + note.file, "lines": {"begin": note.line}},
            }
        )
    return json.dumps(entries, indent=1) + "\n"


def write_report(path: Path, text: str, *, append: bool = False) -> None:
    """Write a report for a CI service.

    Raises:
        EngineError, SiteError: when it can't be written.
    """
    try:
        with path.open("a" if append else "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise write_error("the report can't be written", error, str(path)) from error


def _wrong(records: Sequence[Record]) -> list[tuple[Record, SnippetRecord]]:
    return [(record, snippet) for record in records for snippet in record.snippets if snippet.verdict.stops_the_page]


def _notes(records: Sequence[Record]) -> list[tuple[Record, SnippetRecord, NoteRecord]]:
    return [(record, snippet, note) for record in records for snippet in record.snippets for note in snippet.notes]


def _place(snippet: SnippetRecord) -> tuple[str, int]:
    return (snippet.failure.file, snippet.failure.line) if snippet.failure else (snippet.file, snippet.line)


def _message(snippet: SnippetRecord) -> str:
    failure = snippet.failure
    if failure is None:
        return snippet.reason or str(snippet.verdict)
    lines = [snippet.reason or "", failure.command and f"command: {failure.command}"]
    if failure.expected or failure.actual:
        lines += [f"hint: {hint}" for hint in hints(failure.expected, failure.actual, failure.line)]
        lines += [f"expected: {failure.expected}", "but got: " + "\n".join(lines_of(failure.actual))]
    return "\n".join(line for line in lines if line)


def _since(changes: Changes, record: Record) -> list[str]:
    return changes[record.key].lines() if record.key in changes else []


def _day(change: Change) -> str:
    return f"{change.green.started:%Y-%m-%d}"


def _cell(text: str) -> str:
    """Return a text escaped for a cell of a table in Markdown."""
    return _MARK.sub(r"\\\g<0>", on_one_line(text))


def _data(text: str) -> str:
    return harmless(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
