"""Check pages as mktestdocs' documentation does, with the fences of a page as one program."""

import os
from pathlib import Path

import pytest
from mktestdocs import check_md_file


@pytest.mark.parametrize("path", sorted(Path("docs").glob("*.md")), ids=str)
def test_page(path: Path) -> None:
    check_md_file(fpath=path, memory=True, lang=os.environ["BENCH_LANGUAGE"])
