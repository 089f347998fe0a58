"""The record of one run of one page on one machine: the file that everything else is told from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from fencepost.run_key import RunKey
from fencepost.verdicts import Verdict

# Characters of output kept of a step: its beginning and its end.
KEPT_HEAD = KEPT_TAIL = 32_000
# So far the clocks of two computers may be apart.
_SKEW = timedelta(minutes=15)


def _is_in_utc(moment: datetime) -> datetime:
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("there is no such time in UTC") from error
    return moment


# Readers are told the day in UTC, which the first and the last of all calendar days may not have.
Moment = Annotated[AwareDatetime, AfterValidator(_is_in_utc)]
# Nothing took longer than thirty years. The sum of what has no bound may be no number that readers can be told.
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
    """What became of one step."""

    id: str
    title: str = Field("", description="What readers see above it, if anything.")
    language: str
    source: str = Field("", description="What was run, as its page had it; empty in records of before this was kept.")
    written_to: str = Field("", description="The file on the machine that it was written to, instead of being run.")
    file: str = Field(description="The file in which its fence opens.")
    line: int = Field(description="The line of its opening fence, counted from 1.")
    source_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    step_sha256: str = Field(
        "", description="Changes with anything that it says or asks for; empty in records of before this was kept."
    )
    verdict: Verdict
    exit: int | None
    seconds: Seconds
    output: str
    truncated: bool = Field(description="Whether the middle of its output was left out.")
    reason: str | None
    failure: FailureRecord | None
    notes: tuple[NoteRecord, ...] = Field((), description="Warnings for the author; they change no verdict.")
    empty: bool = Field(
        False, description="Whether nothing in it runs: it is empty, or holds comments alone. It is skipped then."
    )

    def moved_to(self, line: int) -> SnippetRecord:
        """The same, with its fence in another line of its file; notes within it move along."""
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

    # `schema` is pydantic's own word for something else, hence the detour.
    schema_: Literal[1] = Field(1, alias="schema")
    page: str = Field(description="The page's file, relative to the site.")
    machine: str
    title: str = Field("", description="What readers call the machine; empty for its name.")
    image: str = Field(description="The engine's local id of the machine's image.")
    engine: str
    accelerator: str | None = Field(description="What ran a virtual machine: `kvm` or `tcg`; null for containers.")
    isolation: str = Field(
        "",
        description="What kept the page apart: `cell` of a warm container, `container`, `vm`; empty where nothing ran.",
    )
    fencepost: str = Field(description="The version that ran it.")
    started: Moment
    seconds: Seconds
    verdict: Verdict
    reason: str = Field("", description="Why nothing of it ran, where nothing did.")
    steps_sha256: str = Field(description="Changes with anything that the page's steps say.", default="")
    inputs_sha256: str = Field(description="Changes with anything else that a run depends on.", default="")
    machine_sha256: str = Field(description="Changes with the files that the machine is built from.", default="")
    installed: dict[str, str] = Field(
        description="Packages that the page itself has installed: versions, by name.", default={}
    )
    network: bool = Field(False, description="Whether its machine reached the network.")
    capabilities: tuple[str, ...] = Field((), description="Capabilities beyond the default ones.")
    snippets: tuple[SnippetRecord, ...]

    @property
    def key(self) -> RunKey:
        """What was run."""
        return RunKey(self.page, self.machine)

    @property
    def counted(self) -> tuple[int, int, int]:
        """How many steps did as the page says, of how many, and how many are known to be broken beside them.

        Those in which nothing runs aren't counted at all.
        """
        broken = sum(item.verdict is Verdict.KNOWN_BROKEN for item in self.snippets)
        passed = sum(item.verdict is Verdict.PASSED for item in self.snippets)
        return passed, len(self.snippets) - broken - self.empty, broken

    @property
    def empty(self) -> int:
        """In how many steps nothing runs."""
        return sum(item.empty for item in self.snippets)

    @property
    def ran(self) -> bool:
        """Whether any of its steps ran, or should have: without one, nothing was checked."""
        return any(item.verdict is not Verdict.SKIPPED for item in self.snippets)

    @property
    def lacks_something(self) -> bool:
        """Whether the computer lacked what the page needs: no image was asked for then."""
        return self.verdict is Verdict.SKIPPED and not self.image

    @property
    def nothing_to_run(self) -> bool:
        """Whether it has no step in which anything runs, on this computer or another."""
        return all(item.empty for item in self.snippets)

    def moved_to(self, lines: Mapping[str, int]) -> Record:
        """The record of a page whose steps are the same, and stand in other lines.

        Args:
            lines: the line of each step's fence, by the step's id.
        """
        moved = (item.moved_to(lines.get(item.id, item.line)) for item in self.snippets)
        return self.model_copy(update={"snippets": tuple(moved)})

    def in_short(self) -> Record:
        """The record as a check of a large site keeps it in mind: steps that have passed are but counted.

        All that have are the same one, except those with a note. The file tells of each.
        """
        parts = (_PASSED if item.verdict is Verdict.PASSED and not item.notes else item for item in self.snippets)
        return self.model_copy(update={"snippets": tuple(parts)})

    def to_json(self) -> str:
        """Its file's text."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Record:
        """A record from its file's text.

        Raises:
            ValueError: when it isn't one.
        """
        return cls.model_validate_json(text)


def now() -> datetime:
    """The time, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def is_from_the_future(started: datetime) -> bool:
    """Whether a run's date is yet to come: then a clock was wrong, that day's or today's."""
    return started > now() + _SKEW


def kept(output: str) -> tuple[str, bool]:
    """What is kept of an output, and whether something was left out."""
    if len(output) <= KEPT_HEAD + KEPT_TAIL:
        return output, False
    left_out = len(output) - KEPT_HEAD - KEPT_TAIL
    return f"{output[:KEPT_HEAD]}\n[... {left_out} characters left out ...]\n{output[-KEPT_TAIL:]}", True


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a record."""
    schema = Record.model_json_schema(by_alias=True, mode="serialization")
    schema["title"] = "Fencepost record, schema 1"
    return schema
