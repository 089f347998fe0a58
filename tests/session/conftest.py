"""A page's session on this computer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fencepost.session.page_session import PageSession
from tests.helpers.host_machine import LIMIT, host_machine
from tests.session.python_steps import Steps


@pytest.fixture
def steps(tmp_path: Path) -> Iterator[Steps]:
    with host_machine(tmp_path) as machine:
        yield Steps(PageSession(machine, LIMIT), machine)
