"""The results of the contest as tables and as bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from contest import SNIPPETS, Entry
from drawing import Bar, draw
from steps import Language

_LANGUAGES: tuple[tuple[Language, str], ...] = (("shell", "Shell"), ("python", "Python"))
_YES = {True: "yes", False: "no"}


def tables(entries: Sequence[Entry], versions: Mapping[str, str]) -> str:
    """Return all results in Markdown.

    Args:
        entries: the tools, in any order.
        versions: the versions of the peers, by package.
    """
    parts = []
    for language, title in _LANGUAGES:
        judged = [entry for entry in entries if entry.tool.language == language and entry.tool.judged]
        parts += [f"**{title}**", "", *_table(judged, versions), ""]
    beside = [entry for entry in entries if not entry.tool.judged]
    parts += ["**For comparison**", "", "| what | took |", "|---|---|"]
    parts += [f"| {_name(entry, versions)} | {_time(entry)} |" for entry in beside]
    return "\n".join(parts)


def bars(entries: Sequence[Entry]) -> str:
    """Return the results as a drawing."""
    groups = []
    for language, title in _LANGUAGES:
        for isolated, how in ((True, "each page on a machine of its own"), (False, "no isolation")):
            chosen = [
                entry
                for entry in entries
                if entry.measured and entry.tool.language == language and bool(entry.tool.isolates) is isolated
                if entry.tool.judged or isolated
            ]
            ordered = sorted(chosen, key=lambda entry: entry.seconds)
            groups.append((f"{title}, {how}", [Bar(entry.tool.name, entry.seconds, _kind(entry)) for entry in ordered]))
    return draw(f"{entries[0].pages} pages of {SNIPPETS} small steps, in seconds; the scale is logarithmic", groups)


def _table(entries: Iterable[Entry], versions: Mapping[str, str]) -> list[str]:
    ordered = sorted(entries, key=lambda entry: entry.seconds if entry.measured else float("inf"))
    head = ["tool", "isolates with", "took", "one more snippet", "notices a wrong exit status", "a wrong output"]
    rows = []
    for entry in ordered:
        marginal = entry.marginal if entry.measured else None
        rows.append(
            [
                _name(entry, versions),
                entry.tool.isolates or "nothing",
                _time(entry),
                "" if marginal is None else f"{marginal:.2f} ms",
                "" if entry.trouble else _YES[entry.notices_status],
                "" if entry.trouble else _YES[entry.notices_output],
            ]
        )
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _name(entry: Entry, versions: Mapping[str, str]) -> str:
    version = versions.get(entry.tool.package, "")
    name = f"**{entry.tool.name}**" if _kind(entry) == "ours" else entry.tool.name
    return f"{name} ({version})" if version else name


def _time(entry: Entry) -> str:
    if not entry.measured:
        return entry.trouble
    span = "once" if entry.slow else f"{entry.shortest:.2f} to {entry.longest:.2f}"
    return f"{entry.seconds:.2f} s ({span})"


def _kind(entry: Entry) -> str:
    if entry.tool.package:
        return "theirs"
    return "ours" if entry.tool.name.startswith(("fencepost", "pytest")) else "floor"
