"""Kinds of other packages: what they do wrong becomes an error that names the package."""

from __future__ import annotations

from functools import partial
from types import NoneType
from typing import Any, cast

from fencepost.errors import FencepostError, UncheckedPageError
from fencepost.fence.attributes import AttributeProblem
from fencepost.kinds.kind import Mistake, Statement, StepKind, Typed
from fencepost.kinds.result import StepResult
from fencepost.transcript.parse import Command, TranscriptProblem

# What each method returns, and of what it returns any number.
_RETURNS: dict[str, type | tuple[type, ...]] = {
    "check": NoneType,
    "unfinished": (Mistake, NoneType),
    "code_in": (str, NoneType),
    "run": StepResult,
    "script_head": str,
    "shown": str,
    "copied": (str, NoneType),
}
_YIELDS: dict[str, type] = {
    "mistakes": Mistake,
    "commands": Command,
    "statements": Statement,
    "typed": Typed,
    "script": str,
}
_MEANT = (FencepostError, AttributeProblem, TranscriptProblem)


class PluginError(UncheckedPageError):
    """A package that registers a language, and is broken. It stops no page that doesn't use the language."""


class _Guarded:
    def __init__(self, kind: StepKind, package: str) -> None:
        self._kind = kind
        self._package = package

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._kind, name)
        return partial(self._call, name) if name in _RETURNS or name in _YIELDS else value

    def _call(self, name: str, *given: Any) -> Any:
        try:
            answer = getattr(self._kind, name)(*given)
            if name in _YIELDS:
                # A generator does its work as it is read.
                answer = list(answer)
        except _MEANT:
            raise
        except Exception as error:
            raise self._error(name, f"fails: {type(error).__name__}: {error}") from error
        fits = isinstance(answer, _RETURNS[name]) if name in _RETURNS else _all_are(answer, _YIELDS[name])
        if not fits:
            raise self._error(name, f"returns nonsense: {answer!r:.80}")
        return answer

    def _error(self, name: str, what: str) -> PluginError:
        message = f"the package {self._package}, which runs `{self._kind.name}`, is broken: its `{name}` {what}"
        return PluginError(" ".join(message.split()), "update the package, or uninstall it")


def _all_are(parts: list[object], wanted: type) -> bool:
    return all(isinstance(part, wanted) for part in parts)


def guarded(kind: StepKind, package: str) -> StepKind:
    """A kind that does the same as another package's, and raises `PluginError` where that one fails."""
    return cast("StepKind", _Guarded(kind, package))
