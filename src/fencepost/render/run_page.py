"""One run of a page as a document of its own: each step with its whole output, to read instead of the recording."""

from __future__ import annotations

from fencepost.kinds.registry import kind_for
from fencepost.record.model import Record, SnippetRecord
from fencepost.render.html import Html, joined, prose, tag
from fencepost.render.output import render_failure
from fencepost.render.sentence import checked_on, steps_done
from fencepost.render.step import words_for
from fencepost.render.wording import duration, machine_name
from fencepost.terminal import as_on_screen

# The document needs no other files, so that it can be saved, sent or printed.
_STYLE = """
:root { color-scheme: light dark; --quiet: #5c6166; --line: #8884; --code: #8881; }
@media (prefers-color-scheme: dark) { :root { --quiet: #a7adb1; } }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.5;
  font-family: system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
h2 { margin: 2rem 0 0.3rem; font-size: 1rem; }
h2 a { color: inherit; }
.quiet { color: var(--quiet); font-size: 0.9rem; margin: 0.2rem 0 0.6rem; }
pre { margin: 0 0 0.6rem; padding: 0.6rem 0.8rem; background: var(--code); overflow: auto; max-height: 80vh;
  font: 0.85rem/1.5 ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace; }
pre.typed { border-left: 0.2rem solid var(--line); background: none; }
dt { font-weight: 600; }
dd { margin: 0 0 0.5rem; }
@media print { pre { max-height: none; white-space: pre-wrap; } }
"""


def render_run(record: Record, *, title: str, page: str, cast: str) -> Html:
    """Return the document.

    Args:
        record: the run.
        title: the page's title.
        page: the page's URL, relative to the document.
        cast: the recording's URL, relative to the document.
    """
    on = record.title or machine_name(record.machine)
    emulated = f" (emulated, {record.accelerator})" if record.accelerator == "tcg" else ""
    back = tag("a", title, href=page) if page else tag("span", title)
    watch = tag("a", "as a recording", href=cast, download=True)
    results = [part for part in (steps_done(record), record.reason, duration(record.seconds)) if part]
    contents = [
        tag("h1", f"{title}, run on {on}"),
        tag("p", "The steps of ", back, " as they last ran, with all output that was kept; also ", watch, "."),
        tag(
            "p",
            checked_on(record),
            f", {', '.join(results)}. Machine {record.machine}{emulated}, image "
            f"{short_image(record.image)}, {record.engine}, Fencepost {record.fencepost}.",
            class_="quiet",
        ),
        *(_step(snippet, page) for snippet in record.snippets),
    ]
    head = [
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="robots" content="noindex"><link rel="icon" href="data:,">'),
        tag("title", f"{title}, run on {on}"),
        Html(f"<style>{_STYLE}</style>"),
    ]
    document = tag("html", tag("head", *head), tag("body", tag("main", *contents)), lang="en")
    return joined([Html("<!doctype html>\n"), document, Html("\n")])


def short_image(image: str) -> str:
    """Return an image's id, shortened as engines do."""
    return image.removeprefix("sha256:")[:12]


def _step(snippet: SnippetRecord, page: str) -> Html:
    name = snippet.title or snippet.id
    heading = tag("a", name, href=f"{page}#{snippet.id}") if page else tag("span", name)
    parts: list[Html] = [tag("h2", heading)]
    words: list[str] = [words_for(snippet)]
    if snippet.reason and not snippet.empty:
        words += [": ", prose(snippet.reason)]
    if snippet.verdict.was_run:
        words.append(f" · {duration(snippet.seconds)}")
    if snippet.written_to:
        words += [" · written to ", tag("code", snippet.written_to)]
    parts.append(tag("p", *words, class_="quiet"))
    kind = kind_for(snippet.language)
    if snippet.source and not (kind and kind.is_transcript):
        parts.append(tag("pre", tag("code", snippet.source), class_="typed", tabindex="0"))
    if snippet.output.strip():
        parts.append(tag("pre", tag("samp", as_on_screen(snippet.output)), tabindex="0"))
    if snippet.failure:
        parts.append(render_failure(snippet.failure))
    return tag("section", *parts, id=snippet.id)
