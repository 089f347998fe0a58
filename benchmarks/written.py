"""Write the results of a benchmark into a page, between two comments."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parent / "README.md"


def write_between(path: Path, name: str, text: str) -> None:
    """Replace the text between two comments of a page.

    Args:
        path: the page.
        name: the name in the comments `<!-- NAME: begin -->` and `<!-- NAME: end -->`.
        text: the new text.

    Raises:
        ValueError: when the page doesn't have each comment once, in that order.
    """
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    page = path.read_text("utf-8")
    if not re.fullmatch(f"(?s:(?!.*{begin}.*{begin}).*{begin}.*{end}.*)", page):
        raise ValueError(f"{path.name} hasn't both comments of {name}")
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{begin}\n{text.strip()}\n\n{end}{after}", "utf-8")
