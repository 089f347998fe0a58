"""The site's own Markdown, set up to capture the fences of pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.util import get_installed_extensions
from pymdownx.superfences import SuperFencesCodeExtension

from fencepost.errors import SiteError
from fencepost.page.capture import FenceCapture
from fencepost.page.provenance import OriginsAfterExpansion, trace_origins

OWN_EXTENSION = ("fencepost", "fencepost.faces.generator.markdown_extension")
_ADD_THESE = """add these lines to {file}:

      markdown_extensions:
        - attr_list
        - pymdownx.superfences"""


@dataclass(frozen=True)
class MarkdownSettings:
    """How a site turns Markdown into HTML.

    Attributes:
        extensions: names or objects, as Python-Markdown takes them.
        configs: settings by extension name.
        split: splits a page's text into its Markdown and its front matter, as the site does.
        file: the configuration file with all this, for errors.
        front_matter: returns the front matter of a page after plugins have added to it.
        page: makes a page the current one of the site's generator, and gives a function that prepares a Markdown for
            it.
        differs: the configuration may be different for each page.
        templates: the plugin that renders pages as templates before the Markdown; empty if there is none.
    """

    extensions: Sequence[Any]
    configs: Mapping[str, Mapping[str, Any]]
    split: Callable[[str], tuple[str, Mapping[str, Any]]]
    file: str = "mkdocs.yml"
    front_matter: Callable[[Path, Mapping[str, Any]], Mapping[str, Any]] = lambda _, data: data
    page: Callable[[Path], AbstractContextManager[Callable[[Markdown], None]]] = lambda _: nullcontext(lambda _: None)
    differs: bool = False
    templates: str = ""


@dataclass
class Pipeline:
    """The site's Markdown, with what captures fences and traces lines.

    One Markdown converts all pages. But extensions of other packages may keep something from one page to the next: with
    such an extension each page gets its own Markdown, as in MkDocs.

    Attributes:
        settings: how the site is configured.
        root: the site's folder, to which the names of included files are relative.
    """

    settings: MarkdownSettings
    root: Path
    capture: FenceCapture = field(init=False)
    origins: OriginsAfterExpansion = field(init=False)

    def __post_init__(self) -> None:
        self._each_anew = self.settings.differs or any(map(_is_foreign, self.settings.extensions))
        if not self.settings.differs:
            self._build()

    @contextmanager
    def page(self, path: Path, name: str, offset: int) -> Iterator[FenceCapture]:
        """Give what converts a page and captures its fences.

        Args:
            path: the page.
            name: its name, for the origins of its lines.
            offset: the number of lines before its Markdown (the front matter).

        Raises:
            SiteError: if the site's Markdown can't be built.
        """
        with self._prepared(path):
            self.origins.start(name, offset)
            yield self.capture

    @contextmanager
    def _prepared(self, path: Path) -> Iterator[None]:
        if not self._each_anew:
            yield
            return
        with self.settings.page(path) as prepare:
            self._build()
            prepare(self.capture.md)
            yield

    def _build(self) -> None:
        configs = {name: dict(config) for name, config in self.settings.configs.items()}
        # Our own extension adds verdicts, which aren't needed here.
        names = [item for item in self.settings.extensions if not _is_ours(item)]
        try:
            md = Markdown(extensions=names, extension_configs=configs)
        except (Exception, SystemExit) as error:
            raise SiteError(f"the site's Markdown can't be built: {error}", file=self.settings.file) from error
        has_superfences = any(isinstance(item, SuperFencesCodeExtension) for item in md.registeredExtensions)
        if not has_superfences or "attr_list" not in md.treeprocessors:
            lacking = "attr_list" if has_superfences else "pymdownx.superfences"
            raise SiteError(
                f"the site's Markdown lacks `{lacking}`, which fences with attributes need",
                _ADD_THESE.format(file=self.settings.file),
                self.settings.file,
            )
        self.origins = trace_origins(md, self.root)
        self.capture = FenceCapture(md)


def _is_foreign(extension: Any) -> bool:
    """Return whether an extension is neither from Python-Markdown nor from pymdownx."""
    if not isinstance(extension, str):
        return True
    installed = next((entry.value for entry in get_installed_extensions() if entry.name == extension), extension)
    return not _is_ours(extension) and not installed.startswith(("markdown.", "pymdownx."))


def _is_ours(extension: Any) -> bool:
    """Return whether an extension, a name or an object, is ours."""
    name = extension if isinstance(extension, str) else type(extension).__module__
    return name.partition(":")[0] in OWN_EXTENSION
