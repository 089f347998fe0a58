"""The page's state in bash between two snippets, and the commands that restore it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fencepost.session.bash_traps import quoted

# PS1 while the page hasn't set it: not empty, as a .bashrc may check that, but nothing that bash shows.
NO_PROMPT = r"\[\]"
_MENTIONS_TRAPS = re.compile(r"\btrap\b")
_SETS_FUNCTRACE = re.compile(r"\bset[ \t][^;&|\n]*[-+]\w*T|functrace|extdebug")
_MENTIONS_TRACES = re.compile(r"\bset[ \t]+(?:-\w+[ \t]+)*-\w*x|\bxtrace\b")
_MAY_CHANGE_SETTINGS = re.compile(
    r"PS[01]|PROMPT_COMMAND|\b(?:set|shopt|source|eval)\b|(?:^|[;&|({\s])\.[ \t]", re.MULTILINE
)


def mentions_traces(source: str) -> bool:
    """Return whether a snippet mentions `set -x`."""
    return "x" in source and bool(_MENTIONS_TRACES.search(source))


@dataclass
class ShellState:
    """The page's state in bash between two snippets.

    Attributes:
        status: the exit status for the next snippet's `$?`.
        statuses: the statuses of the last pipeline's members, for its PIPESTATUS.
        last_argument: the value of `$_`; `None` if unknown.
        options: those of `e`, `E` and `pipefail` that were set at the prompt.
        prompt: the page's PS1; between snippets it is `NO_PROMPT`.
        prompt_command: the page's PROMPT_COMMAND.
        before_output: the page's PS0; between snippets it is empty.
        trap: the text of the ERR trap that is set now; empty if unknown.
        page_traps: the page's own traps by name: ERR, and DEBUG and RETURN, which are removed between snippets.
        lifted: our DEBUG trap may still be set, with `set -T`.
        sets_functrace: the snippet mentions `set -T` itself.
        functrace: the page has set `set -T`.
        xtrace, verbose: the page has set `set -x`, `set -v`; both are off between snippets.
        traces: the page has mentioned `set -x`.
        traps_matter: the page has mentioned traps, so that bash is asked for them after each snippet.
        settings_matter: the page may have changed the prompt or options, so that bash is asked for them, too.
        in_a_block: `-E` and `pipefail` of a `bash` block are still set.
        shown: the names of functions whose text the page shows; an empty name stands for all.
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
        """Note what a snippet may change, now or in a function that it defines."""
        self.traps_matter = self.traps_matter or ("trap" in source and bool(_MENTIONS_TRAPS.search(source)))
        # Hardly any step has these words, and looking for them is faster than the expressions.
        words = "set" in source or "extdebug" in source
        self.traces = self.traces or mentions_traces(source)
        self.sets_functrace = words and bool(_SETS_FUNCTRACE.search(source))
        self.settings_matter = self.settings_matter or bool(_MAY_CHANGE_SETTINGS.search(source))


def quoted_on_one_line(text: str) -> str:
    """Return text in quotes without a line end, which before a snippet would shift its line numbers."""
    if "\n" not in text:
        return quoted(text)
    inner = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"$'{inner}'"


def restore_statuses(status: int, members: tuple[int, ...], *, pipefail: bool) -> list[str]:
    """Return a command that sets `$?` and PIPESTATUS, without counting as a failure itself."""
    if not status and not any(members):
        return []
    pipeline = "|".join(f"(exit {member})" for member in members)
    its_status = next((member for member in reversed(members) if member), 0) if pipefail else members[-1]
    if status == its_status:
        return [f"{pipeline}&&:" if status else pipeline]
    if not status:
        return [f"if {pipeline};then :;fi"]
    return [f"! {pipeline}" if status == 1 and not its_status else f"(exit {status})&&:"]


def set_err_trap(state: ShellState, command: str) -> list[str]:
    """Return the command that sets the ERR trap, or removes it if `command` is empty; none if it is set already."""
    if state.trap == command and command:
        return []
    state.trap = command
    return [rf"\builtin trap -- {quoted_on_one_line(command)} ERR" if command else r"\builtin trap - ERR"]


def restore_prompts(state: ShellState) -> list[str]:
    """Return the commands that set the page's prompts, which aren't shown between snippets."""
    return [
        f"{name}={quoted_on_one_line(value)}"
        for name, value in (("PS1", state.prompt), ("PS0", state.before_output))
        if value
    ]


def remove_lift_trap(state: ShellState) -> list[str]:
    """Return the commands that remove our DEBUG trap, if it may still be set."""
    if not state.lifted:
        return []
    state.lifted = False
    return [r"\builtin trap - DEBUG", *[r"\builtin set +T"] * (not state.functrace)]


def restore_traps_and_options(state: ShellState) -> list[str]:
    """Return the commands that set again what the page has set and was removed between snippets."""
    traps = [
        rf"\builtin trap -- {quoted_on_one_line(state.page_traps[name])} {name}"
        for name in ("RETURN", "DEBUG")
        if state.page_traps.get(name)
    ]
    return [*traps, *[r"\builtin set -x"] * state.xtrace, *[r"\builtin set -v"] * state.verbose]
