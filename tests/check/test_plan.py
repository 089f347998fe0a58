"""Pages divided among computers."""

from __future__ import annotations

from builders import SiteBuilder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from fencepost.check.plan import shards_of
from fencepost.page.frontmatter import FrontMatter
from fencepost.page.page import Page
from fencepost.record.store import RecordStore


class Durations(RecordStore):
    """Records that tell nothing but how long pages took."""

    def __init__(self, seconds: dict[tuple[str, str], float]) -> None:
        self.seconds = seconds

    def read(self, page: str, machine: str):  # type: ignore[no-untyped-def]
        seconds = self.seconds.get((page, machine))
        return None if seconds is None else type("Record", (), {"seconds": seconds})


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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.floats(0.1, 100) | some.none(), min_size=1, max_size=40), some.integers(1, 8))
def test_every_page_is_in_one_shard_and_none_has_much_more_to_do(
    build: SiteBuilder, seconds: list[float | None], number: int
) -> None:
    pages = [a_page(build, f"{index}.md", ("debian-12",)) for index in range(len(seconds))]
    known = {(page.name, "debian-12"): took for page, took in zip(pages, seconds, strict=True) if took is not None}
    shards = shards_of(pages, Durations(known), number)
    planned = [job for shard in shards for job in shard.jobs]
    assert sorted(planned) == sorted((page.name, "debian-12") for page in pages)
    # Nobody is given a page while somebody else has less to do.
    longest = max(shards, key=lambda shard: shard.seconds)
    usual = max(known.values(), default=10.0)
    assert longest.seconds - usual <= min(shard.seconds for shard in shards) + 1e-6
    assert shards == shards_of(pages, Durations(known), number)
