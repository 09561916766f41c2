"""How the dashboard looks and behaves, with fleets in memory: small and large, empty, hostile, and only to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from support.browser import DESKTOP, PHONE, opened
from support.many import PROBLEM, backing_off, fatal, running, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from support.many import Served
    from support.reactor import Run

FEW = ["clock", "pricing", "kettle", "billing", "legacy"]
HOSTILE = '"><img src=x onerror=hit()><svg onload=hit()>'


def begin(scene: Served) -> None:
    """Two run, one is tried again, one is fatal, one is stopped."""
    scene.move("clock", running)
    scene.move("pricing", running)
    scene.move("kettle", backing_off, PROBLEM)
    scene.move("billing", fatal, PROBLEM)


def names(page: Page) -> list[str]:
    return page.locator("#rows th").all_inner_texts()


def row(page: Page, name: str) -> Locator:
    return page.locator("#rows").get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def seen(page: Page, name: str) -> None:
    expect(row(page, name)).to_be_visible()


def in_focus(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent")
    return text


def test_a_listener_that_only_reads_shows_no_buttons_and_says_where_logs_are(run: Run, browser: Browser) -> None:
    with served(run, FEW, vouched=False) as (scene, url), opened(browser, f"{url}/#/kettle") as observed:
        run(lambda: begin(scene))
        page = observed.page
        expect(page.locator("#detail")).to_contain_text("the kettle is dry")
        expect(page.get_by_label("Log")).to_contain_text("ssh -L 9100:/run/wampsup/edge.sock HOST")
        expect(page.locator("#rows")).to_contain_text("backoff")
        expect(page.get_by_text("read only")).to_be_visible()
        assert page.locator("[data-verb]").count() == 0
        assert {request.method for request in scene.asked} == {"GET"}
        assert not [request for request in scene.asked if request.path == "/v1/logs"]
        assert observed.wrong == []


@pytest.mark.parametrize("path", ["/", "/#/kettle"])
def test_nothing_is_wider_than_a_phone(run: Run, browser: Browser, path: str) -> None:
    with served(run, [*FEW, "a-name-as-long-as-" + "they-" * 20 + "come"]) as (scene, url):
        run(lambda: begin(scene))
        with opened(browser, url + path, PHONE) as observed:
            expect(observed.page.locator("#events")).to_contain_text("fatal")
            expect(observed.page.locator("#events" if path == "/" else "#detail")).to_be_visible()
            assert observed.page.evaluate("document.documentElement.scrollWidth") == PHONE[0]


def test_on_a_phone_a_component_takes_the_place_of_the_list_and_gives_it_back(run: Run, browser: Browser) -> None:
    with served(run, FEW) as (scene, url), opened(browser, url, PHONE, has_touch=True) as observed:
        run(lambda: begin(scene))
        page = observed.page
        row(page, "kettle").tap()
        expect(page.locator("#detail-name")).to_have_text("kettle")
        expect(page.locator("#table")).to_be_hidden()
        page.get_by_role("button", name="Close the details").tap()
        expect(page.locator("#table")).to_be_visible()
        page.go_back()
        expect(page.locator("#detail-name")).to_have_text("kettle")


def test_light_and_dark_are_as_the_system_has_it_unless_a_person_wants_it_otherwise(run: Run, browser: Browser) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    with served(run, FEW) as (_, url):
        with opened(browser, url, color_scheme="light") as observed:
            light = observed.page.evaluate(ground)
        with opened(browser, url, color_scheme="dark") as observed:
            page = observed.page
            dark = page.evaluate(ground)
            assert dark != light
            page.get_by_role("button", name="Theme: system").click()
            expect(page.get_by_role("button", name="Theme: light")).to_be_visible()
            assert page.evaluate(ground) == light
            page.reload()
            expect(page.get_by_role("button", name="Theme: light")).to_be_visible()
            assert page.evaluate(ground) == light
            page.get_by_role("button", name="Theme: light").click()
            assert page.evaluate(ground) == dark
            assert observed.wrong == []


def check(page: Page) -> None:
    found = Axe().run(page)
    assert [one["id"] for one in found.response["violations"]] == [], found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", ["/", "/#/kettle"])
def test_nothing_is_inaccessible(run: Run, browser: Browser, scheme: str, size: tuple[int, int], path: str) -> None:
    with served(run, FEW) as (scene, url), opened(browser, url + path, size, color_scheme=scheme) as observed:
        run(lambda: begin(scene))
        page = observed.page
        expect(page.locator("#events")).to_contain_text("fatal")
        check(page)
        if path != "/":
            page.get_by_text("Traceback").first.click()
            check(page)
            page.get_by_role("button", name="Restart").click()
            check(page)


def test_the_table_is_filtered_by_words_and_by_states(run: Run, browser: Browser) -> None:
    with served(run, FEW) as (scene, url), opened(browser, url) as observed:
        run(lambda: begin(scene))
        page = observed.page
        expect(page.locator("#rows")).to_contain_text("fatal")
        assert names(page) == ["billing", "kettle", "clock", "pricing", "legacy"]
        page.get_by_role("searchbox").fill("the kettle next")
        assert names(page) == ["kettle"]
        page.get_by_role("searchbox").fill("nobody")
        expect(page.get_by_text("No component is like that")).to_be_visible()
        page.get_by_role("searchbox").press("Escape")
        page.get_by_role("button", name="running 2").click()
        page.get_by_role("button", name="fatal 1").click()
        assert names(page) == ["billing", "clock", "pricing"]
        page.get_by_role("button", name="all 5").click()
        assert len(names(page)) == 5


def test_the_table_is_sorted_by_its_headings(run: Run, browser: Browser) -> None:
    with served(run, ["b10", "b9", "a"]) as (scene, url), opened(browser, url) as observed:
        page = observed.page
        seen(page, "a")
        heading = page.get_by_role("columnheader", name="Name")
        heading.get_by_role("button").press("Enter")
        assert names(page) == ["a", "b9", "b10"]
        assert heading.get_attribute("aria-sort") == "ascending"
        heading.get_by_role("button").press("Enter")
        assert names(page) == ["b10", "b9", "a"]
        assert heading.get_attribute("aria-sort") == "descending"
        restarts = page.get_by_role("columnheader", name="Restarts")
        run(lambda: scene.fleet.put("b9", restarts=3))
        expect(row(page, "b9")).to_contain_text("3")
        restarts.get_by_role("button").click()
        assert names(page) == ["b9", "b10", "a"]
        assert restarts.get_attribute("aria-sort") == "descending"


def test_rows_are_walked_through_by_keys(run: Run, browser: Browser) -> None:
    with served(run, [f"c{number}" for number in range(300)]) as (_, url), opened(browser, url) as observed:
        page = observed.page
        seen(page, "c0")
        for keys, name in (
            ("ArrowDown", "c0"),
            ("ArrowDown", "c1"),
            ("PageDown", "c11"),
            ("ArrowUp", "c10"),
            ("End", "c299"),
            ("ArrowDown", "c299"),
            ("Home", "c0"),
        ):
            page.keyboard.press(keys)
            assert in_focus(page) == name
            expect(page.locator("#rows a:focus")).to_be_in_viewport()


def test_the_focus_stays_with_a_component_whose_row_moves(run: Run, browser: Browser) -> None:
    with served(run, FEW) as (scene, url), opened(browser, url) as observed:
        page = observed.page
        seen(page, "legacy")
        page.keyboard.press("End")
        assert in_focus(page) == "legacy"
        run(lambda: scene.move("legacy", fatal, PROBLEM))
        expect(page.locator("#rows th").first).to_have_text("legacy")
        assert in_focus(page) == "legacy"


def test_an_address_names_a_component_also_one_that_there_is_not(run: Run, browser: Browser) -> None:
    with served(run, FEW) as (_, url), opened(browser, f"{url}/#/nobody") as observed:
        expect(observed.page.locator("#detail")).to_contain_text("no component `nobody` in fleet `edge`")
        expect(observed.page.get_by_role("group", name="Commands")).to_be_hidden()
        expect(observed.page.locator("#detail .now")).to_be_hidden()
        observed.page.goto(f"{url}/#/%E0%A4%A")
        expect(observed.page.locator("#detail")).to_be_hidden()


def test_what_a_reload_brings_and_takes_is_seen(run: Run, browser: Browser) -> None:
    def reload(scene: Served) -> None:
        scene.fleet.replace(["clock", "new"], 0)
        scene.journal.note("reload", note="1 added, 4 removed")

    with served(run, FEW) as (scene, url), opened(browser, f"{url}/#/kettle") as observed:
        seen(observed.page, "kettle")
        expect(observed.page.locator("#detail .now")).to_be_visible()
        run(lambda: reload(scene))
        seen(observed.page, "new")
        assert names(observed.page) == ["clock", "new"]
        expect(observed.page.locator("#events")).to_contain_text("reload1 added, 4 removed")
        expect(observed.page.locator("#detail")).to_contain_text("no component `kettle`")


def test_an_empty_fleet_says_so(run: Run, browser: Browser) -> None:
    with served(run, []) as (_, url), opened(browser, url) as observed:
        expect(observed.page.get_by_text("This fleet has no components.")).to_be_visible()
        expect(observed.page.get_by_text("Nothing has happened yet.")).to_be_visible()
        assert observed.wrong == []


def test_hostile_names_and_errors_are_text(run: Run, browser: Browser) -> None:
    with served(run, [HOSTILE, "clock"]) as (scene, url), opened(browser, "about:blank") as observed:
        page = observed.page
        page.add_init_script("window.hits = 0; window.hit = () => window.hits++")
        page.goto(url)
        seen(page, HOSTILE)
        problem = type(PROBLEM)(kind=PROBLEM.kind, type=HOSTILE, message=HOSTILE, uri=HOSTILE, traceback=HOSTILE)
        run(lambda: scene.move(HOSTILE, backing_off, problem))
        page.locator("#rows").get_by_role("link", name=HOSTILE).click()
        expect(page.locator("#detail-name")).to_have_text(HOSTILE)
        expect(page.get_by_label("Last error")).to_contain_text(HOSTILE)
        page.get_by_role("button", name="Restart").click()
        expect(page.get_by_role("heading", name=f"Restart {HOSTILE}?")).to_be_visible()
        assert (page.evaluate("window.hits"), page.locator("img").count()) == (0, 0)


def test_events_that_are_lost_are_told(run: Run, browser: Browser) -> None:
    with served(run, FEW, journal=100) as (scene, url), opened(browser, url) as observed:
        page = observed.page
        run(lambda: begin(scene))
        expect(page.locator("#events")).to_contain_text("fatal")

        def storm() -> None:
            for _ in range(1000):
                scene.move("clock", backing_off, PROBLEM)
                scene.move("clock", running)

        run(storm)
        expect(page.locator("#events")).to_contain_text("events came too fast for this page")
        expect(row(page, "clock")).to_contain_text("running")


def test_a_page_that_nobody_sees_asks_for_nothing(run: Run, browser: Browser) -> None:
    hide = """([hidden]) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    with served(run, FEW) as (scene, url), opened(browser, "about:blank") as observed:
        page = observed.page
        page.clock.install()
        page.goto(f"{url}/#/clock")
        expect(page.locator("#detail")).to_contain_text("stopped")
        page.evaluate(hide, [True])
        page.clock.run_for(60_000)
        page.evaluate("fetch('/v1/supervisor')")  # behind what was under way
        before = len(scene.asked)
        page.clock.run_for(60_000)
        assert len(scene.asked) == before
        run(lambda: scene.move("clock", running))
        page.evaluate(hide, [False])
        expect(page.locator("#detail .now")).to_contain_text("running")


def test_ten_thousand_components_are_no_more_to_a_page_than_fifty(run: Run, browser: Browser) -> None:
    everybody = [f"sensor-{number}" for number in range(10_000)]
    with served(run, everybody) as (scene, url), opened(browser, url) as observed:
        page = observed.page
        seen(page, "sensor-0")
        assert page.locator("#rows tr").count() < 100
        page.keyboard.press("End")
        assert in_focus(page) == "sensor-9999"
        run(lambda: scene.move("sensor-5000", fatal, PROBLEM))
        expect(page.get_by_role("button", name="fatal 1")).to_be_visible()
        page.keyboard.press("Home")
        assert in_focus(page) == "sensor-5000"
        page.get_by_role("searchbox").fill("sensor-77")
        expect(page.locator("#table")).to_have_attribute("aria-rowcount", "112")
        in_all = [request for request in scene.asked if request.path == "/v1/components" and not request.query]
        assert len(in_all) < 5


def test_a_transition_of_every_one_of_a_thousand_components_is_shown(run: Run, browser: Browser) -> None:
    everybody = [f"sensor-{number}" for number in range(1000)]
    with served(run, everybody) as (scene, url), opened(browser, url) as observed:
        seen(observed.page, "sensor-0")
        run(lambda: scene.move_all(everybody, running))
        expect(observed.page.get_by_role("button", name="running 1,000")).to_be_visible()
        assert observed.wrong == []
