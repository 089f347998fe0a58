"""A page through the site's own Markdown: what runs is what readers see, and its line numbers are right."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from fencepost.errors import FencepostError
from tests.helpers.code_blocks import captured_blocks, shown_blocks
from tests.helpers.site_builder import SiteBuilder
from trials.fuzzing.taking import holds, same, text
from trials.fuzzing.target import ROOT, Target

_KEPT = tempfile.TemporaryDirectory(prefix="fencepost-fuzz-")
SITE = SiteBuilder(Path(_KEPT.name) / "site").read()
PAGE = SITE.docs / "page.md"
HEAD = "---\nmachine: debian-12\n---\n"
_OPENER = re.compile(r"[> \t]*(?:(?:[-*+]|\d+[.)])[ \t]+)*(?:`{3,}|~{3,})")


def one(data: bytes) -> None:
    """Try the text of a page after its front matter."""
    body = text(data).replace("\r\n", "\n").replace("\r", "\n")
    if "--8<--" in body or "-8<-" in body:
        return  # includes would bring in other files: the samples test these
    PAGE.write_text(HEAD + body, "utf-8", newline="")
    try:
        page = SITE.read_page(PAGE)
    except FencepostError as error:
        holds("page.md" in str(error), error)
        return
    holds(page is not None)
    captured = captured_blocks(SITE, body)
    same(captured, shown_blocks(SITE, body))
    # Python-Markdown removes its own two marks from a text.
    lines = (HEAD + body).replace("\x02", "").replace("\x03", "").split("\n")
    for snippet in page.snippets if page else ():
        holds(snippet.runner == "file" or snippet.source.strip("\n") in captured, snippet)
        same(snippet.opening.file, "docs/page.md")
        holds(_OPENER.match(lines[snippet.opening.line - 1]), snippet, lines)
        for origin, shown in zip(snippet.origins, snippet.source.split("\n"), strict=False):
            there = lines[origin.line - 1].expandtabs(4)
            holds(there.rstrip().endswith(shown.expandtabs(4).strip()), snippet, there)


def seeds() -> Iterable[bytes]:
    """Yield the sample pages."""
    for path in sorted((ROOT / "tests/page/forms").glob("*.md")):
        sample = path.read_bytes().rpartition(b"\n<!-- expect\n")[0]
        yield sample.partition(b"\n---\n")[2]


TARGET = Target(
    name="page",
    says="What runs is what readers see; each line is where its origin says; all errors name the page.",
    code=("page",),
    words=(
        b"```bash\n",
        b"\n```\n",
        b"~~~",
        b"````",
        b"    ",
        b"\n- ",
        b"\n> ",
        b'\n=== "Tab"\n',
        b"\n!!! note\n",
        b"<!--",
        b"-->",
        b"<pre>",
    )
    + (
        b"</pre>",
        b"<div markdown>",
        b"{ .notest }",
        b" { #id }",
        b"\n[^1]: ",
        b"\n1. ",
        b"\t",
        b"{.bash}",
        b"hl_lines=",
    ),
    seeds=seeds,
    one=one,
    longest=400,
)
