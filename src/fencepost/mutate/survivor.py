"""What to say about a mutant that nothing noticed: where it is, what was broken, and what to check."""

from __future__ import annotations

from dataclasses import dataclass

from fencepost.mutate.mutant import Mutant
from fencepost.mutate.standing import Files

_SHOW_OUTPUT = "show what it prints under it, or check what it does in a later step"
_TEST_IT = (
    "add a command that fails without it, such as `test -e FILE` or `grep -q WORD FILE`; if its output matters, "
    "show it in a console block"
)
# By the operator: what was broken (with the text of the line before or after the edit), and what to check.
_TEXTS = {
    "dropped command": ("without `{old}`", _TEST_IT),
    "dropped statement": ("without `{old}`", "add an `assert` that fails without it"),
    "dropped line of a file": (
        "without the line `{old}` of a file",
        "run a program that needs it, or `grep -q` the file",
    ),
    "wrong package": ("with `{new}`, a package that doesn't exist", "let the step fail if the package is missing"),
    "changed pattern": ("with `{new}`", "check what it selects or changes, such as with `grep -q WORD FILE`"),
    "removed include": ("without `{old}`", "run or check what the included file defines"),
    "dropped file=": ("without the file `{detail}`", "use the file in a later step, or check it"),
}


@dataclass(frozen=True)
class Survivor:
    """A break that nothing noticed.

    Attributes:
        file: the file with the line that was broken.
        line: that line.
        what: what was broken.
        advice: what to check.
    """

    file: str
    line: int
    what: str
    advice: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: not noticed: {self.what}\n  {self.advice}"


def survivor_of(mutant: Mutant, files: Files) -> Survivor:
    """Describe a mutant that nothing noticed.

    Args:
        mutant: the mutant.
        files: the lines of the unbroken files.
    """
    edit = mutant.broken.edit
    text, advice = _TEXTS[mutant.operator]
    if mutant.in_transcript and mutant.operator == "dropped command":
        advice = _SHOW_OUTPUT
    old = files[edit.file][edit.first - 1].strip()
    new = edit.lines[0].strip() if edit.lines else ""
    broken = text.format(old=old, new=new, detail=mutant.broken.detail)
    return Survivor(
        edit.file, edit.first, f"step `{mutant.step}` passes {broken}, and so do the steps after it", advice
    )
