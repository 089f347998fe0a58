"""The key of a run: a page and a machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class RunKey:
    """A page on a machine. As text, `PAGE@MACHINE`, it names the record, the job and the row of a table.

    Attributes:
        page: the page's name: its path from the site's folder.
        machine: the machine's name.
    """

    page: str
    machine: str

    def __str__(self) -> str:
        return f"{self.page}@{self.machine}"

    @property
    def stem(self) -> str:
        """The stem of published files beside the page: the key without `.md`."""
        return f"{self.page.removesuffix('.md')}@{self.machine}"
