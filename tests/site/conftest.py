"""Sites that show records."""

from __future__ import annotations

import pytest
from builders import SiteBuilder
from recorded import RecordedSite


@pytest.fixture
def site(build: SiteBuilder) -> RecordedSite:
    """A site to fill, with the extension among its Markdown's."""
    return RecordedSite(build)
