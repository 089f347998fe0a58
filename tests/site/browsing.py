"""A real browser, and a built site to read in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from tests.site.recorded_site import AT

Reading = Callable[..., AbstractContextManager[Page]]

ADDRESS = "http://localhost/"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def start_chromium() -> Iterator[Browser]:
    """Chromium. FENCEPOST_REQUIRE says whether it may be missing."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if not chromium:
        if "browser" in os.environ.get("FENCEPOST_REQUIRE", "").split(","):
            pytest.fail("FENCEPOST_REQUIRE asks for a browser: install chromium")
        pytest.skip("needs chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield started
        started.close()


def reader_of(browser: Browser, built: Path) -> Reading:
    """Opens a page of a browser, at a certain time, that must not complain.

    What it asks for is answered from the folder, past the network: containers that come and go beside these tests
    change it all the time, and Chromium then drops what it is loading.
    """

    def answer(route: Route) -> None:
        wanted = built / unquote(urlsplit(route.request.url).path).lstrip("/")
        file = wanted / "index.html" if wanted.is_dir() else wanted
        if route.request.url.startswith(ADDRESS) and file.is_file():
            route.fulfill(path=file)
        else:
            route.fulfill(status=404)

    @contextmanager
    def opened(
        *, width: int = 1280, now: datetime | None = AT, complaining: bool = False, **options: Any
    ) -> Iterator[Page]:
        context: BrowserContext = browser.new_context(viewport={"width": width, "height": 900}, **options)
        context.route("**/*", answer)
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        if now:
            page.clock.set_fixed_time(now)
        yield page
        context.close()
        assert complaining or complaints == []

    return opened


def open_everything(page: Page) -> None:
    """Unfolds all that can be unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
