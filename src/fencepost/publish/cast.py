"""A record as a terminal recording (asciicast, version 2): each step as if typed by a person, and its output.

The text is what was recorded. Only the timing is made up: typing is slow enough to follow, and waiting is cut short.
The real durations are in the record.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from json.encoder import encode_basestring

from fencepost.kinds.registry import kind_for
from fencepost.record.model import Record, SnippetRecord
from fencepost.terminal import on_one_line
from fencepost.verdicts import Verdict

_WIDTH, _HEIGHT = 80, 24

_KEY_SECONDS = 0.045
# A long command is typed within this time, with at most this many strokes.
_TYPING_SECONDS = 2.4
_MOST_STROKES = 60
_BEFORE_RETURN_SECONDS = 0.35
_LONGEST_WAIT_SECONDS = 2.0
_READING_SECONDS = 0.7
_LONGEST_READING_SECONDS = 2.5
# Of a longer output only the first and the last lines are shown.
_FIRST_LINES, _LAST_LINES = 60, 30

_DIM, _RED, _PLAIN = "\x1b[2m", "\x1b[31m", "\x1b[0m"
# Resets the terminal after a step that sent control sequences: main screen, default modes, default colours.
_RESET = "\x1b[?1049l\x1b[!p\x1b[0m"

_NOT_RUN = frozenset({Verdict.SKIPPED, Verdict.BLOCKED})


def cast_of(record: Record) -> str:
    """Return the recording of a run, with a marker at each step that ran."""
    header = {
        "version": 2,
        "width": _WIDTH,
        "height": _HEIGHT,
        "timestamp": int(record.started.timestamp()),
        "title": f"{record.page} on {record.machine}",
        "env": {"TERM": "xterm-256color", "SHELL": "/bin/bash"},
    }
    recording = _Recording()
    for snippet in record.snippets:
        if snippet.verdict not in _NOT_RUN:
            _play(snippet, recording)
    return "\n".join([json.dumps(header, ensure_ascii=False), *map(_event, recording.events)]) + "\n"


def _event(event: tuple[float, str, str]) -> str:
    # Not with `json.dumps`, which is slow for one small event: a recording has a line for each key.
    at, kind, text = event
    return f'[{at}, "{kind}", {encode_basestring(text)}]'


@dataclass
class _Recording:
    events: list[tuple[float, str, str]] = field(default_factory=list)
    clock: float = 0.0

    def mark(self, label: str) -> None:
        self.events.append((round(self.clock, 3), "m", label))

    def show(self, text: str) -> None:
        self.events.append((round(self.clock, 3), "o", text.replace("\r\n", "\n").replace("\n", "\r\n")))

    def type(self, prompt: str, text: str) -> None:
        """Add a prompt and a command line, typed stroke by stroke, and the return key."""
        self.show(prompt)
        stroke = max(1, math.ceil(len(text) / _MOST_STROKES))
        pause = min(_KEY_SECONDS * stroke, _TYPING_SECONDS * stroke / max(1, len(text)))
        for start in range(0, len(text), stroke):
            self.clock += pause
            self.show(text[start : start + stroke])
        self.clock += _BEFORE_RETURN_SECONDS
        self.show("\n")

    def print(self, output: str, seconds: float) -> None:
        """Add an output, spread over the time that it took or a shorter one, and time to read it."""
        lines = list(_watchable(output))
        waited = min(seconds, _LONGEST_WAIT_SECONDS)
        start = self.clock
        for number, line in enumerate(lines, 1):
            self.clock = start + waited * number / len(lines)
            self.show(line)
        self.clock = start + waited
        if output and not output.endswith("\n"):
            self.show("\n")
        if "\x1b" in output:
            self.show(_RESET)
        self.clock += min(_LONGEST_READING_SECONDS, _READING_SECONDS + 0.1 * len(lines))


def _play(snippet: SnippetRecord, recording: _Recording) -> None:
    recording.mark(snippet.title or snippet.id)
    recording.show(f"{_DIM}# {on_one_line(snippet.title or snippet.id)}{_PLAIN}\n")
    kind = None if snippet.written_to else kind_for(snippet.language)
    typed = list(kind.typed(snippet.source, snippet.output)) if kind else []
    for prompt, source, printed in typed:
        recording.type(prompt, source)
        recording.print(printed, snippet.seconds / len(typed))
    if snippet.written_to:
        # A file isn't typed: it appears at once.
        recording.show(f"{_DIM}# written to {on_one_line(snippet.written_to)}:{_PLAIN}\n")
        recording.print(snippet.source, 0)
    if not typed:
        recording.print(snippet.output, snippet.seconds)
    if snippet.verdict.stops_the_page:
        recording.show(f"{_RED}# {snippet.verdict}: {on_one_line(snippet.reason or '')}{_PLAIN}\n")


def _watchable(output: str) -> Iterator[str]:
    # Only a line feed ends a line on a terminal.
    lines = output.removesuffix("\n").split("\n") if output else []
    last = len(lines) - 1
    left_out = len(lines) - _FIRST_LINES - _LAST_LINES
    for number, line in enumerate(lines):
        if left_out > 0 and number == _FIRST_LINES:
            yield f"{_DIM}[... {left_out} lines that are left out here ...]{_PLAIN}\n"
        if left_out <= 0 or number < _FIRST_LINES or number >= _FIRST_LINES + left_out:
            yield line + ("\n" if number < last or output.endswith("\n") else "")
