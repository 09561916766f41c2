"""Headless Chromium, as the system has it, and what a page does in it that it should not."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.example 127.0.0.1",
)
PATIENCE_MS = 20_000
"""Milliseconds for what should be seen: the machine may have much to do."""

DESKTOP = (1280, 800)
PHONE = (360, 780)


@dataclass(slots=True)
class Observed:
    """A page with all that was requested for it, and what went wrong in it: errors, and what its policy forbade."""

    page: Page
    requested: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def origins(self) -> set[str]:
        """Where its requests went; what is in the page itself goes nowhere."""
        parts = [urlsplit(url) for url in self.requested]
        return {f"{one.scheme}://{one.netloc}" for one in parts if one.scheme != "data"}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser: the one that `$WAMPSUP_CHROMIUM` names, or the system's.

    Playwright keeps an asyncio loop running in the thread that uses it, until this ends.
    """
    path = os.environ.get("WAMPSUP_CHROMIUM") or shutil.which("chromium")
    assert path, "there is no `chromium`: install it, or give its path in WAMPSUP_CHROMIUM"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, url: str, size: tuple[int, int] = DESKTOP, **options: Any) -> Iterator[Observed]:
    """A page at this URL, in a profile of its own."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
    context.set_default_timeout(PATIENCE_MS)
    observed = Observed(context.new_page())
    observed.page.on("request", lambda request: observed.requested.append(request.url))
    observed.page.on("pageerror", lambda error: observed.wrong.append(str(error)))
    observed.page.on("console", lambda said: observed.wrong.append(said.text) if said.type == "error" else None)
    try:
        observed.page.goto(url)
        yield observed
    finally:
        context.close()
