"""The site's own Markdown, ready to be asked for the fences of a page."""

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
        split: takes a page's text apart into what the Markdown sees and the front matter, as the site does.
        file: the configuration file that all this stands in, for errors.
        front_matter: takes a page and its front matter; what that says once others have added to it.
        page: makes a page the current one of the site's generator; it gives what prepares a Markdown for that page.
        differs: whether the configuration says something else for each page.
        templates: the module that reads pages as templates ahead of the Markdown; empty for none.
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
    """The site's Markdown with everything that reads along.

    One instance is used for page after page. Where the site has extensions of others, which may keep something from one
    page to the next, each page gets an instance of its own, as MkDocs does it.

    Attributes:
        settings: how the site is configured.
        root: the site's folder, to name included files by.
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
        """What converts a page, and reads along.

        Args:
            path: the page.
            name: its name, for the origins of its lines.
            offset: how many of its lines (the front matter) come before the text.

        Raises:
            SiteError: when the site's Markdown can't be built.
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
        # Our own extension shows verdicts; here the fences are only counted.
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
    """Whether an extension comes neither with Python-Markdown nor with pymdownx."""
    if not isinstance(extension, str):
        return True
    installed = next((entry.value for entry in get_installed_extensions() if entry.name == extension), extension)
    return not _is_ours(extension) and not installed.startswith(("markdown.", "pymdownx."))


def _is_ours(extension: Any) -> bool:
    """Whether an extension is ours, by its name or as an object."""
    name = extension if isinstance(extension, str) else type(extension).__module__
    return name.partition(":")[0] in OWN_EXTENSION
