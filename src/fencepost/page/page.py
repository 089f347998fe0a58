"""Reads a page: a Markdown file and its steps."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fencepost.errors import FencepostError, ManyErrors, PageError, SiteError, UncheckedPageError, did_you_mean
from fencepost.fence.snippet import Snippet, digest_of_steps
from fencepost.fence.traced_line import Origin
from fencepost.page.capture import Capture
from fencepost.page.edited import edited_text
from fencepost.page.frontmatter import FrontMatter, check_yaml, line_of_key, read_front_matter
from fencepost.page.pipeline import Pipeline
from fencepost.page.provenance import MissingIncludeError
from fencepost.page.steps import note_of_unrun, snippets_of
from fencepost.page.template import template_problems


@dataclass(frozen=True)
class Page:
    """A Markdown file whose front matter names a machine.

    Attributes:
        name: its path, relative to the site's folder, with forward slashes.
        path: its path on this computer.
        front_matter: its front matter.
        snippets: its steps, in order.
        note: a warning for its author; empty for none.
    """

    name: str
    path: Path
    front_matter: FrontMatter
    snippets: tuple[Snippet, ...]
    note: str = ""

    def snippets_on(self, machine: str) -> list[Snippet]:
        """Return its steps on a machine."""
        return [snippet for snippet in self.snippets if snippet.runs_on(machine)]

    def digest_on(self, machine: str) -> str:
        """Return the digest of its steps on a machine."""
        return digest_of_steps(self.snippets, machine)


def read_page(
    path: Path, pipeline: Pipeline, *, known_machines: Collection[str], also_allowed: Collection[str] = ()
) -> Page | None:
    """Read a page. Return `None` if it has no machine.

    Args:
        path: the Markdown file.
        pipeline: the site's own Markdown.
        known_machines: the machines of the site.
        also_allowed: attributes that belong to other plugins.

    Raises:
        ManyErrors: with every error of the page.
    """
    name = _relative(str(path), pipeline.root)
    try:
        edited = edited_text(path)
        text = path.read_text("utf-8-sig") if edited is None else edited
    except (OSError, UnicodeDecodeError) as error:
        raise ManyErrors("", errors=(_unreadable(error, name),)) from error
    body, data = pipeline.settings.split(text)
    try:
        check_yaml(data, text, name)
        front_matter = read_front_matter(_with_additions(pipeline, path, data, name), text, name)
    except PageError as error:
        raise ManyErrors("", errors=(error,)) from error
    if not front_matter.machines:
        return None
    offset = text.count("\n") - body.count("\n")
    problems: list[FencepostError] = [
        *_unnameable(name),
        *_unknown_machines(front_matter, data, known_machines, text, name),
    ]
    try:
        with pipeline.page(path, name, offset) as capturing:
            capture = capturing.convert(body)
    except SiteError:
        raise
    except MissingIncludeError as error:
        problems.append(_missing_include(error, pipeline.root, name))
        raise ManyErrors("", errors=tuple(problems)) from error
    except (Exception, SystemExit) as error:  # the site's extensions may raise anything
        problems.append(_unconverted(error, name))
        raise ManyErrors("", errors=tuple(problems)) from error
    origins = _relative_origins(pipeline, capture)
    for lost in capture.lost:
        where = origins[lost.index]
        problems.append(
            PageError(
                f"`{lost.text.strip()}` looks like a fence that runs, but the site shows it as text",
                f"{lost.why}; write it as  ```bash {{ .notest }}  with attributes in braces",
                where.file,
                where.line,
            )
        )
    numbered, wrong = snippets_of(capture, origins, machines=front_matter.machines, also_allowed=also_allowed)
    problems.extend(wrong)
    if problems:
        raise ManyErrors("", errors=tuple(sorted(problems, key=lambda problem: (problem.file, problem.line))))
    snippets = tuple(item.snippet for item in numbered)
    if pipeline.settings.templates and (errors := template_problems(text, data, snippets, name)):
        raise ManyErrors("", errors=errors)
    return Page(name, path, front_matter, snippets, note_of_unrun(capture, origins, name))


def _with_additions(pipeline: Pipeline, path: Path, data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    try:
        return pipeline.settings.front_matter(path, data)
    except (Exception, SystemExit) as error:  # a plugin may raise anything
        reason = " ".join(str(error).split())
        raise UncheckedPageError(f"a plugin fails to add to its front matter: {reason}", "", name) from error


def _relative(file: str, root: Path) -> str:
    if "://" in file:
        return file
    try:
        return Path(file).resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return file


def _relative_origins(pipeline: Pipeline, capture: Capture) -> list[Origin]:
    page = pipeline.origins.file
    names: dict[str, str] = {}
    relative = []
    for origin in pipeline.origins.realigned(capture.lines):
        if origin.file == page:
            relative.append(origin)
            continue
        if origin.file not in names:
            names[origin.file] = _relative(origin.file, pipeline.root)
        relative.append(Origin(names[origin.file], origin.line))
    return relative


def _unnameable(name: str) -> list[PageError]:
    """Return why a page can't have a record with its name."""
    if not name.isascii() and name != name.encode("utf-8", "replace").decode():
        return [PageError("its file name isn't UTF-8", "rename it", name)]
    if not Path(name).is_absolute():
        return []
    return [
        PageError(
            "is outside the site's folder, so its record can't be named after it",
            "move it into the folder of mkdocs.yml, or mkdocs.yml to a folder above it; a link isn't enough",
            name,
        )
    ]


def _unknown_machines(
    front_matter: FrontMatter, own: Mapping[str, Any], known: Collection[str], text: str, name: str
) -> list[PageError]:
    added = "" if "machine" in own else ", which a plugin adds to the page's front matter"
    return [
        PageError(
            f"unknown machine `{machine}`{added}",
            did_you_mean(machine, sorted(known)) or "the site has: " + (", ".join(sorted(known)) or "none yet"),
            name,
            0 if added else line_of_key("machine", text),
        )
        for machine in front_matter.machines
        if machine not in known
    ]


def _missing_include(error: MissingIncludeError, root: Path, name: str) -> PageError:
    reason = str(error)
    return PageError(
        f"a file to include is missing: {reason[0].lower()}{reason[1:]}",
        "check the path against `base_path` of pymdownx.snippets in mkdocs.yml, and the section after its colon",
        _relative(error.origin.file, root) if error.origin else name,
        error.origin.line if error.origin else 0,
    )


def _unreadable(error: OSError | UnicodeDecodeError, name: str) -> PageError:
    if isinstance(error, UnicodeDecodeError):
        return UncheckedPageError(f"not UTF-8 text: {error.reason} at byte {error.start}", "save it as UTF-8", name)
    return UncheckedPageError(f"can't be read: {error.strerror or error}", "", str(error.filename or name))


def _unconverted(error: BaseException, name: str) -> PageError:
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}"
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return PageError(
        f"the site's Markdown fails on this page: {reason} ({where})",
        "see what `mkdocs build` says about it; an extension may depend on another plugin's events",
        name,
    )
