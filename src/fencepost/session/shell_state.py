"""What bash holds between two snippets that isn't ours to lose, and the commands that put it back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fencepost.session.bash_traps import quoted

# What PS1 is while the page hasn't set it: not empty, for a .bashrc may ask, and nothing that bash shows.
NO_PROMPT = r"\[\]"
_SPEAKS_OF_TRAPS = re.compile(r"\btrap\b")
_SETS_FUNCTRACE = re.compile(r"\bset[ \t][^;&|\n]*[-+]\w*T|functrace|extdebug")
_SPEAKS_OF_TRACES = re.compile(r"\bset[ \t]+(?:-\w+[ \t]+)*-\w*x|\bxtrace\b")
_MAY_CHANGE_SETTINGS = re.compile(
    r"PS[01]|PROMPT_COMMAND|\b(?:set|shopt|source|eval)\b|(?:^|[;&|({\s])\.[ \t]", re.MULTILINE
)


def speaks_of_traces(source: str) -> bool:
    """Whether a snippet speaks of `set -x`."""
    return "x" in source and bool(_SPEAKS_OF_TRACES.search(source))


@dataclass
class ShellState:
    """What bash holds between two snippets that isn't ours to lose.

    Attributes:
        status: the exit status that the next snippet finds in `$?`.
        statuses: those of the last pipeline's members, that it finds in PIPESTATUS.
        last_argument: what `$_` is; `None` where it isn't known.
        options: of `e`, `E` and `pipefail`, those that were set at the prompt.
        prompt: the page's PS1, `NO_PROMPT` between snippets.
        prompt_command: the page's PROMPT_COMMAND.
        before_output: the page's PS0, empty between snippets.
        trap: the ERR trap as it stands, word for word; empty when unknown.
        page_traps: the page's own traps by name: ERR, and DEBUG and RETURN, which are lifted between snippets.
        lifted: whether our DEBUG trap may still be there, under `set -T`.
        sets_functrace: whether the snippet speaks of `set -T` itself.
        functrace: whether the page wants `set -T`.
        xtrace, verbose: whether the page wants `set -x` and `set -v`, lifted between snippets.
        traces: whether the page has spoken of `set -x`.
        traps_matter: whether the page has spoken of traps, so that they are asked for after each snippet.
        settings_matter: whether it may have changed the prompt or options, likewise.
        in_a_block: whether `-E` and `pipefail` of a `bash` block are still set.
        shown: the names of functions whose text the page shows; an empty one for all of them.
    """

    status: int = 0
    statuses: tuple[int, ...] = (0,)
    last_argument: str | None = None
    options: frozenset[str] = frozenset()
    prompt: str = ""
    prompt_command: str = ""
    before_output: str = ""
    trap: str = ""
    page_traps: dict[str, str] = field(default_factory=dict)
    lifted: bool = False
    sets_functrace: bool = False
    functrace: bool = False
    xtrace: bool = False
    verbose: bool = False
    traces: bool = False
    traps_matter: bool = False
    settings_matter: bool = False
    in_a_block: bool = False
    shown: frozenset[str] = frozenset()

    def note(self, source: str) -> None:
        """Notes what a snippet may change, now or in a function that it defines."""
        self.traps_matter = self.traps_matter or ("trap" in source and bool(_SPEAKS_OF_TRAPS.search(source)))
        # Nearly every step has none of these words, and a step takes a fraction of a millisecond.
        words = "set" in source or "extdebug" in source
        self.traces = self.traces or speaks_of_traces(source)
        self.sets_functrace = words and bool(_SETS_FUNCTRACE.search(source))
        self.settings_matter = self.settings_matter or bool(_MAY_CHANGE_SETTINGS.search(source))


def quoted_on_one_line(text: str) -> str:
    """Text in quotes that hold no line's end: those in front of a snippet would shift its lines."""
    if "\n" not in text:
        return quoted(text)
    inner = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"$'{inner}'"


def with_statuses(status: int, members: tuple[int, ...], *, pipefail: bool) -> list[str]:
    """The command that leaves a status in `$?` and those of a pipeline's members in PIPESTATUS, and is no failure."""
    if not status and not any(members):
        return []
    pipeline = "|".join(f"(exit {member})" for member in members)
    its_status = next((member for member in reversed(members) if member), 0) if pipefail else members[-1]
    if status == its_status:
        return [f"{pipeline}&&:" if status else pipeline]
    if not status:
        return [f"if {pipeline};then :;fi"]
    return [f"! {pipeline}" if status == 1 and not its_status else f"(exit {status})&&:"]


def trap(state: ShellState, wanted: str) -> list[str]:
    """The command that sets the ERR trap, where another one stands."""
    if state.trap == wanted and wanted:
        return []
    state.trap = wanted
    return [rf"\builtin trap -- {quoted_on_one_line(wanted)} ERR" if wanted else r"\builtin trap - ERR"]


def prompts(state: ShellState) -> list[str]:
    """The commands that set the page's prompts, of which nothing is shown between snippets."""
    return [
        f"{name}={quoted_on_one_line(value)}"
        for name, value in (("PS1", state.prompt), ("PS0", state.before_output))
        if value
    ]


def end_of_lift(state: ShellState) -> list[str]:
    """The commands that end our DEBUG trap, where it may still be there."""
    if not state.lifted:
        return []
    state.lifted = False
    return [r"\builtin trap - DEBUG", *[r"\builtin set +T"] * (not state.functrace)]


def as_the_page_wants(state: ShellState) -> list[str]:
    """What was lifted between snippets, as the page has set it."""
    wanted = [
        rf"\builtin trap -- {quoted_on_one_line(state.page_traps[name])} {name}"
        for name in ("RETURN", "DEBUG")
        if state.page_traps.get(name)
    ]
    return [*wanted, *[r"\builtin set -x"] * state.xtrace, *[r"\builtin set -v"] * state.verbose]
