"""The dashboard of a real fleet, over its forwarded socket: what it shows as it happens, and what it can do."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from support.browser import Observed, opened
from support.command import fleet
from support.files import short_folder, write_fleet, write_module
from support.forward import forwarded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from support.command import Fleet

FLEET = """
    [supervisor]
    name = "edge"

    [router]
    listen = "rs://unix:router.sock"

    [defaults]
    transports = "rs://unix:router.sock"
    restart = { initial_delay = 600, max_delay = 600 }

    [components.clock]
    main = "parts:clock"

    [components.kettle]
    main = "parts:kettle"

    [components.spare]
    main = "parts:clock"
    autostart = false

    [components.hostile]
    main = "parts:hostile"
    restart = { policy = "never" }

    [components.billing]
    main = "parts:kettle"
    restart = { policy = "never" }
"""

HOSTILE = "<img src=x onerror=hit()></script><script>hit()</script>"

PARTS = """
    from autobahn.twisted.util import sleep

    HOSTILE = "<img src=x onerror=hit()></script><script>hit()</script>"

    async def clock(reactor, session):
        ticks = 0
        while True:
            print(f"tick {ticks}")
            ticks += 1
            await sleep(0.2)

    async def kettle(reactor, session):
        raise ValueError("the kettle is dry")

    async def hostile(reactor, session):
        print(HOSTILE)
        raise ValueError(HOSTILE)
"""


@pytest.fixture(scope="module")
def fleet_file() -> Iterator[Path]:
    with short_folder() as folder:
        write_module(folder, PARTS)
        yield write_fleet(folder, FLEET)


@pytest.fixture(scope="module")
def edge(fleet_file: Path) -> Iterator[Fleet]:
    with fleet(fleet_file) as running:
        running.until("kettle", "backoff")
        yield running


@contextmanager
def dashboard(browser: Browser, edge: Fleet, path: str = "/") -> Iterator[Observed]:
    """The dashboard over the forwarded socket; at the end, nothing was wrong and nothing came from elsewhere."""
    with forwarded(edge.socket) as url, opened(browser, url + path) as observed:
        expect(row(observed.page, "clock")).to_be_visible()
        yield observed
        assert observed.wrong == []
        assert observed.origins == {url}


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent")
    return text


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_components_are_shown_with_their_states_the_worst_first(browser: Browser, edge: Fleet) -> None:
    with dashboard(browser, edge) as observed:
        page = observed.page
        expect(page).to_have_title("(3) edge · wampsup")
        expect(row(page, "kettle")).to_contain_text("backoff")
        expect(row(page, "kettle")).to_contain_text("ValueError: the kettle is dry; next try in")
        expect(row(page, "clock")).to_contain_text("running")
        expect(row(page, "clock")).to_contain_text("%")
        assert page.locator("#rows th").all_inner_texts()[:3] == ["hostile", "billing", "kettle"]
        assert page.locator("#rows th").all_inner_texts()[-2:] == ["clock", "spare"]
        expect(page.locator("#facts")).to_contain_text("busy")
        expect(page.locator("#events")).to_contain_text("ValueError: the kettle is dry; next try in")


def test_a_transition_is_seen_without_a_reload(browser: Browser, edge: Fleet) -> None:
    with dashboard(browser, edge) as observed:
        page = observed.page
        expect(row(page, "spare")).to_contain_text("stopped")
        assert edge.wampsup("start", "spare").code == 0
        expect(row(page, "spare")).to_contain_text("running")
        assert edge.wampsup("stop", "spare").code == 0
        expect(row(page, "spare")).to_contain_text("stopped by a person")
        expect(page.locator("#events li").first).to_contain_text("stopped")


def test_the_time_until_the_next_try_goes_on(browser: Browser, edge: Fleet) -> None:
    with dashboard(browser, edge) as observed:
        said = row(observed.page, "kettle").inner_text()
        expect(row(observed.page, "kettle")).not_to_have_text(said)
        expect(row(observed.page, "kettle")).to_contain_text("next try in 5")


def test_a_component_is_stopped_and_started_by_the_keyboard_alone(browser: Browser, edge: Fleet) -> None:
    with dashboard(browser, edge) as observed:
        page = observed.page
        press(page, "/")
        page.keyboard.type("clock")
        press(page, "Enter")
        assert focused(page) == "clock"
        press(page, "Enter")
        expect(page.locator("#detail-name")).to_be_focused()
        press(page, "Tab", "Tab", "Tab")
        assert focused(page) == "Stop"
        press(page, "Enter")
        expect(page.get_by_role("dialog", name="Stop clock?")).to_be_visible()
        assert focused(page) == "Cancel"
        press(page, "Tab", "Enter")
        expect(page.get_by_role("status")).to_contain_text("clock has been stopped: stopped")
        assert focused(page) == "Stop"
        expect(page.locator("#detail .now")).to_contain_text("stopped")
        press(page, "Shift+Tab", "Enter")
        expect(page.get_by_role("dialog", name="Start clock?")).to_be_visible()
        press(page, "Tab", "Enter")
        expect(page.get_by_role("status")).to_contain_text("clock has been started: running")
        press(page, "Escape")
        expect(page.locator("#detail")).to_be_hidden()
        assert focused(page) == "clock"


def test_a_restart_is_carried_out_once_it_is_confirmed(browser: Browser, edge: Fleet) -> None:
    session = edge.component("clock")["session_id"]
    with dashboard(browser, edge, "/#/clock") as observed:
        page = observed.page
        page.get_by_role("button", name="Restart").click()
        page.get_by_role("dialog").get_by_role("button", name="Restart").click()
        expect(page.get_by_role("status")).to_contain_text("clock has been restarted: running")
    assert edge.component("clock")["session_id"] != session


@pytest.mark.parametrize("leave", ["Escape", "Enter"])
def test_who_does_not_confirm_changes_nothing(browser: Browser, edge: Fleet, leave: str) -> None:
    with dashboard(browser, edge, "/#/clock") as observed:
        page = observed.page
        page.get_by_role("button", name="Stop", exact=True).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        press(page, leave)  # Enter is on `Cancel`
        expect(dialog).to_be_hidden()
        assert focused(page) == "Stop"
        expect(page.locator("#detail")).to_be_visible()
        assert not [url for url in observed.requested if "/v1/stop" in url]
    assert edge.component("clock")["state"] == "running"


def test_what_does_not_work_is_told(browser: Browser, edge: Fleet) -> None:
    with dashboard(browser, edge, "/#/billing") as observed:
        page = observed.page
        page.get_by_role("button", name="Restart").click()
        page.get_by_role("dialog").get_by_role("button", name="Restart").click()
        expect(page.get_by_role("status")).to_contain_text("billing has failed: ValueError: the kettle is dry")
        page.get_by_role("button", name="Dismiss").click()
        expect(page.get_by_role("status")).to_be_empty()


def test_a_component_is_shown_in_full_with_its_last_error_and_traceback(browser: Browser, edge: Fleet) -> None:
    with dashboard(browser, edge, "/#/kettle") as observed:
        detail = observed.page.locator("#detail")
        expect(detail.get_by_label("About")).to_contain_text("main parts:kettle")
        expect(detail.get_by_label("About")).to_contain_text("on-failure, at most 5 in 300 s, delays of about 600 s")
        expect(detail.get_by_label("Next")).to_contain_text(edge.component("kettle")["next"].rpartition("; ")[2])
        error = detail.get_by_label("Last error")
        expect(error).to_contain_text("ValueError: the kettle is dry")
        expect(error.locator("pre")).to_be_hidden()
        error.locator("summary").click()
        expect(error.locator("pre")).to_contain_text("Traceback (most recent call last):")
        expect(detail.locator(".part.events")).to_contain_text("connecting")


def test_a_log_is_seen_as_it_comes(browser: Browser, edge: Fleet) -> None:
    with dashboard(browser, edge, "/#/clock") as observed:
        log = observed.page.get_by_role("log", name="Log of clock")
        expect(log).to_contain_text("joined realm1 as")
        last = log.locator(".message").last.inner_text()
        expect(log.locator(".message").last).not_to_have_text(last)
        expect(log).not_to_contain_text("kettle")


def test_hostile_text_is_text(browser: Browser, edge: Fleet) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(forwarded(edge.socket))
        page = stack.enter_context(opened(browser, "about:blank")).page
        page.add_init_script("window.hits = 0; window.hit = () => window.hits++")
        page.goto(url)
        expect(row(page, "hostile")).to_contain_text(HOSTILE)
        row(page, "hostile").get_by_role("link").click()
        expect(page.get_by_role("log")).to_contain_text(HOSTILE)
        expect(page.get_by_label("Last error")).to_contain_text(HOSTILE)
        expect(page.locator(".part.events")).to_contain_text(HOSTILE)
        page.get_by_role("button", name="Start", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Start", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text(HOSTILE)
        assert page.evaluate("window.hits") == 0
        assert page.locator("img").count() == 0
        assert page.locator("script").count() == 1


def test_a_supervisor_that_is_gone_is_missed_and_its_successor_is_shown(browser: Browser, fleet_file: Path) -> None:
    with short_folder() as runtime:
        socket = runtime / "edge.sock"
        text = fleet_file.read_text(encoding="utf-8").replace("[router]", f'socket = "{socket}"\n[router]', 1)
        path = write_fleet(fleet_file.parent, text.replace("router.sock", "again.sock"), "again.toml")
        with forwarded(socket) as url, opened(browser, "about:blank") as observed:
            page = observed.page
            with fleet(path) as first:
                page.goto(f"{url}/#/clock")
                expect(row(page, "clock")).to_contain_text("running")
                pid = first.pid
                expect(page.locator("#facts")).to_contain_text(f"pid {pid}")
                expect(page.get_by_role("log")).to_contain_text("tick")
            expect(page.get_by_role("alert")).to_contain_text("The supervisor has not answered for")
            with fleet(path) as second:
                expect(page.get_by_role("alert")).to_be_hidden()
                expect(page.locator("#facts")).to_contain_text(f"pid {second.pid}")
                second.wampsup("stop", "clock", env={"WAMPSUP_SOCKET": str(socket)})
                expect(row(page, "clock")).to_contain_text("stopped by a person")
                expect(page.locator("#events li").first).to_contain_text("stopped")
                expect(page.get_by_role("log").locator(".message").last).to_contain_text("left behind")
