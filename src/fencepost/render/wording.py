"""Names, dates and durations in words for readers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

# Words with a spelling of their own. Otherwise a name's first word is capitalised, and the others stay.
_SPELT = {"kvm": "KVM", "qemu": "QEMU", "centos": "CentOS", "opensuse": "openSUSE", "nixos": "NixOS", "lts": "LTS"}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def machine_name(name: str) -> str:
    """Return a machine's name for readers: `debian-13` becomes `Debian 13`."""
    first, *others = name.split("-")
    return " ".join([_SPELT.get(first, first[:1].upper() + first[1:]), *(_SPELT.get(word, word) for word in others)])


def day(moment: datetime) -> str:
    """Return the day in UTC: `23 November 2026`."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}"


def short_day(moment: datetime) -> str:
    """Return the day in UTC for narrow tables: `23 Nov 2026`."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1][:3]} {utc.year}"


def instant(moment: datetime) -> str:
    """Return the moment in UTC for the `datetime` attribute of `<time>`: `2026-11-23T08:05:00Z`."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def duration(seconds: float) -> str:
    """Return a duration in words: `0.8 s`, `41 s`, `3 min 12 s`, `1 h 5 min`."""
    if seconds < 0.05:
        return "under 0.1 s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    minutes = round(whole / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def durations(seconds: Sequence[float]) -> str:
    """Return the range of several durations: `0.8 s to 41 s`."""
    least, most = duration(min(seconds)), duration(max(seconds))
    if least == most:
        return least
    return f"up to {most}" if least.startswith("under") else f"{least} to {most}"


def listed(words: Iterable[str]) -> str:
    """Join words: `a, b and c`."""
    *before, last = list(words)
    return f"{', '.join(before)} and {last}" if before else last


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: `1 step`, `2 steps`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
