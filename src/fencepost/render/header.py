"""The line at the top of a page: verified when, on what, and how much of it."""

from __future__ import annotations

from fencepost.render.html import Html, joined, link_to_step, prose, tag
from fencepost.render.sentence import checked_on, reason_of, sentences, steps_done
from fencepost.render.standing import OnMachine, PageStanding, Standing
from fencepost.render.words import duration

WORDS = {
    Standing.VERIFIED: "Verified",
    Standing.PARTLY: "Verified in part",
    Standing.NOT_HERE: "Not verified here",
    Standing.NOT_YET: "Not verified yet",
    Standing.CHANGED: "Changed since",
    Standing.ERROR: "Could not be checked",
    Standing.FAILED: "Failed",
}


def render_header(page: PageStanding, max_age_days: float) -> Html:
    """The header of a page with a machine: a sentence, or a table where its machines disagree.

    Args:
        page: what is known of it.
        max_age_days: after how many days a verdict is old. A browser judges that; without scripts the date is shown.
    """
    disagree = len({item.standing for item in page.machines}) > 1
    told = _table(page) if disagree else joined(tag("p", sentence) for sentence in sentences(page))
    # No element may hold another of its own name here: Material's search would take its end for the end of all.
    return tag(
        "aside",
        told,
        class_="fencepost-header",
        aria_label="When this page was verified",
        data_fencepost_standing=str(page.worst),
        data_fencepost_max_age=f"{max_age_days:g}",
        data_search_exclude=True,
    )


def _table(page: PageStanding) -> Html:
    # The sign in front is that of the worst; the words have to go with it.
    told = page.worst if page.worst in {Standing.FAILED, Standing.ERROR, Standing.CHANGED} else Standing.VERIFIED
    number = sum(item.standing is told for item in page.machines)
    words = "Changed since it was verified" if told is Standing.CHANGED else WORDS[told]
    headline = tag("p", tag("strong", f"{words} on {number} of {len(page.machines)} machines"))
    head = tag("thead", tag("tr", *(tag("th", word, scope="col") for word in ("Machine", "Verdict", "Date", "Time"))))
    rows = (_row(item, page) for item in page.machines)
    return joined([headline, tag("table", head, tag("tbody", *rows), class_="fencepost-machines")])


def _row(item: OnMachine, page: PageStanding) -> Html:
    record = item.record
    return tag(
        "tr",
        tag("th", item.surroundings, scope="row"),
        tag("td", verdict_in_words(item, page), data_fencepost_standing=str(item.standing)),
        tag("td", checked_on(record) if record else "-"),
        tag("td", duration(record.seconds) if record else "-"),
    )


def verdict_in_words(item: OnMachine, page: PageStanding) -> Html:
    """A machine's verdict as a cell of a table: the word, the steps, and the reason for anything but good news."""
    parts: list[str] = [tag("strong", WORDS[item.standing])]
    step = item.telling
    if item.standing in {Standing.FAILED, Standing.ERROR} and step:
        parts += [" at step ", link_to_step(step.id, page.title_of(step.id))]
    if item.standing in {Standing.FAILED, Standing.ERROR, Standing.NOT_HERE} and (reason := reason_of(item)):
        parts += [": ", prose(reason)]
    elif item.record:
        parts.append(f": {steps_done(item.record)}")
    return joined(parts)
