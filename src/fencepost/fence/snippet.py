"""A snippet: a fence that runs, one step of a page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache

from fencepost.fence.attributes import Attributes
from fencepost.fence.traced_line import Origin

# The attributes of version 0.2. Digests include each of them, default or not, so that digests of 0.2 stay valid.
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
        runner: the name of its kind; `fencepost.kinds.registry.kind_of` returns the kind.
        source: its text, without the last line end.
        opening: file and line of its opening fence.
        origins: file and line of each line of `source`.
        index: the number of the first line of `source` in the expanded page, 2 or more. As no two lines of the expanded
            page have the same number, a session uses these numbers to identify lines.
        attributes: the attributes in its header.
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
        """The digest of its name, kind, text and attributes, in hexadecimal."""
        return _digest(self._digest_parts)

    @property
    def _digest_parts(self) -> list[object]:
        # If this changes, published pages say "Changed since". So the name of a kind must not change either.
        return [self.id, self.runner, self.source, _hashed(self.attributes)]

    def does_the_same_as(self, other: Snippet) -> bool:
        """Return whether the other is the same step at the same place, so that it needn't run if this one has."""
        mine, others = ((one.id, one.runner, one.source, one.index, one.attributes) for one in (self, other))
        return mine == others

    def runs_on(self, machine: str) -> bool:
        """Return whether it runs on a machine."""
        return not self.attributes.only or any(fnmatchcase(machine, name) for name in self.attributes.only)

    def holds(self, index: int) -> bool:
        """Return whether a line of the expanded page, given by its number, belongs to its source."""
        return 0 <= index - self.index < len(self.origins)

    def origin_at(self, index: int) -> Origin:
        """Return file and line of a line of the expanded page; those of the opening fence for a line outside."""
        return self.origins[index - self.index] if self.holds(index) else self.opening


def digest_of_steps(snippets: Iterable[Snippet], machine: str) -> str:
    """Return the digest of a page's steps on a machine. When it changes, earlier runs there no longer count."""
    return _digest([snippet._digest_parts for snippet in snippets if snippet.runs_on(machine)])


# Most fences of a site have the same few attributes.
@lru_cache(maxsize=256)
def _hashed(attributes: Attributes) -> dict[str, object]:
    """Return the attributes that a digest includes: all of version 0.2, and later ones that aren't the default."""
    defaults = vars(type(attributes)())
    return {
        name: value for name, value in vars(attributes).items() if name in _ALWAYS_HASHED or value != defaults[name]
    }


def _digest(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
