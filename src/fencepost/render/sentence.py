"""Sentences about a page: when it ran, on which machines, and with what result."""

from __future__ import annotations

from collections.abc import Sequence

from fencepost.record.model import Record
from fencepost.render.html import Html, joined, link_to_step, prose, tag
from fencepost.render.page_status import OnMachine, PageStatus, Standing
from fencepost.render.wording import counted, day, duration, durations, instant, listed, short_day
from fencepost.verdicts import Verdict


def sentences(page: PageStatus) -> list[Html]:
    """Return one line for each group of machines that agree, marked with its standing."""
    groups: dict[tuple[object, ...], list[OnMachine]] = {}
    for item in page.machines:
        groups.setdefault(_grouping_key(item), []).append(item)
    return [
        tag("p", _sentence(group, page), data_fencepost_standing=str(group[0].standing)) for group in groups.values()
    ]


def checked_on(record: Record, *, short: bool = False) -> Html:
    """Return the day of a run. A script looks for this element, to mark old runs."""
    words = short_day(record.started) if short else day(record.started)
    return tag("time", words, datetime=instant(record.started), data_fencepost_checked=True)


def steps_done(record: Record) -> str:
    """Return how many steps did as the page says: `9 of 9 steps`, and how many are broken or empty.

    Returns an empty string if there is nothing to run.
    """
    if record.nothing_to_run:
        return ""
    passed, of, broken = record.counted
    parts = [f"{passed} of {counted(of, 'step')}"] if of else []
    if broken:
        parts.append(f"{broken} known to be broken")
    if record.empty:
        parts.append(f"{record.empty} with nothing to check")
    return "; ".join(parts)


def reason_of(item: OnMachine) -> str:
    """Return the reason of the step that decided the verdict, or of the run itself; else an empty string."""
    step = item.deciding_step
    return ((step.reason if step else item.record.reason) if item.record else "") or ""


def _grouping_key(item: OnMachine) -> tuple[object, ...]:
    if item.record is None:
        return (item.standing,)
    step = item.deciding_step
    done = (item.record.counted, item.record.empty)
    return (item.standing, day(item.record.started), done, step and step.id, reason_of(item))


def _sentence(group: Sequence[OnMachine], page: PageStatus) -> Html:
    where = listed(item.full_title for item in group)
    records = [item.record for item in group if item.record]
    if not records:
        return joined([tag("strong", "Not verified yet"), f" on {where}."])
    when = checked_on(records[0])
    standing = group[0].standing
    if standing is Standing.NOTHING:
        reason = reason_of(group[0])
        headline = tag("strong", "Nothing here is checked")
        return joined([headline, f" on {where}", joined([": ", prose(reason)]) if reason else "."])
    each = " on each" if len(records) > 1 else ""
    result = f"{steps_done(records[0])}{each}, {durations([record.seconds for record in records])}"
    if standing is Standing.VERIFIED:
        passed, of, _ = records[0].counted
        # If no steps are counted, all that ran are known to be broken.
        verb = "Checked" if passed == of == 0 else "Verified"
        return joined([tag("strong", verb), " on ", when, f" on {where}: {result}"])
    if standing is Standing.PARTLY:
        number = sum(item.verdict is Verdict.SKIPPED and not item.empty for item in records[0].snippets)
        rest = [f": {result}; {number} not verified here: ", prose(reason_of(group[0]))]
        return joined([tag("strong", "Verified in part"), " on ", when, f" on {where}", *rest])
    if standing is Standing.NOT_HERE:
        return joined(
            [tag("strong", "Not verified here"), f" on {where}: ", prose(reason_of(group[0])), " (", when, ")"]
        )
    if standing is Standing.CHANGED:
        before = " it was verified" if not records[0].verdict.is_red else " its last check, which failed,"
        return joined([tag("strong", f"Changed since{before}"), " on ", when, f" on {where} ({result})"])
    return _bad_news(group[0], records, where, page)


def _bad_news(item: OnMachine, records: Sequence[Record], where: str, page: PageStatus) -> Html:
    step = item.deciding_step
    verdict = step.verdict if step else records[0].verdict
    parts: list[str] = [tag("strong", _VERB.get(verdict, "Failed")), " on ", checked_on(records[0]), f" on {where}"]
    if step:
        parts += [", at step ", link_to_step(step.id, page.title_of(step.id))]
    if reason := reason_of(item):
        parts += [": ", prose(reason)]
    times = durations([record.seconds for record in records]) if len(records) > 1 else duration(records[0].seconds)
    parts.append(f" ({steps_done(records[0])}, {times})")
    return joined(parts)


_VERB = {
    Verdict.FAILED: "Failed",
    Verdict.TIMED_OUT: "Timed out",
    Verdict.UNEXPECTEDLY_WORKS: "Not as written",
    Verdict.ERROR: "Could not be checked",
}
