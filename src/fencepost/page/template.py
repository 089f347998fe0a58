"""Checks pages that are templates: a plugin replaces `{{ }}` and `{% %}` before readers see them.

The result isn't known here: a template is a program, and nothing of a page runs on the author's computer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from fencepost.errors import UncheckedPageError
from fencepost.fence.snippet import Snippet

_TAG = re.compile(r"\{%[-+]?\s*(?P<word>[\w-]+)|\{\{")
_LITERAL = re.compile(r"\{%[-+]?\s*raw\s*[-+]?%\}.*?(?:\{%[-+]?\s*endraw\s*[-+]?%\}|\Z)", re.DOTALL)
# These put nothing into a page.
_SILENT = frozenset({"set", "endset", "import", "from"})
_FIX = "write out what readers see, put {% raw %} and {% endraw %} around it, or show it with { .notest }"


def template_problems(
    text: str, front_matter: Mapping[str, Any], snippets: Iterable[Snippet], name: str
) -> tuple[UncheckedPageError, ...]:
    """Return errors for the places where a template may change the steps that readers see.

    Args:
        text: the page's whole text.
        front_matter: its own front matter, which may say that it isn't a template.
        snippets: its steps.
        name: the page's name.
    """
    if front_matter.get("render_macros") is False or front_matter.get("ignore_macros") is True:
        return ()
    # Without lines of included files, which are included after the template is filled in.
    steps = {
        origin.line: snippet
        for snippet in snippets
        for origin in (snippet.opening, *snippet.origins)
        if origin.file == name
    }
    # Drop literal text, but keep the number of lines.
    text = _LITERAL.sub(lambda match: "\n" * match[0].count("\n"), text)
    problems = []
    for number, line in enumerate(text.split("\n"), 1):
        for tag in _TAG.finditer(line):
            what = f"`{tag[0]}`"
            if number in steps:
                message = (
                    f"step `{steps[number].id}` can't be checked: a template fills in {what} before readers see it"
                )
            elif tag["word"] and tag["word"] not in _SILENT:
                message = f"can't be checked: the template's {what} may change the steps that readers see"
            else:
                continue
            problems.append(UncheckedPageError(message, _FIX, name, number))
            break
    return tuple(problems)
