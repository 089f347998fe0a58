"""The events of a site's plugins and hooks: which ones a check runs, and the errors where one fails."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any

from fencepost.errors import SiteError

Events = dict[str, list[Callable[..., Any]]]

# Plugins that neither change a page's fences nor add pages.
_HARMLESS = ("fencepost.", "mkdocs.", "material.plugins.", "mkdocs_autorefs.", "mkdocs_rss_plugin.")
# Those of them that choose pages or add front matter. The others would look for images, or use the network.
_CHOOSE_PAGES = ("material.plugins.blog.", "material.plugins.meta.")
# Adds the front matter of a folder's `.meta.yml` to its pages.
_META = "material.plugins.meta."
# Plugins that read a page as a Jinja template.
_TEMPLATES = ("mkdocs_macros.", "mkdocs_include_markdown_plugin.", "mkdocs_markdownextradata_plugin.")
_OURS = "fencepost."
_LONGEST = 300
_FIX = (
    "make `mkdocs build` work here; switch off in {file} what this computer lacks, as with  enabled: !ENV [CI, false]"
)


def remove_ours(events: Events) -> None:
    """Remove Fencepost's own plugin from all events."""
    _keep(events, list(events), lambda module: not module.startswith(_OURS))


def remove_harmless(events: Events, names: Iterable[str]) -> None:
    """Remove from some events the plugins that a check needn't run."""
    _keep(events, names, lambda module: not module.startswith(_HARMLESS) or module.startswith(_CHOOSE_PAGES))


def meta_methods(events: Events) -> list[Callable[..., Any]]:
    """Return the methods that add to a page's front matter."""
    return [method for method in events["page_markdown"] if _module_of(method).startswith(_META)]


def rewriters(events: Events) -> tuple[str, ...]:
    """Return the modules that change a page's text before its Markdown is converted."""
    modules = (_module_of(method) for method in (*events["page_read_source"], *events["page_markdown"]))
    return tuple(dict.fromkeys(module for module in modules if not module.startswith(_HARMLESS)))


def templates(events: Events) -> str:
    """Return the module that reads pages as templates; empty if none does."""
    return next((module for module in rewriters(events) if module.startswith(_TEMPLATES)), "")


@contextmanager
def complaints() -> Iterator[Complaints]:
    """Capture the log of MkDocs and its plugins, and keep their prints out of standard output."""
    kept = Complaints()
    logger = logging.getLogger("mkdocs")
    logger.addHandler(kept)
    try:
        # Some commands print JSON.
        with redirect_stdout(sys.stderr):
            yield kept
    finally:
        logger.removeHandler(kept)


class Complaints(logging.Handler):
    """Keeps the first error that was logged.

    Attributes:
        first: its message; empty if there was none.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.first = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message if it is the first error."""
        if record.levelno >= logging.ERROR:
            self.first = self.first or record.getMessage()


@contextmanager
def failures_named(config: Any, event: str) -> Iterator[None]:
    """Turn any exception of a plugin or a hook into an error for the author.

    Args:
        config: MkDocs' configuration.
        event: the event's method, for the message.

    Raises:
        SiteError: naming the plugin and its line in the configuration, or the hook and its line.
    """
    with complaints() as kept:
        try:
            yield
        # Some plugins end the whole program when they lack something.
        except (Exception, SystemExit) as error:
            name = str(getattr(config.plugins, "_current_plugin", None) or "")
            raise _failure(config, event, name, _reason(error, kept.first), error) from error


def _module_of(method: Callable[..., Any]) -> str:
    """Return the module of a method: that of a plugin's class, or a hook's file."""
    owner = getattr(method, "__self__", None)
    return type(owner).__module__ if owner is not None else getattr(method, "__module__", "")


def _keep(events: Events, names: Iterable[str], is_kept: Callable[[str], bool]) -> None:
    for name in names:
        events[name] = [method for method in events[name] if is_kept(_module_of(method))]


def _reason(error: BaseException, complaint: str) -> str:
    if isinstance(error, SystemExit):
        reason = complaint or str(error) or f"it ends the program with status {error.code}"
    else:
        known = type(error).__module__.startswith("mkdocs.")
        reason = str(error) if known else f"{type(error).__name__}: {error}"
    reason = " ".join(reason.split())
    return reason if len(reason) <= _LONGEST else f"{reason[:_LONGEST]} ..."


def _failure(config: Any, event: str, name: str, reason: str, error: BaseException) -> SiteError:
    path = Path(config.config_file_path)
    hook = sys.modules.get(name) if name in (config.hooks or ()) else None
    if hook and hook.__file__:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == hook.__file__), 0) or 0
        return SiteError(
            f"the site can't be checked, because this hook fails in its `{event}`: {reason}", "", name, line
        )
    what = f"the plugin `{name}` fails in its `{event}`" if name else f"its pages can't be found in `{event}`"
    message = f"the site can't be checked, because {what}: {reason}"
    return SiteError(message, _FIX.format(file=path.name), path.name, _line_of(name, path))


def _line_of(plugin: str, path: Path) -> int:
    """Return the line that names a plugin, counted from 1; 0 if it isn't found, as when an inherited file names it."""
    names = "|".join(re.escape(name) for name in {plugin, plugin.rpartition("/")[2]} if name)
    with suppress(OSError, UnicodeDecodeError):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if names and re.match(rf"\s*(?:-\s*)?['\"]?(?:{names})['\"]?\s*(?::|#|$)", line):
                return number
    return 0
