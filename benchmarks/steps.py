"""The same pages of small steps, in the form that each tool reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Language = Literal["shell", "python"]
Fault = Literal["", "status", "output"]


@dataclass(frozen=True)
class Step:
    """One step of a page.

    Attributes:
        command: what is run; one line.
        shown: the output that the page shows beneath it; one line, or none.
        shows: whether pages show it even in a form whose tool doesn't compare it.
    """

    command: str
    shown: str = ""
    shows: bool = False


Form = Callable[[Sequence[Step]], str]


def steps_of(page: int, count: int, language: Language, *, traced: Path | None = None, fault: Fault = "") -> list[Step]:
    """The steps of one page: each says which it is.

    Args:
        page: the page's number.
        count: how many steps it has.
        language: what they are written in.
        traced: a file to which each step adds a line, besides what it says.
        fault: what is wrong with the step in the middle: its exit status isn't 0 (in Python: it raises), or the page
            shows another output than it has.
    """
    steps = [_step(f"page {page}, step {number}", language, traced, shows=fault == "output") for number in range(count)]
    middle = count // 2
    if fault == "status":
        steps[middle] = Step("(exit 3)" if language == "shell" else 'raise ValueError("on purpose")')
    elif fault == "output":
        steps[middle] = Step(steps[middle].command, "something else", shows=True)
    return steps


def fences(language: str) -> Form:
    """Plain fences. Where an output is shown, it stands in a fence of its own, as in most pages."""
    return lambda steps: _page(
        f"```{language}\n{step.command}\n```\n" + (f"\nIt says:\n\n```text\n{step.shown}\n```\n" if step.shows else "")
        for step in steps
    )


def transcripts(language: str, prompt: str = "$ ") -> Form:
    """Fences with a prompt, a command and its output."""
    return lambda steps: _page(f"```{language}\n{_transcript(step, prompt)}```\n" for step in steps)


def cram_tests(steps: Sequence[Step]) -> str:
    """cram's own form: lines that are indented by two."""
    return _page("".join(f"  {line}\n" for line in _transcript(step).splitlines()) for step in steps)


def outputs_announced(language: str) -> Form:
    """pytest-codeblocks' form: a comment says that the next fence is an output."""
    comment = "<!--pytest-codeblocks:expected-output-->"
    return lambda steps: _page(
        f"```{language}\n{step.command}\n```\n" + (f"\n{comment}\n\n```text\n{step.shown}\n```\n" if step.shown else "")
        for step in steps
    )


def outputs_in_comments(steps: Sequence[Step]) -> str:
    """pytest-examples' form: what is printed stands in a comment beneath."""
    return _page(
        f"```python\n{step.command}\n" + (f"#> {step.shown}\n" if step.shown else "") + "```\n" for step in steps
    )


def on_a_machine(machine: str, form: Form) -> Form:
    """Fencepost's: the front matter names a machine."""
    return lambda steps: f"---\nmachine: {machine}\n---\n\n{form(steps)}"


def script(steps: Sequence[Step]) -> str:
    """No page at all, only the commands."""
    return "".join(f"{step.command}\n" for step in steps)


def _step(says: str, language: Language, traced: Path | None, *, shows: bool) -> Step:
    if language == "shell":
        trace = f'; echo "{says}" >> {traced}' if traced else ""
        return Step(f'echo "{says}"{trace}', says, shows)
    trace = f'; _ = open("{traced}", "a").write("{says}\\n")' if traced else ""
    return Step(f'print("{says}"){trace}', says, shows)


def _page(blocks: Iterable[str]) -> str:
    return "# A page\n" + "".join(f"\nStep {number}.\n\n{block}" for number, block in enumerate(blocks))


def _transcript(step: Step, prompt: str = "$ ") -> str:
    return f"{prompt}{step.command}\n" + (f"{step.shown}\n" if step.shown else "")
