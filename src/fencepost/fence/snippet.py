"""A fence that runs: one step of a page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache

from fencepost.fence.attributes import Attributes
from fencepost.fence.traced_line import Origin

# The attributes of version 0.2. A digest holds each of them, default or not: so those of 0.2 stay valid.
_ALWAYS_HASHED = frozenset(
    {"notest", "hidden", "always", "known_broken", "reason", "match", "exit", "only", "timeout", "retry"}
    | {"wait_for", "file", "fixtures"}
)


@dataclass(frozen=True)
class Snippet:
    """One step.

    Attributes:
        id: its name, unique in its page.
        language: as written in the page.
        runner: the name of its kind, by which `fencepost.kinds.registry.kind_of` finds it.
        source: its text, without the last line's end.
        opening: file and line of its opening fence.
        origins: file and line of each line of `source`.
        index: the number of the first line of `source` in the expanded page, 2 or more: a number that no
            other line of the page has, by which a session tells lines apart.
        attributes: what its header asks for.
        title: the title that readers see above it, if any.
    """

    id: str
    language: str
    runner: str
    source: str
    opening: Origin
    origins: tuple[Origin, ...]
    index: int
    attributes: Attributes
    title: str = ""

    @cached_property
    def source_sha256(self) -> str:
        """The digest of its text, in hexadecimal."""
        return hashlib.sha256(self.source.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def step_sha256(self) -> str:
        """The digest of all that it says and asks for, in hexadecimal."""
        return _digest(self._told)

    @property
    def _told(self) -> list[object]:
        # A published page reads "changed since" where this changes: a runner keeps its word, too.
        return [self.id, self.runner, self.source, _hashed(self.attributes)]

    def does_the_same_as(self, other: Snippet) -> bool:
        """Whether both are the same step at the same place: where one has run, the other needn't."""
        mine, others = ((one.id, one.runner, one.source, one.index, one.attributes) for one in (self, other))
        return mine == others

    def runs_on(self, machine: str) -> bool:
        """Whether it has anything to do on that machine."""
        return not self.attributes.only or any(fnmatchcase(machine, name) for name in self.attributes.only)

    def holds(self, index: int) -> bool:
        """Whether a line number of the expanded page is one of its source."""
        return 0 <= index - self.index < len(self.origins)

    def origin_at(self, index: int) -> Origin:
        """The file and line behind a line number of the expanded page; its opening fence's where that lies outside."""
        return self.origins[index - self.index] if self.holds(index) else self.opening


def digest_of_steps(snippets: Iterable[Snippet], machine: str) -> str:
    """A digest of all that a page's steps say and ask for on a machine: when it changes, a run there proves nothing."""
    return _digest([snippet._told for snippet in snippets if snippet.runs_on(machine)])


# Most fences of a site have the same few attributes.
@lru_cache(maxsize=256)
def _hashed(attributes: Attributes) -> dict[str, object]:
    """The attributes that a digest holds: of those that came after 0.2, the ones that the page uses."""
    defaults = vars(type(attributes)())
    return {
        name: value for name, value in vars(attributes).items() if name in _ALWAYS_HASHED or value != defaults[name]
    }


def _digest(told: list[object]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
