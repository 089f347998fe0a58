"""What stands beneath a fence: a quiet mark in words, and the output folded behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fencepost.fence.snippet import Snippet
from fencepost.record.model import SnippetRecord
from fencepost.render.html import Html, joined, link_to_step, prose, tag
from fencepost.render.links import Links
from fencepost.render.output import render_failure, render_output, shown_output
from fencepost.render.page_status import OnMachine, PageStatus
from fencepost.render.wording import durations, listed
from fencepost.verdicts import Verdict

CHANGED, NOT_YET = "changed", "not-yet"
_WORDS = {
    Verdict.PASSED: "Verified",
    Verdict.KNOWN_BROKEN: "Known to be broken",
    Verdict.SKIPPED: "Not verified here",
    Verdict.BLOCKED: "Not reached",
    Verdict.UNEXPECTEDLY_WORKS: "Not as written",
    Verdict.TIMED_OUT: "Timed out",
    Verdict.FAILED: "Failed",
    Verdict.ERROR: "Could not be checked",
}


@dataclass(frozen=True)
class _Seen:
    """A step on one machine: where it stands, in words, why, and what was recorded of it."""

    name: str
    machine: str
    standing: str
    words: str
    reason: str
    record: SnippetRecord | None


def render_step(snippet: Snippet, page: PageStatus, links: Links | None = None, *, anchor: bool) -> Html:
    """Everything beneath a fence that runs.

    Args:
        snippet: the step.
        page: what is known of its page.
        links: the ways from that page.
        anchor: whether the step's id isn't on the page yet, so that this has to carry it.
    """
    here = [item for item in page.machines if snippet.runs_on(item.machine)]
    groups: dict[tuple[str, str, str], list[_Seen]] = {}
    for item in here:
        seen = _look(snippet, item)
        groups.setdefault((seen.standing, seen.words, seen.reason), []).append(seen)
    named = len(page.machines) > 1
    marks = [_mark(snippet, group, page, links, named=named) for group in groups.values()]
    link = link_to_step(snippet.id, "#", class_="fencepost-link", title="Link to this step", data_search_exclude=True)
    return tag(
        "div",
        link,
        *marks,
        class_="fencepost-step",
        id=snippet.id if anchor else None,
        data_fencepost_machine=here[0].machine if links and named and here else None,
    )


def printed_by(snippet: Snippet, page: PageStatus) -> str:
    """The outputs beneath a fence as text, for those who search: each that its machines printed, once."""
    seen = (_look(snippet, item) for item in page.machines if snippet.runs_on(item.machine))
    outputs = dict.fromkeys(item.record.output for item in seen if item.record and item.record.output.strip())
    return " ".join(shown_output(output)[0] for output in outputs)


def words_for(step: SnippetRecord) -> str:
    """What became of a step, in words for readers."""
    return "Nothing to check" if step.empty else _WORDS[step.verdict]


def _look(snippet: Snippet, item: OnMachine) -> _Seen:
    record = item.of_step(snippet)
    if record is None:
        return _Seen(item.machine, item.title, NOT_YET, "Not verified yet", "", None)
    # What it asks for may have changed and its text not: an exit status, a file's name, that it is known to be broken.
    asks_something_else = record.step_sha256 not in {"", snippet.step_sha256}
    if asks_something_else or record.source_sha256 != snippet.source_sha256:
        return _Seen(item.machine, item.title, CHANGED, "Changed since it was verified", "", None)
    # That a fence is empty or a comment, a reader sees.
    reason = "" if record.empty else record.reason or ""
    if record.verdict is Verdict.PASSED:
        status = snippet.attributes.exit
        reason = f"fails as written, with exit status {status}" if status else ""
    return _Seen(item.machine, item.title, str(record.verdict), words_for(record), reason, record)


def _mark(snippet: Snippet, group: Sequence[_Seen], page: PageStatus, links: Links | None, *, named: bool) -> Html:
    """One line for all machines that agree, with their output behind it."""
    records = [seen.record for seen in group if seen.record]
    names = [seen.machine for seen in group]
    told: list[str] = []
    if snippet.attributes.file:
        told.append(joined(["Written to ", tag("code", snippet.attributes.file)]))
    words = [tag("span", group[0].words, class_="fencepost-verdict"), _where(names, page) if named else ""]
    told.append(joined([*words, ": ", prose(group[0].reason)] if group[0].reason else words))
    if records and records[0].verdict.was_run:
        told.append(durations([record.seconds for record in records]))
    if snippet.attributes.only and named:
        told.append("runs only there")
    line = joined(told, Html(' <span class="fencepost-dot">·</span> '))
    folded = _folded(group, page, links, snippet.id)
    standing = group[0].standing
    if not folded:
        return tag("p", line, class_="fencepost-mark", data_fencepost_verdict=standing, data_search_exclude=True)
    # What failed is what a reader came for; everything else stays out of the way.
    is_open = any(record.verdict.stops_the_page for record in records)
    summary = tag("summary", line, data_search_exclude=True)
    return tag("details", summary, folded, class_="fencepost-mark", data_fencepost_verdict=standing, open=is_open)


def _where(names: list[str], page: PageStatus) -> str:
    everywhere = len(names) == len(page.machines)
    return f" on all {len(names)} machines" if everywhere and len(names) > 3 else f" on {listed(names)}"


def _folded(group: Sequence[_Seen], page: PageStatus, links: Links | None, step: str) -> Html:
    """The outputs of machines that agree: one for all that printed the same."""
    parts: list[Html] = []
    outputs: dict[str, list[_Seen]] = {}
    for seen in group:
        if seen.record and seen.record.failure and seen.record.verdict.stops_the_page:
            parts.append(render_failure(seen.record.failure))
        if seen.record and seen.record.output.strip():
            outputs.setdefault(seen.record.output, []).append(seen)
    for output, alike in outputs.items():
        tell_whose = len(page.machines) > 1 and (len(outputs) > 1 or len(alike) < len(group))
        caption = listed(seen.machine for seen in alike) if tell_whose else ""
        whole = partial(links.run, alike[0].name, step) if links else None
        parts.append(render_output(output, caption, whole))
    return joined(parts)
