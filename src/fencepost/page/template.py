"""Pages that are templates: a plugin fills in what stands in `{{ }}` and `{% %}` before readers see them.

Its result isn't known here: a template is a program, and nothing of a page runs on the author's computer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from fencepost.errors import UncheckedPageError
from fencepost.fence.snippet import Snippet

_TAG = re.compile(r"\{%[-+]?\s*(?P<word>[\w-]+)|\{\{")
_LITERAL = re.compile(r"\{%[-+]?\s*raw\s*[-+]?%\}.*?(?:\{%[-+]?\s*endraw\s*[-+]?%\}|\Z)", re.DOTALL)
# They put nothing into a page.
_SILENT = frozenset({"set", "endset", "import", "from"})
_FIX = "write out what readers see, put {% raw %} and {% endraw %} around it, or show it with { .notest }"


def judge_template(
    text: str, front_matter: Mapping[str, Any], snippets: Iterable[Snippet], name: str
) -> tuple[UncheckedPageError, ...]:
    """The places where a template may make a page's steps others than those that are run.

    Args:
        text: the page's whole text.
        front_matter: its own front matter, which may say that it is no template.
        snippets: its steps.
        name: the page's name.
    """
    if front_matter.get("render_macros") is False or front_matter.get("ignore_macros") is True:
        return ()
    # Included files come later.
    steps = {
        origin.line: snippet
        for snippet in snippets
        for origin in (snippet.opening, *snippet.origins)
        if origin.file == name
    }
    # The same lines, without what is taken literally.
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
