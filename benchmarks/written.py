"""What a benchmark found, written into a page between two comments: nobody writes a figure by hand."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parent / "README.md"


def write_between(path: Path, name: str, text: str) -> None:
    """Puts a text between a page's comments of that name, instead of what stands there.

    Args:
        path: the page.
        name: the part's name, as in `<!-- NAME: begin -->` and `<!-- NAME: end -->`.
        text: what is to stand between them.

    Raises:
        ValueError: when the page hasn't both comments once, in that order.
    """
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    page = path.read_text("utf-8")
    if not re.fullmatch(f"(?s:(?!.*{begin}.*{begin}).*{begin}.*{end}.*)", page):
        raise ValueError(f"{path.name} hasn't both comments of {name}")
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{begin}\n{text.strip()}\n\n{end}{after}", "utf-8")
