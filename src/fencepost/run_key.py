"""What names one run: a page on one machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class RunKey:
    """What is run. Its text, `PAGE@MACHINE`, names the record, the job and the row of a table.

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
        """The same for a published file beside the page: without `.md`."""
        return f"{self.page.removesuffix('.md')}@{self.machine}"
