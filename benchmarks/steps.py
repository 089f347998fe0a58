"""Pages of the same small steps, in the form of each tool."""

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
        command: the command, one line.
        shown: the output that the page shows, one line; empty for none.
        shows: True to show the output even in a form whose tool doesn't compare it.
    """

    command: str
    shown: str = ""
    shows: bool = False


Form = Callable[[Sequence[Step]], str]


def steps_of(page: int, count: int, language: Language, *, traced: Path | None = None, fault: Fault = "") -> list[Step]:
    """Return the steps of one page; each prints its number.

    Args:
        page: the page's number.
        count: the number of steps.
        language: their language.
        traced: a file to which each step also adds a line.
        fault: what is wrong with the step in the middle: its exit status isn't 0 (in Python: it raises), or the page
            shows a wrong output.
    """
    steps = [_step(f"page {page}, step {number}", language, traced, shows=fault == "output") for number in range(count)]
    middle = count // 2
    if fault == "status":
        steps[middle] = Step("(exit 3)" if language == "shell" else 'raise ValueError("on purpose")')
    elif fault == "output":
        steps[middle] = Step(steps[middle].command, "something else", shows=True)
    return steps


def fences(language: str) -> Form:
    """Return the form of plain fences. A shown output is in a fence of its own, as on most pages."""
    return lambda steps: _page(
        f"```{language}\n{step.command}\n```\n" + (f"\nIt says:\n\n```text\n{step.shown}\n```\n" if step.shows else "")
        for step in steps
    )


def transcripts(language: str, prompt: str = "$ ") -> Form:
    """Return the form of fences with a prompt, a command and its output."""
    return lambda steps: _page(f"```{language}\n{_transcript(step, prompt)}```\n" for step in steps)


def cram_tests(steps: Sequence[Step]) -> str:
    """Return a page in cram's form: lines indented by two spaces."""
    return _page("".join(f"  {line}\n" for line in _transcript(step).splitlines()) for step in steps)


def outputs_announced(language: str) -> Form:
    """Return pytest-codeblocks' form: a comment marks the next fence as an output."""
    comment = "<!--pytest-codeblocks:expected-output-->"
    return lambda steps: _page(
        f"```{language}\n{step.command}\n```\n" + (f"\n{comment}\n\n```text\n{step.shown}\n```\n" if step.shown else "")
        for step in steps
    )


def outputs_in_comments(steps: Sequence[Step]) -> str:
    """Return a page in pytest-examples' form: the output is in a comment under the code."""
    return _page(
        f"```python\n{step.command}\n" + (f"#> {step.shown}\n" if step.shown else "") + "```\n" for step in steps
    )


def on_a_machine(machine: str, form: Form) -> Form:
    """Return Fencepost's form: the front matter names a machine."""
    return lambda steps: f"---\nmachine: {machine}\n---\n\n{form(steps)}"


def script(steps: Sequence[Step]) -> str:
    """Return only the commands, not a page."""
    return "".join(f"{step.command}\n" for step in steps)


def _step(text: str, language: Language, traced: Path | None, *, shows: bool) -> Step:
    if language == "shell":
        trace = f'; echo "{text}" >> {traced}' if traced else ""
        return Step(f'echo "{text}"{trace}', text, shows)
    trace = f'; _ = open("{traced}", "a").write("{text}\\n")' if traced else ""
    return Step(f'print("{text}"){trace}', text, shows)


def _page(blocks: Iterable[str]) -> str:
    return "# A page\n" + "".join(f"\nStep {number}.\n\n{block}" for number, block in enumerate(blocks))


def _transcript(step: Step, prompt: str = "$ ") -> str:
    return f"{prompt}{step.command}\n" + (f"{step.shown}\n" if step.shown else "")
