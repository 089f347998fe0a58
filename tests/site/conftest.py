"""Sites that show records, and a browser to read them in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.helpers.site_builder import SiteBuilder
from tests.site.browsing import Reading, reader_of, start_chromium
from tests.site.recorded_site import RecordedSite


@pytest.fixture
def site(build: SiteBuilder) -> RecordedSite:
    """A site to fill, with the extension among its Markdown's."""
    return RecordedSite(build)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    yield from start_chromium()


@pytest.fixture
def reading(browser: Browser, built: Path) -> Reading:
    """Opens pages of the module's built site."""
    return reader_of(browser, built)
