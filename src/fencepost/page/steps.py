"""Makes snippets of captured fences: names them, reads their attributes, and reports errors."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from fencepost.errors import PageError
from fencepost.fence.attributes import AttributeProblem, Attributes, read_attributes
from fencepost.fence.snippet import Snippet
from fencepost.fence.traced_line import Origin
from fencepost.kinds.file import FILE
from fencepost.kinds.guard import PluginError
from fencepost.kinds.kind import StepKind
from fencepost.kinds.registry import kind_for, why_unknown
from fencepost.page.capture import Capture, CapturedFence
from fencepost.page.languages import hint_for, looks_like_step

# Names of steps are used in anchors, in pytest's node ids and on command lines.
_ID = re.compile(r"\w[\w.-]*")
# How many of the fences that look like steps a warning names.
_MENTIONED = 8


@dataclass(frozen=True)
class NumberedSnippet:
    """A snippet, and the number of its fence among all the fences of the page."""

    number: int
    snippet: Snippet


def snippets_of(
    capture: Capture,
    origins: Sequence[Origin],
    *,
    machines: Collection[str],
    also_allowed: Collection[str] = (),
    finished: Collection[str] = (),
) -> tuple[list[NumberedSnippet], list[PageError]]:
    """Return the steps among a page's fences, in order, and the errors in them.

    Args:
        capture: the page's fences.
        origins: file and line of each expanded line.
        machines: the page's machines, for `only=`.
        also_allowed: attributes that belong to other plugins.
        finished: sources that are known not to end in the middle of a command.
    """
    problems: list[PageError] = []
    snippets: list[NumberedSnippet] = []
    taken: dict[str, Origin] = {}
    counters: dict[str, int] = {}
    for number, fence in enumerate(capture.fences):
        opening = origins[fence.start]
        kind = kind_for(fence.language)
        try:
            _check_language(fence)
            attributes = read_attributes(
                fence.classes, fence.attributes, runs=kind is not None, also_allowed=also_allowed
            )
            _check_machines(attributes, machines)
            _check_fence(fence, attributes, kind)
            if attributes.file:
                kind = FILE
            if attributes.notest or kind is None:
                continue
            if fence.source not in finished:
                problems += _unfinished(fence, attributes, kind, origins)
        except PluginError as problem:
            problems.append(replace(problem, file=opening.file, line=opening.line))
            continue
        except AttributeProblem as problem:
            at = origins[fence.start + problem.below]
            problems.append(PageError(problem.message, problem.fix, at.file, at.line))
            continue
        name = fence.id or _generated(fence.heading, counters)
        if name in taken:
            fix = f"the other is at {taken[name].file}:{taken[name].line}; give one of them another #name"
            problems.append(PageError(f"duplicate id `{name}`", fix, opening.file, opening.line))
        elif fence.id and name in capture.anchors:
            fix = "a link to it would jump to the heading; give the step another #name"
            problems.append(PageError(f"id `{name}` is already a heading's anchor", fix, opening.file, opening.line))
        taken.setdefault(name, opening)
        snippets.append(NumberedSnippet(number, _snippet(name, fence, attributes, kind, origins)))
    return snippets, problems


def note_of_unrun(capture: Capture, origins: Sequence[Origin], page: str) -> str:
    """Return a warning that names the fences that look like steps and aren't run; empty if there are none.

    Args:
        capture, origins: as for `snippets_of`.
        page: the page's name.
    """
    unrun = [
        fence
        for fence in capture.fences
        if looks_like_step(fence.language) and "notest" not in {*fence.classes, *fence.attributes}
        if "file" not in fence.attributes
    ]
    if not unrun:
        return ""
    places = []
    for fence in unrun[:_MENTIONED]:
        at = origins[fence.start]
        places.append(f"{'line ' if at.file == page else at.file + ':'}{at.line} {fence.language}")
    if len(unrun) > _MENTIONED:
        places.append("...")
    one = len(unrun) == 1
    fences = "1 fence looks like a step and isn't" if one else f"{len(unrun)} fences look like steps and aren't"
    return f"{fences} run: {', '.join(places)}; write {{ .notest }} if that is intended"


def _unfinished(
    fence: CapturedFence, attributes: Attributes, kind: StepKind, origins: Sequence[Origin]
) -> Iterator[PageError]:
    """Yield an error if a fence ends in the middle of a command, and isn't expected to fail."""
    expected = attributes.exit is not None or attributes.known_broken
    if not expected and (mistake := kind.unfinished(fence.source)):
        at = origins[fence.start + 1 + mistake.offset]
        yield PageError(mistake.message, mistake.fix, at.file, at.line)


def _snippet(
    name: str, fence: CapturedFence, attributes: Attributes, kind: StepKind, origins: Sequence[Origin]
) -> Snippet:
    return Snippet(
        id=name,
        language=fence.language,
        runner=kind.name,
        source=fence.source,
        opening=origins[fence.start],
        origins=tuple(origins[fence.start + 1 : fence.end - 1]),
        index=fence.start + 2,
        attributes=attributes,
        title=fence.options.get("title", ""),
    )


def _generated(heading: str, counters: dict[str, int]) -> str:
    counters[heading] = counters.get(heading, 0) + 1
    return f"{heading}-step-{counters[heading]}" if heading else f"step-{counters[heading]}"


def _check_machines(attributes: Attributes, machines: Collection[str]) -> None:
    for name in attributes.only:
        if not fnmatch.filter(machines, name) and name not in machines:
            raise AttributeProblem(
                f"`only=` names `{name}`, which isn't one of this page's machines",
                "the page has: " + ", ".join(machines),
            )


def _check_language(fence: CapturedFence) -> None:
    """Refuse a fence whose language a broken package registers: otherwise it would silently not be a step."""
    shown = {"notest", "file"} & {*fence.classes, *fence.attributes}
    if not shown and (why := why_unknown(fence.language)):
        raise PluginError(f"`{fence.language}` can't be run: {why}", "update the package, or write { .notest }")


def _check_fence(fence: CapturedFence, attributes: Attributes, kind: StepKind | None) -> None:
    # A misspelt language would silently make the fence no step.
    if not (attributes.notest or attributes.file) and (hint := hint_for(fence.language)):
        raise AttributeProblem(f"unknown language `{fence.language}`", f"{hint} If not, write {{ .notest }}")
    if not (fence.language or attributes.notest or attributes.file):
        for word in (name.rstrip(",") for name, value in fence.attributes.items() if name == value):
            if kind_for(word):
                raise AttributeProblem(
                    f"the site doesn't read `{word}` in braces as a language",
                    f"write it before the braces, or write {{ .{word} }}",
                )
    if attributes.fixtures and not (kind and kind.takes_fixtures):
        raise AttributeProblem("`fixture:` is only for Python fences", "drop it")
    if kind and not attributes.notest and fence.shown_by.startswith("markdown_exec."):
        raise AttributeProblem(
            "with `exec=`, markdown-exec runs the fence on the computer that builds the site",
            "drop `exec=` to run the fence on the page's machine, or write { .notest }",
        )
    if kind and not (attributes.notest or attributes.file):
        kind.check(fence.source, attributes)
    if fence.id and not _ID.fullmatch(fence.id):
        raise AttributeProblem(f"`#{fence.id}` can't name a step", "use letters, digits, dots, hyphens and underscores")
    if "\0" in fence.source:
        raise AttributeProblem("the fence contains a NUL character", "remove it; no shell can read it")
