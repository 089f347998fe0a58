"""A site's pages divided into shards."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from fencepost.check.plan import shards_of
from fencepost.page.frontmatter import FrontMatter
from fencepost.page.page import Page
from fencepost.record.store import RecordStore
from fencepost.run_key import RunKey
from tests.helpers.site_builder import SiteBuilder


class Durations(RecordStore):
    """Records that tell nothing but how long pages took, and what kind of machine that was."""

    def __init__(self, seconds: dict[tuple[str, str], float], virtual: tuple[str, ...] = ()) -> None:
        self.seconds = seconds
        self.virtual = virtual

    def read(self, key: RunKey):  # type: ignore[no-untyped-def]
        seconds = self.seconds.get((key.page, key.machine))
        accelerator = "tcg" if key.machine in self.virtual else None
        return None if seconds is None else type("Record", (), {"seconds": seconds, "accelerator": accelerator})


def a_page(build: SiteBuilder, name: str, machines: tuple[str, ...]) -> Page:
    return Page(name, build.folder / name, FrontMatter(machines=machines), ())


def test_a_page_may_be_divided_by_its_machines(build: SiteBuilder) -> None:
    pages = [a_page(build, "a.md", ("debian-12", "debian-13")), a_page(build, "b.md", ("debian-12",))]
    seconds = {("a.md", "debian-12"): 9.0, ("a.md", "debian-13"): 5.0, ("b.md", "debian-12"): 4.0}
    shards = shards_of(pages, Durations(seconds), 2)
    assert [shard.arguments for shard in shards] == [["a.md@debian-12"], ["a.md@debian-13", "b.md@debian-12"]]
    assert [shard.seconds for shard in shards] == [9.0, 9.0]


def test_there_are_no_empty_shards(build: SiteBuilder) -> None:
    assert len(shards_of([a_page(build, "a.md", ("debian-12",))], Durations({}), 5)) == 1
    assert shards_of([], Durations({}), 5) == []


def lengths(build: SiteBuilder, seconds: list[float], number: int) -> list[float]:
    """How long shards are, the longest first."""
    pages = [a_page(build, f"{index}.md", ("debian-12",)) for index in range(len(seconds))]
    known = {(page.name, "debian-12"): took for page, took in zip(pages, seconds, strict=True)}
    return sorted((shard.seconds for shard in shards_of(pages, Durations(known), number)), reverse=True)


def every_division(seconds: list[float], number: int) -> Iterator[list[float]]:
    """How long shards can be, in every way that there is, the longest first."""
    for places in product(range(number), repeat=len(seconds)):
        shards = [0.0] * number
        for place, took in zip(places, seconds, strict=True):
            shards[place] += took
        yield sorted(shards, reverse=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.floats(0, 100) | some.none(), min_size=1, max_size=40), some.integers(1, 8))
def test_every_page_is_in_one_shard_of_similar_length(
    build: SiteBuilder, seconds: list[float | None], number: int
) -> None:
    pages = [a_page(build, f"{index}.md", ("debian-12",)) for index in range(len(seconds))]
    known = {(page.name, "debian-12"): took for page, took in zip(pages, seconds, strict=True) if took is not None}
    shards = shards_of(pages, Durations(known), number)
    planned = [job for shard in shards for job in shard.jobs]
    assert sorted(planned) == sorted(RunKey(page.name, "debian-12") for page in pages)
    assert all(shard.jobs for shard in shards)
    # The longest is no longer than an even share and a page more: nobody gets one while somebody else has less to do.
    usual = max(known.values(), default=10.0)
    even = sum(shard.seconds for shard in shards) / len(shards)
    assert max(shard.seconds for shard in shards) <= even + usual + 1e-6
    assert shards == shards_of(pages, Durations(known), number)


# What is hard to divide: alike, in powers, one above all, just not fitting, and whatever comes.
ADVERSARIAL = (
    some.lists(some.sampled_from([1.0, 2.0, 3.0, 5.0, 60.0]), min_size=3, max_size=9)
    | some.lists(some.integers(0, 9).map(lambda power: 2.0**power), min_size=3, max_size=9)
    | some.lists(some.floats(0.01, 300), min_size=3, max_size=9)
    | some.tuples(some.floats(1, 9), some.integers(3, 9)).map(lambda pair: [pair[0]] * (pair[1] - 1) + [pair[0] * 7])
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(ADVERSARIAL.filter(lambda seconds: len(seconds) <= 8), some.integers(2, 4))
def test_the_longest_shard_is_at_most_a_third_above_the_best(
    build: SiteBuilder, seconds: list[float], number: int
) -> None:
    best = min(every_division(seconds, number))
    assert lengths(build, seconds, number)[0] <= best[0] * 4 / 3 + 1e-6


@pytest.mark.parametrize(("pages", "shards", "within"), [(20, 4, 1.05), (50, 4, 1.01), (200, 8, 1.005)])
def test_shards_of_a_usual_site_are_nearly_even(build: SiteBuilder, pages: int, shards: int, within: float) -> None:
    above = []
    for seed in range(50):
        chance = Random(seed)
        # Most pages are short, a few are long.
        seconds = [0.3 * 100 ** chance.random() for _ in range(pages)]
        above.append(lengths(build, seconds, shards)[0] / max(sum(seconds) / shards, *seconds))
    assert sorted(above)[45] <= within


def test_a_page_longer_than_an_even_share_is_alone(build: SiteBuilder) -> None:
    assert lengths(build, [100, 3, 2, 2, 1, 1, 1], 3) == [100, 5, 5]


def test_a_site_that_took_no_time_at_all(build: SiteBuilder) -> None:
    assert lengths(build, [0, 0, 0], 2) == [0, 0]


def expected(build: SiteBuilder, known: dict[tuple[str, str], float], page: str, *machines: str) -> dict[str, float]:
    """How long a page is expected to take on machines on which it may not have run; those named `vm` are virtual."""
    names = {name for name, _ in known} | {page}
    where = {name: {machine for known_name, machine in known if known_name == name} for name in names}
    where[page] |= set(machines)
    pages = [a_page(build, name, tuple(sorted(where[name]))) for name in sorted(names)]
    number = sum(len(found) for found in where.values())
    shards = shards_of(pages, Durations(known, ("vm", "other-vm")), number)
    took = {shard.jobs[0]: shard.seconds for shard in shards}
    return {machine: took[RunKey(page, machine)] for machine in machines}


def test_an_added_machine_is_estimated_from_machines_of_its_kind(build: SiteBuilder) -> None:
    known = {("a", "debian-12"): 2.0, ("a", "vm"): 90.0, ("b", "debian-13"): 7.0, ("b", "other-vm"): 50.0}
    assert expected(build, known, "a", "debian-13", "other-vm") == {"debian-13": 2.0, "other-vm": 90.0}


def test_a_new_page_is_estimated_from_its_machine(build: SiteBuilder) -> None:
    known = {("a", "debian-12"): 2.0, ("b", "debian-12"): 4.0, ("a", "vm"): 90.0, ("b", "vm"): 50.0}
    assert expected(build, known, "new", "debian-12", "vm") == {"debian-12": 3.0, "vm": 70.0}


def test_an_unused_machine_is_estimated_from_other_machines(
    build: SiteBuilder,
) -> None:
    known = {("a", "debian-12"): 2.0, ("a", "vm"): 90.0, ("b", "vm"): 40.0}
    assert expected(build, known, "a", "new") == {"new": 2.0}
    assert expected(build, known, "b", "new") == {"new": 40.0}
    assert expected(build, known, "c", "new") == {"new": 40.0}


def test_without_records_all_pages_count_the_same(build: SiteBuilder) -> None:
    pages = [a_page(build, f"{index}.md", ("debian-12",)) for index in range(12)]
    assert [len(shard.jobs) for shard in shards_of(pages, Durations({}), 4)] == [3, 3, 3, 3]


def test_pages_without_runnable_steps_make_no_shard(build: SiteBuilder) -> None:
    # A check of them alone would end with status 2.
    for name, fence in {"a": "# true", "b": "true", "c": "", "d": "true"}.items():
        build.page(f"---\nmachine: [debian-12, debian-13]\n---\n\n```bash\n{fence}\n```\n", f"{name}.md")
    build.page('---\nmachine: [debian-12, debian-13]\n---\n\n```bash { only="debian-13" }\ntrue\n```\n', "e.md")
    shards = shards_of(build.read().read_pages(), Durations({}), 9)
    first, *others = [shard.arguments for shard in shards]
    nothing = {"docs/a.md@debian-12", "docs/a.md@debian-13", "docs/c.md@debian-12", "docs/c.md@debian-13"}
    assert set(first) == nothing | {"docs/e.md@debian-12", "docs/b.md@debian-12"}
    assert sorted(others) == [
        [f"docs/{page}"] for page in ("b.md@debian-13", "d.md@debian-12", "d.md@debian-13", "e.md@debian-13")
    ]
    assert {shard.seconds for shard in shards} == {10.0}
