"""The mark under a fence: a line with the verdict, and the output folded behind it."""

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
class _StepState:
    """A step on one machine: its standing, the words and the reason for it, and its record."""

    name: str
    machine: str
    standing: str
    words: str
    reason: str
    record: SnippetRecord | None


def render_step(snippet: Snippet, page: PageStatus, links: Links | None = None, *, anchor: bool) -> Html:
    """Return everything under a fence that runs.

    Args:
        snippet: the step.
        page: the status of its page.
        links: the links of that page.
        anchor: True if nothing else on the page has the step's id, so that this element has to.
    """
    here = [item for item in page.machines if snippet.runs_on(item.machine)]
    groups: dict[tuple[str, str, str], list[_StepState]] = {}
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
    """Return the outputs under a fence as text for the search index, each distinct one once."""
    seen = (_look(snippet, item) for item in page.machines if snippet.runs_on(item.machine))
    outputs = dict.fromkeys(item.record.output for item in seen if item.record and item.record.output.strip())
    return " ".join(shown_output(output)[0] for output in outputs)


def words_for(step: SnippetRecord) -> str:
    """Return a step's verdict in words for readers."""
    return "Nothing to check" if step.empty else _WORDS[step.verdict]


def _look(snippet: Snippet, item: OnMachine) -> _StepState:
    record = item.of_step(snippet)
    if record is None:
        return _StepState(item.machine, item.title, NOT_YET, "Not verified yet", "", None)
    # The attributes may have changed without the text: the exit status, a file's name, known to be broken.
    attributes_changed = record.step_sha256 not in {"", snippet.step_sha256}
    if attributes_changed or record.source_sha256 != snippet.source_sha256:
        return _StepState(item.machine, item.title, CHANGED, "Changed since it was verified", "", None)
    # Readers can see for themselves that a fence is empty or holds only comments.
    reason = "" if record.empty else record.reason or ""
    if record.verdict is Verdict.PASSED:
        status = snippet.attributes.exit
        reason = f"fails as written, with exit status {status}" if status else ""
    return _StepState(item.machine, item.title, str(record.verdict), words_for(record), reason, record)


def _mark(snippet: Snippet, group: Sequence[_StepState], page: PageStatus, links: Links | None, *, named: bool) -> Html:
    """Return one line for the machines that agree, with their output folded behind it."""
    records = [seen.record for seen in group if seen.record]
    names = [seen.machine for seen in group]
    parts: list[str] = []
    if snippet.attributes.file:
        parts.append(joined(["Written to ", tag("code", snippet.attributes.file)]))
    words = [tag("span", group[0].words, class_="fencepost-verdict"), _where(names, page) if named else ""]
    parts.append(joined([*words, ": ", prose(group[0].reason)] if group[0].reason else words))
    if records and records[0].verdict.was_run:
        parts.append(durations([record.seconds for record in records]))
    if snippet.attributes.only and named:
        parts.append("runs only there")
    line = joined(parts, Html(' <span class="fencepost-dot">·</span> '))
    folded = _folded(group, page, links, snippet.id)
    standing = group[0].standing
    if not folded:
        return tag("p", line, class_="fencepost-mark", data_fencepost_verdict=standing, data_search_exclude=True)
    # Failures are unfolded; everything else stays out of the way.
    is_open = any(record.verdict.stops_the_page for record in records)
    summary = tag("summary", line, data_search_exclude=True)
    return tag("details", summary, folded, class_="fencepost-mark", data_fencepost_verdict=standing, open=is_open)


def _where(names: list[str], page: PageStatus) -> str:
    everywhere = len(names) == len(page.machines)
    return f" on all {len(names)} machines" if everywhere and len(names) > 3 else f" on {listed(names)}"


def _folded(group: Sequence[_StepState], page: PageStatus, links: Links | None, step: str) -> Html:
    """Return the failures and outputs of machines that agree, one for all that printed the same."""
    parts: list[Html] = []
    outputs: dict[str, list[_StepState]] = {}
    for seen in group:
        if seen.record and seen.record.failure and seen.record.verdict.stops_the_page:
            parts.append(render_failure(seen.record.failure))
        if seen.record and seen.record.output.strip():
            outputs.setdefault(seen.record.output, []).append(seen)
    for output, alike in outputs.items():
        name_machines = len(page.machines) > 1 and (len(outputs) > 1 or len(alike) < len(group))
        caption = listed(seen.machine for seen in alike) if name_machines else ""
        whole = partial(links.run, alike[0].name, step) if links else None
        parts.append(render_output(output, caption, whole))
    return joined(parts)
