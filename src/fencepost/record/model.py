"""The record of a run of a page on a machine: the JSON file from which reports and pages are made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from fencepost.run_key import RunKey
from fencepost.verdicts import Verdict

# Characters of a step's output that are kept: from its beginning and from its end.
KEPT_HEAD = KEPT_TAIL = 32_000
# The difference between two computers' clocks that is tolerated.
_SKEW = timedelta(minutes=15)


def _check_utc(moment: datetime) -> datetime:
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("there is no such time in UTC") from error
    return moment


# Pages show the day in UTC, which overflows on the calendar's first and last day.
Moment = Annotated[AwareDatetime, AfterValidator(_check_utc)]
# Bounded to thirty years, so that sums stay finite.
Seconds = Annotated[float, Field(ge=0, le=1e9)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class FailureRecord(_Part):
    """Where a step went wrong."""

    file: str
    line: int
    command: str
    expected: str
    actual: str


class NoteRecord(_Part):
    """A warning for the author about a step, whatever its verdict."""

    file: str
    line: int
    text: str


class SnippetRecord(_Part):
    """The result of one step."""

    id: str
    title: str = Field("", description="The title above it, if any.")
    language: str
    source: str = Field("", description="The code that was run, as in the page; empty in older records.")
    written_to: str = Field("", description="The file on the machine that it was written to, instead of being run.")
    file: str = Field(description="The file in which its fence opens.")
    line: int = Field(description="The line of its opening fence, counted from 1.")
    source_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    step_sha256: str = Field("", description="Changes with its code and its attributes; empty in older records.")
    verdict: Verdict
    exit: int | None
    seconds: Seconds
    output: str
    truncated: bool = Field(description="Whether the middle of its output was left out.")
    reason: str | None
    failure: FailureRecord | None
    notes: tuple[NoteRecord, ...] = Field((), description="Warnings for the author; they change no verdict.")
    empty: bool = Field(False, description="True if it is empty or holds only comments. It is skipped then.")

    def moved_to(self, line: int) -> SnippetRecord:
        """Return the same with its fence in another line of its file; its notes in that file move along."""
        if line == self.line:
            return self
        notes = (
            note.model_copy(update={"line": note.line + line - self.line}) if note.file == self.file else note
            for note in self.notes
        )
        return self.model_copy(update={"line": line, "notes": tuple(notes)})


_PASSED = SnippetRecord(
    id="",
    title="",
    language="",
    source="",
    written_to="",
    file="",
    line=0,
    source_sha256=hashlib.sha256(b"").hexdigest(),
    step_sha256="",
    verdict=Verdict.PASSED,
    exit=0,
    seconds=0,
    output="",
    truncated=False,
    reason=None,
    failure=None,
    notes=(),
    empty=False,
)


class Record(_Part):
    """The verdicts of one page on one machine."""

    # pydantic uses the name `schema` itself, hence the alias.
    schema_: Literal[1] = Field(1, alias="schema")
    page: str = Field(description="The page's file, relative to the site.")
    machine: str
    title: str = Field("", description="The machine's title for readers; empty for its name.")
    image: str = Field(description="The engine's local id of the machine's image.")
    engine: str
    accelerator: str | None = Field(description="A virtual machine's accelerator: `kvm` or `tcg`; null for containers.")
    isolation: str = Field(
        "",
        description="How the page was isolated: in a warm container's `cell`, a `container` or a `vm`; empty where "
        "nothing ran.",
    )
    fencepost: str = Field(description="The version that ran it.")
    started: Moment
    seconds: Seconds
    verdict: Verdict
    reason: str = Field("", description="Why no step ran; empty if one did.")
    steps_sha256: str = Field(description="Changes with the code and the attributes of the page's steps.", default="")
    inputs_sha256: str = Field(description="Changes with anything else that a run depends on.", default="")
    machine_sha256: str = Field(description="Changes with the files that the machine is built from.", default="")
    installed: dict[str, str] = Field(
        description="The versions of the packages that the page has installed, by name.", default={}
    )
    network: bool = Field(False, description="True if the machine had a network.")
    capabilities: tuple[str, ...] = Field((), description="Capabilities that the machine had beyond the default ones.")
    snippets: tuple[SnippetRecord, ...]

    @property
    def key(self) -> RunKey:
        """The page and the machine."""
        return RunKey(self.page, self.machine)

    @property
    def counted(self) -> tuple[int, int, int]:
        """The number of steps that passed, that were expected to pass, and that are known to be broken.

        Steps in which nothing runs aren't counted.
        """
        broken = sum(item.verdict is Verdict.KNOWN_BROKEN for item in self.snippets)
        passed = sum(item.verdict is Verdict.PASSED for item in self.snippets)
        return passed, len(self.snippets) - broken - self.empty, broken

    @property
    def empty(self) -> int:
        """The number of steps in which nothing runs."""
        return sum(item.empty for item in self.snippets)

    @property
    def ran(self) -> bool:
        """True if any step ran, or should have."""
        return any(item.verdict is not Verdict.SKIPPED for item in self.snippets)

    @property
    def lacks_something(self) -> bool:
        """True if the page was skipped because the computer lacks something that it needs."""
        return self.verdict is Verdict.SKIPPED and not self.image

    @property
    def nothing_to_run(self) -> bool:
        """True if it has no step in which anything runs, on any computer."""
        return all(item.empty for item in self.snippets)

    def moved_to(self, lines: Mapping[str, int]) -> Record:
        """Return the record for a page with the same steps in other lines.

        Args:
            lines: the line of each step's fence, by the step's id.
        """
        moved = (item.moved_to(lines.get(item.id, item.line)) for item in self.snippets)
        return self.model_copy(update={"snippets": tuple(moved)})

    def in_short(self) -> Record:
        """Return the record without the details of steps that have passed, to save memory on a large site.

        One placeholder stands for each of them, except those with notes.
        """
        snippets = (_PASSED if item.verdict is Verdict.PASSED and not item.notes else item for item in self.snippets)
        return self.model_copy(update={"snippets": tuple(snippets)})

    def to_json(self) -> str:
        """Return the text of the record's file."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Record:
        """Read a record from the text of its file.

        Raises:
            ValueError: when it isn't a record.
        """
        return cls.model_validate_json(text)


def now() -> datetime:
    """Return the current time in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def is_from_the_future(started: datetime) -> bool:
    """Return whether a run is dated in the future, because a clock was or is wrong."""
    return started > now() + _SKEW


def kept_output(output: str) -> tuple[str, bool]:
    """Return the part of an output that a record keeps, and whether something was left out."""
    if len(output) <= KEPT_HEAD + KEPT_TAIL:
        return output, False
    left_out = len(output) - KEPT_HEAD - KEPT_TAIL
    return f"{output[:KEPT_HEAD]}\n[... {left_out} characters left out ...]\n{output[-KEPT_TAIL:]}", True


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a record."""
    schema = Record.model_json_schema(by_alias=True, mode="serialization")
    schema["title"] = "Fencepost record, schema 1"
    return schema
