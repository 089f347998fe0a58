"""All that is known of a site in one file: published with it, fetched back, put together from several computers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from fencepost.record.history import Run
from fencepost.record.model import Record, is_from_the_future
from fencepost.record.store import RecordStore
from fencepost.run_key import RunKey


class ImageRecord(BaseModel):
    """The packages of a machine's image."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    # A file is named after it.
    image: str = Field(max_length=200)
    machine: str
    packages: dict[str, str]


class Bundle(BaseModel):
    """The records of a site, their history, and what their machines consist of."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_: Literal[1] = Field(1, alias="schema")
    records: tuple[Record, ...]
    runs: dict[str, tuple[Run, ...]] = Field({}, description="By page and machine, as `PAGE@MACHINE`; oldest first.")
    images: tuple[ImageRecord, ...] = ()

    def to_json(self) -> str:
        """Its file's text."""
        return self.model_dump_json(by_alias=True) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Bundle:
        """A bundle from its file's text.

        Raises:
            ValueError: when it isn't one.
        """
        return cls.model_validate_json(text)


@dataclass
class Taken:
    """What became of the records of a bundle.

    Attributes:
        new: those that are newer than what was known.
        old: those that weren't.
        foreign: those of pages or machines that the site doesn't have.
    """

    new: list[Record] = field(default_factory=list)
    old: list[Record] = field(default_factory=list)
    foreign: list[Record] = field(default_factory=list)


def bundle_of(store: RecordStore) -> Bundle:
    """All that a store holds."""
    return bundle_from([(record, store.history(record.key)) for record in store.read_all()], store)


def bundle_from(known: Iterable[tuple[Record, Sequence[Run]]], store: RecordStore) -> Bundle:
    """Records with their history, and the packages of their images.

    Args:
        known: those that are wanted.
        store: for the packages.
    """
    records = []
    runs: dict[str, tuple[Run, ...]] = {}
    wanted: dict[str, str] = {}
    for record, history in known:
        records.append(record)
        runs[str(record.key)] = tuple(history)
        for run in history:
            wanted[run.image] = record.machine
        wanted[record.image] = record.machine
    images = [
        ImageRecord(image=image, machine=machine, packages=packages)
        for image, machine in sorted(wanted.items())
        if (packages := store.packages(image)) is not None
    ]
    return Bundle(schema=1, records=tuple(records), runs=runs, images=tuple(images))


def take_in(store: RecordStore, bundle: Bundle, belongs: Callable[[RunKey], bool]) -> Taken:
    """Puts what a bundle knows into a store. Of two records of a page on a machine, the newer one stays, or the one
    that ran.

    Args:
        store: where to.
        bundle: what somebody else has found out.
        belongs: whether the site has a page, and that page a machine; nothing else is written.

    Raises:
        EngineError, SiteError: when the store can't be written.
    """
    taken = Taken()
    for record in bundle.records:
        if not belongs(record.key):
            taken.foreign.append(record)
            continue
        known = store.read(record.key)
        newer = known is None or _is_newer(record, known)
        (taken.new if newer else taken.old).append(record)
        if newer:
            store.put(record)
        runs = bundle.runs.get(str(record.key), ())
        store.add_history(record.key, [*runs, Run.of(record)])
    ours = {run.image for record in (*taken.new, *taken.old) for run in store.history(record.key)}
    for image in bundle.images:
        if image.image in ours and store.packages(image.image) is None:
            store.write_packages(image.image, image.machine, image.packages)
    return taken


def _is_newer(record: Record, known: Record) -> bool:
    """Whether a record replaces another. One with a date that is yet to come would be the newer one for as long.

    What one computer has found out is worth more than that another can't, whenever that was.
    """
    if record.lacks_something is not known.lacks_something:
        return known.lacks_something
    known_is, this_is = is_from_the_future(known.started), is_from_the_future(record.started)
    return record.started > known.started if known_is is this_is else known_is
