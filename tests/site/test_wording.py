"""The wording of names, dates and durations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fencepost.render.wording import counted, day, duration, durations, instant, listed, machine_name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("debian-13", "Debian 13"),
        ("debian-testing", "Debian testing"),
        ("kvm-13", "KVM 13"),
        ("xen-13", "Xen 13"),
        ("ubuntu-24.04-lts", "Ubuntu 24.04 LTS"),
        ("a", "A"),
    ],
)
def test_a_machine_has_a_name_that_people_read(name: str, words: str) -> None:
    assert machine_name(name) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under 0.1 s"),
        (0.8, "0.8 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (41.2, "41 s"),
        (59.6, "1 min"),
        (192, "3 min 12 s"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
    ],
)
def test_a_duration_is_as_exact_as_it_is_useful(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_several_durations_are_a_span() -> None:
    assert durations([3, 1.5, 2]) == "1.5 s to 3.0 s"
    assert durations([0.01, 0.3]) == "up to 0.3 s"
    assert durations([2, 2]) == "2.0 s"


def test_a_day_is_the_day_in_utc() -> None:
    east = timezone(timedelta(hours=5))
    assert day(datetime(2026, 11, 24, 3, 0, tzinfo=east)) == "23 November 2026"
    assert instant(datetime(2026, 11, 24, 3, 0, tzinfo=east)) == "2026-11-23T22:00:00Z"
    assert day(datetime(2026, 3, 1, tzinfo=UTC)) == "1 March 2026"


def test_lists_and_counts() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert counted(1, "step") == "1 step"
    assert counted(0, "step") == "0 steps"
