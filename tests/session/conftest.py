"""A page's session on this computer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from host import LIMIT, host_machine
from python_steps import Steps

from fencepost.session.page_session import PageSession


@pytest.fixture
def steps(tmp_path: Path) -> Iterator[Steps]:
    with host_machine(tmp_path) as machine:
        yield Steps(PageSession(machine, LIMIT), machine)
