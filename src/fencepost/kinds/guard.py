"""Wraps kinds of other packages, so that their errors name the package."""

from __future__ import annotations

from functools import partial
from types import NoneType
from typing import Any, cast

from fencepost.errors import FencepostError, UncheckedPageError
from fencepost.fence.attributes import AttributeProblem
from fencepost.kinds.kind import Mistake, Statement, StepKind, Typed
from fencepost.kinds.result import StepResult
from fencepost.transcript.parse import Command, TranscriptProblem

# The types that methods return, and the types of the items that other methods return.
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
_ALLOWED_ERRORS = (FencepostError, AttributeProblem, TranscriptProblem)


class PluginError(UncheckedPageError):
    """Raised for a broken package that registers a language. It doesn't affect pages without the language."""


class _Guarded:
    def __init__(self, kind: StepKind, package: str) -> None:
        self._kind = kind
        self._package = package

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._kind, name)
        return partial(self._call, name) if name in _RETURNS or name in _YIELDS else value

    def _call(self, name: str, *arguments: Any) -> Any:
        try:
            result = getattr(self._kind, name)(*arguments)
            if name in _YIELDS:
                # A generator may fail while it is read.
                result = list(result)
        except _ALLOWED_ERRORS:
            raise
        except Exception as error:
            raise self._error(name, f"fails: {type(error).__name__}: {error}") from error
        if name in _RETURNS:
            valid = isinstance(result, _RETURNS[name])
        else:
            valid = all(isinstance(item, _YIELDS[name]) for item in result)
        if not valid:
            raise self._error(name, f"returns something invalid: {result!r:.80}")
        return result

    def _error(self, name: str, problem: str) -> PluginError:
        message = f"the package {self._package}, which runs `{self._kind.name}`, is broken: its `{name}` {problem}"
        return PluginError(" ".join(message.split()), "update the package, or uninstall it")


def guarded(kind: StepKind, package: str) -> StepKind:
    """Return a kind that does the same as another package's, and raises `PluginError` if that one fails."""
    return cast("StepKind", _Guarded(kind, package))
