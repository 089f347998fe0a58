"""Writes the real outputs of transcripts into the pages, and changes no other byte."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fencepost.check.job import Job
from fencepost.check.outputs import Output, outcome_of, sharing_lines
from fencepost.errors import PageError, SiteError, write_error
from fencepost.kinds.result import StepResult
from fencepost.whole_files import remove_parts, write_whole

_LINE = re.compile(r"(.*?)(\r\n|\r|\n|\Z)", re.DOTALL)
# Lists, admonitions and tabs indent a fence; quotes put `>` before it.
_PREFIX = re.compile(r"[\s>]*")
_SECTION = re.compile(r"-+8<-+")
_TAB = 4


@dataclass
class Rewriting:
    """The changes to files.

    Attributes:
        before, after: the old and new text of each file that changes, by its name in the site.
        outputs: the number of outputs that change.
        problems: outputs that can't be rewritten, and why.
    """

    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    outputs: int = 0
    problems: list[PageError] = field(default_factory=list)

    @property
    def files(self) -> list[str]:
        """The files that change."""
        return sorted(self.after)

    def diff(self) -> str:
        """Return the changes as a unified diff."""
        parts: list[str] = []
        for file in self.files:
            old, new = (text.splitlines(keepends=True) for text in (self.before[file], self.after[file]))
            parts += difflib.unified_diff(old, new, file, file)
        return "".join(part if part.endswith("\n") else f"{part}\n\\ No newline at end of file\n" for part in parts)

    def write(self, folder: Path) -> None:
        """Write the files, each of them atomically.

        Raises:
            EngineError: when the disk is full.
            SiteError: when one can't be written for other reasons, or has changed meanwhile.
        """
        for file in self.files:
            path = folder / file
            # Here, and not when a check starts: an included file may lie in any folder.
            remove_parts(path.parent, below=False)
            try:
                if _read(path) != self.before[file]:
                    raise SiteError("changed while its steps ran, and is left as it is", "run this again", file)
                was = path.stat()
                write_whole(path, self.after[file].encode(), was.st_mode & 0o7777, was)
            except OSError as error:
                raise write_error("can't be written", error, file) from error


def rewriting_of(results: Iterable[tuple[Job, StepResult]], folder: Path) -> Rewriting:
    """Return the changes after which transcripts show what they printed.

    Args:
        results: the results of steps.
        folder: the site's folder.
    """
    rewriting = Rewriting()
    outcome = outcome_of(results)
    new_lines, rewriting.problems = outcome.new_lines, outcome.problems
    files: dict[str, list[tuple[Output, tuple[str, ...]]]] = {}
    for outputs in sharing_lines({*new_lines, *outcome.left}):
        if not outcome.left.isdisjoint(outputs):
            continue
        changes = {(output, text) for output in outputs for _, text in new_lines[output]}
        if all(text == output.shown for output, text in changes):
            continue
        if len(changes) == 1:
            files.setdefault(outputs[0].file, []).extend(changes)
        else:
            rewriting.problems.append(_conflict(outputs, {name for output in outputs for name, _ in new_lines[output]}))
    for file, of_file in files.items():
        _rewrite(rewriting, file, folder, of_file)
    return rewriting


def _conflict(outputs: list[Output], names: Collection[str]) -> PageError:
    several = len(names) > 1
    if len(outputs) > 1:
        what = f"{'show' if several else 'shows'} different parts of this output: it is left as it is"
        fix = "show all of it everywhere, or give each a file of its own"
    elif several:
        what = "print different things: this output is left as it is"
        fix = "write `...` for what differs, or give each machine a fence of its own with only="
    else:
        what = "prints different things each time: this output is left as it is"
        fix = "write `...` for what differs, or include another file each time"
    return PageError(f"{' and '.join(sorted(names))} {what}", fix, outputs[0].file, outputs[0].start + 1)


def _rewrite(rewriting: Rewriting, file: str, folder: Path, changes: list[tuple[Output, tuple[str, ...]]]) -> None:
    """Put new lines into a file, from its end to its beginning, so that the places of earlier outputs don't move."""
    if not (folder / file).resolve().is_relative_to(folder.resolve()):
        rewriting.problems.append(PageError("lies outside of the site's folder, and is left as it is", "", file))
        return
    try:
        before = _read(folder / file)
    except (OSError, UnicodeDecodeError) as error:
        rewriting.problems.append(PageError(f"can't be rewritten: {error}", "", file))
        return
    lines = _LINE.findall(before)
    as_read = list(lines)
    for output, new_lines in sorted(changes, key=lambda change: change[0].start, reverse=True):
        prefix = _prefix_of(as_read, output)
        if prefix is None:
            message = "this output, or its command, has changed since its step ran: it is left as it is"
            rewriting.problems.append(PageError(message, "run this again", file, output.start + 1))
            continue
        if len(new_lines) != len(output.shown) and _goes_on(as_read, output.included_to):
            message = "this output is included by line numbers, and now has more or fewer lines: it is left as it is"
            rewriting.problems.append(PageError(message, "include a section or a whole file", file, output.start + 1))
            continue
        rewriting.outputs += 1
        # Replace only lines that differ: the others keep their tabs and trailing spaces.
        opcodes = difflib.SequenceMatcher(a=output.shown, b=new_lines, autojunk=False).get_opcodes()
        for what, start, end, new_start, new_end in reversed(opcodes):
            if what != "equal":
                new = [(prefix + text if text else prefix.rstrip()) for text in new_lines[new_start:new_end]]
                _splice(lines, output.start + start, output.start + end, new)
    after = "".join(text + ending for text, ending in lines)
    if after != before:
        rewriting.before[file], rewriting.after[file] = before, after


def _splice(lines: list[tuple[str, str]], start: int, end: int, new: list[str]) -> None:
    """Replace lines. They end as the line above them does; a file without a final newline stays so."""
    usual = next((ending for _, ending in [*lines[max(0, start - 1) : start], *lines] if ending), "\n")
    last = lines[end - 1][1] if end > start else usual
    fresh = [(text, usual) for text in new]
    if start == end and start and not lines[start - 1][1]:
        lines[start - 1] = (lines[start - 1][0], usual)
        last = ""
    if fresh:
        fresh[-1] = (fresh[-1][0], last)
    lines[start:end] = fresh


def _goes_on(lines: list[tuple[str, str]], number: int) -> bool:
    """Return whether a file goes on after the included part, without a section's end there."""
    following = next((text for text, _ in lines[number:] if text.strip()), "") if number else ""
    return bool(following) and not _SECTION.search(following)


def _prefix_of(lines: list[tuple[str, str]], output: Output) -> str | None:
    """Return the prefix of an output's lines in its file; `None` if the file has other lines there."""
    prefixes = [_prefix(lines, output.start + offset, text) for offset, text in enumerate(output.shown)]
    # Compare the command as well: another output with the same lines may have moved here meanwhile.
    above = [_prefix(lines, output.start - back, text) for back, text in enumerate(output.above, 1)]
    if None in prefixes or None in above:
        return None
    of_text = (prefix for prefix, text in zip(prefixes, output.shown, strict=True) if text.strip())
    return next(of_text, None) or next(iter(above), None) or ""


def _prefix(lines: list[tuple[str, str]], number: int, text: str) -> str | None:
    raw = lines[number][0] if 0 <= number < len(lines) else ""
    if not text.strip():
        return "" if _PREFIX.fullmatch(raw) else None
    # Prefix and text may have tabs, which Markdown expands to spaces.
    longest = _PREFIX.match(raw)
    for length in range(longest.end() if longest else 0, -1, -1):
        columns = len(raw[:length].expandtabs(_TAB))
        if text.rstrip() in {raw[length:].rstrip(), raw.expandtabs(_TAB)[columns:].rstrip()}:
            return raw[:length]
    return None


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")
