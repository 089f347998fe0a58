"""A bundle: all records of a site in one file, to publish with it, fetch back, or merge from several computers."""

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

    # Bounded, because a file is named after it.
    image: str = Field(max_length=200)
    machine: str
    packages: dict[str, str]


class Bundle(BaseModel):
    """The records of a site, their history, and the packages of their machines."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_: Literal[1] = Field(1, alias="schema")
    records: tuple[Record, ...]
    runs: dict[str, tuple[Run, ...]] = Field({}, description="By page and machine, as `PAGE@MACHINE`; oldest first.")
    images: tuple[ImageRecord, ...] = ()

    def to_json(self) -> str:
        """Return the text of the bundle's file."""
        return self.model_dump_json(by_alias=True) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Bundle:
        """Read a bundle from the text of its file.

        Raises:
            ValueError: when it isn't a bundle.
        """
        return cls.model_validate_json(text)


@dataclass
class Taken:
    """The records of a bundle, by what `take_in` did with them.

    Attributes:
        new: written, because they replace an older record or none.
        old: not written, because the store has a newer one.
        foreign: not written, because the site lacks their page or machine.
    """

    new: list[Record] = field(default_factory=list)
    old: list[Record] = field(default_factory=list)
    foreign: list[Record] = field(default_factory=list)


def bundle_of(store: RecordStore) -> Bundle:
    """Return a bundle of all that a store holds."""
    return bundle_from([(record, store.history(record.key)) for record in store.read_all()], store)


def bundle_from(known: Iterable[tuple[Record, Sequence[Run]]], store: RecordStore) -> Bundle:
    """Return a bundle of some records.

    Args:
        known: the records, each with its history.
        store: where the packages of their images are looked up.
    """
    records = []
    runs: dict[str, tuple[Run, ...]] = {}
    machine_of_image: dict[str, str] = {}
    for record, history in known:
        records.append(record)
        runs[str(record.key)] = tuple(history)
        for run in history:
            machine_of_image[run.image] = record.machine
        machine_of_image[record.image] = record.machine
    images = [
        ImageRecord(image=image, machine=machine, packages=packages)
        for image, machine in sorted(machine_of_image.items())
        if (packages := store.packages(image)) is not None
    ]
    return Bundle(schema=1, records=tuple(records), runs=runs, images=tuple(images))


def take_in(store: RecordStore, bundle: Bundle, belongs: Callable[[RunKey], bool]) -> Taken:
    """Add the records, histories and packages of a bundle to a store.

    Of two records of the same page on the same machine, the newer one is kept, or the one that ran.

    Args:
        store: the store to write to.
        bundle: the bundle, from another computer.
        belongs: returns whether the site has this page on this machine; other records aren't written.

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
    """Return whether a record replaces a known one.

    A record of a run replaces one that says that the computer lacked something, whichever is newer. A record dated in
    the future, where it would stay the newest one until that day, is replaced by one that isn't.
    """
    if record.lacks_something is not known.lacks_something:
        return known.lacks_something
    known_is_from_future, is_from_future = is_from_the_future(known.started), is_from_the_future(record.started)
    return record.started > known.started if known_is_from_future is is_from_future else known_is_from_future
