"""The events of a site's plugins and hooks: which of them matter to a check, and what to say where one fails."""

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

# Plugins that change no fence of a page, neither by rewriting pages nor by adding any.
_HARMLESS = ("fencepost.", "mkdocs.", "material.plugins.", "mkdocs_autorefs.", "mkdocs_rss_plugin.")
# Of those, the ones that choose pages or say more of them. The others would look for images, or reach the network.
_CHOOSE_PAGES = ("material.plugins.blog.", "material.plugins.meta.")
# It adds to a page's front matter what a folder says of all its pages, and changes nothing else.
_SAYS_MORE = "material.plugins.meta."
# They read a page as a template, in Jinja's notation.
_TEMPLATES = ("mkdocs_macros.", "mkdocs_include_markdown_plugin.", "mkdocs_markdownextradata_plugin.")
_OURS = "fencepost."
_LONGEST = 300
_FIX = (
    "see to it that `mkdocs build` works here; what this computer lacks can be switched off in {file}, "
    "as with  enabled: !ENV [CI, false]"
)


def without_ours(events: Events) -> None:
    """Takes our own plugin out."""
    _keep(events, list(events), lambda module: not module.startswith(_OURS))


def without_harmless(events: Events, names: Iterable[str]) -> None:
    """Takes out of some events the plugins that need not be asked."""
    _keep(events, names, lambda module: not module.startswith(_HARMLESS) or module.startswith(_CHOOSE_PAGES))


def those_that_say_more(events: Events) -> list[Callable[..., Any]]:
    """The methods that add to a page's front matter."""
    return [method for method in events["page_markdown"] if _module_of(method).startswith(_SAYS_MORE)]


def rewriters(events: Events) -> tuple[str, ...]:
    """The modules that change a page's text ahead of its Markdown."""
    modules = (_module_of(method) for method in (*events["page_read_source"], *events["page_markdown"]))
    return tuple(dict.fromkeys(module for module in modules if not module.startswith(_HARMLESS)))


def templates(events: Events) -> str:
    """The module that reads pages as templates; empty where none does."""
    return next((module for module in rewriters(events) if module.startswith(_TEMPLATES)), "")


@contextmanager
def complaints() -> Iterator[Complaints]:
    """Keeps what MkDocs and its plugins have to say, which would stand between what a command prints."""
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
    """What was logged.

    Attributes:
        first: the first error; empty where there was none.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.first = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps a message."""
        if record.levelno >= logging.ERROR:
            self.first = self.first or record.getMessage()


@contextmanager
def failures_named(config: Any, event: str) -> Iterator[None]:
    """Turns whatever a plugin or a hook raises into an error for the author.

    Args:
        config: MkDocs' configuration.
        event: the method that is called, for the message.

    Raises:
        SiteError: naming the plugin and its line in the configuration, or the hook and its line.
    """
    with complaints() as kept:
        try:
            yield
        # A plugin may end the whole program where it lacks something.
        except (Exception, SystemExit) as error:
            name = str(getattr(config.plugins, "_current_plugin", None) or "")
            raise _failure(config, event, name, _reason(error, kept.first), error) from error


def _module_of(method: Callable[..., Any]) -> str:
    """The module that a method comes from: of a plugin its class', of a hook its file."""
    owner = getattr(method, "__self__", None)
    return type(owner).__module__ if owner is not None else getattr(method, "__module__", "")


def _keep(events: Events, names: Iterable[str], wanted: Callable[[str], bool]) -> None:
    for name in names:
        events[name] = [method for method in events[name] if wanted(_module_of(method))]


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
    who = f"the plugin `{name}` fails in its `{event}`" if name else f"its pages can't be found in `{event}`"
    message = f"the site can't be checked, because {who}: {reason}"
    return SiteError(message, _FIX.format(file=path.name), path.name, _line_of(name, path))


def _line_of(plugin: str, path: Path) -> int:
    """The line in which a plugin is named, counted from 1; 0 where it isn't found, as in a file that is inherited."""
    names = "|".join(re.escape(name) for name in {plugin, plugin.rpartition("/")[2]} if name)
    with suppress(OSError, UnicodeDecodeError):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if names and re.match(rf"\s*(?:-\s*)?['\"]?(?:{names})['\"]?\s*(?::|#|$)", line):
                return number
    return 0
