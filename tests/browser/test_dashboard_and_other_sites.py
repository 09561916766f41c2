"""What pages of other sites can do through a browser that has the dashboard, or could have it: nothing."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from support.browser import opened
from support.command import fleet
from support.files import short_folder, write_fleet, write_module
from support.forward import forwarded
from support.waiting import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from support.command import Fleet

FLEET = """
    [supervisor]
    name = "edge"
    http = "127.0.0.1:{port}"

    [router]
    listen = "rs://unix:router.sock"

    [components.clock]
    main = "parts:clock"
    transports = "rs://unix:router.sock"
"""

PARTS = """
    from twisted.internet.defer import Deferred

    async def clock(reactor, session):
        await Deferred()
"""

ATTACKS = """async ([target]) => {
    const told = {};
    const body = JSON.stringify({ select: ["*"] });
    const json = { "Content-Type": "application/json" };
    const attempt = async (name, doing) => { told[name] = await doing().catch(() => "failed"); };
    const loaded = (tag, attribute, path) => new Promise((done) => {
        const element = document.createElement(tag);
        element.addEventListener("load", () => done("loaded"));
        element.addEventListener("error", () => done("failed"));
        element[attribute] = target + path;
        document.body.append(element);
    });
    for (const verb of ["stop", "restart", "shutdown"]) {
        const url = `${target}/v1/${verb}`;
        const content = verb === "shutdown" ? "{}" : body;
        const post = async (options) => (await fetch(url, { method: "POST", body: content, ...options })).status;
        await attempt(`${verb} by JSON`, () => post({ headers: json }));
        await attempt(`${verb} by text`, () => post({}));
        await post({ mode: "no-cors" }).catch(() => null); // its answer is opaque
        navigator.sendBeacon(url, new Blob([content], { type: "text/plain" }));
        await attempt(`${verb} by an image`, () => loaded("img", "src", `/v1/${verb}`));
        const made = (tag, values) => Object.assign(document.createElement(tag), values);
        const frame = made("iframe", { name: `frame-${verb}` });
        const form = made("form", { method: "post", enctype: "text/plain", action: url, target: frame.name });
        form.append(made("input", { name: '{"select": ["*", "', value: '*"]}' })); // as text: {"select": ["*", "=*"]}
        document.body.append(frame, form);
        const answered = new Promise((done) => frame.addEventListener("load", done));
        form.submit();
        await answered;
    }
    await attempt("reading", async () => (await fetch(`${target}/v1/components`)).text());
    await attempt("a script", () => loaded("script", "src", "/v1/components"));
    await attempt("the dashboard's own script", () => loaded("script", "src", "/dashboard/dashboard.js"));
    await attempt("following", () => new Promise((done) => {
        const source = new EventSource(`${target}/v1/events?follow=1`);
        source.addEventListener("open", () => done("opened"));
        source.addEventListener("error", () => done("failed"));
    }));
    await attempt("framing", async () => {
        await loaded("iframe", "src", "/");
        return document.querySelector("iframe:last-of-type").contentDocument ? "read" : "failed";
    });
    return told;
}"""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>kittens</title><body>")

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def other_site(host: str) -> Iterator[str]:
    """A web server of somebody else's, under that name."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    server.daemon_threads = True
    server.block_on_close = False
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def edge(port: int) -> Iterator[Fleet]:
    with short_folder() as folder:
        write_module(folder, PARTS)
        with fleet(write_fleet(folder, FLEET.format(port=port))) as running:
            running.until("clock", "running")
            yield running


@pytest.mark.parametrize("host", ["kittens.example", "127.0.0.1", "localhost"])
def test_a_page_of_another_site_changes_and_reads_nothing(browser: Browser, edge: Fleet, host: str) -> None:
    before = edge.component("clock")
    with (
        forwarded(edge.socket) as url,
        other_site(host) as site,
        opened(browser, url) as owners,
        opened(browser, site) as observed,
    ):
        expect(owners.page.locator("#rows")).to_contain_text("running")
        told = observed.page.evaluate(ATTACKS, [url])
        assert set(told.values()) == {"failed"}, told
        assert len(told) == 14
        asked = [one for one in observed.requested if one.startswith(url)]
        assert {f"{url}/v1/{verb}" for verb in ("stop", "restart", "shutdown")} <= set(asked)
        expect(owners.page.locator("#rows")).to_contain_text("running")
    after = edge.component("clock")
    assert (after["state"], after["session_id"]) == ("running", before["session_id"])


def test_a_name_that_is_let_point_here_reads_and_changes_nothing(browser: Browser, edge: Fleet) -> None:
    with forwarded(edge.socket) as url:
        rebound = url.replace("localhost", "kittens.example")
        with opened(browser, rebound) as observed:
            assert "this is not `kittens.example`" in observed.page.content()
            for path in ("/", "/v1/components", "/v1/logs"):
                status = observed.page.evaluate("async ([path]) => (await fetch(path)).status", [path])
                assert status == 421
            stopped = (
                "fetch('/v1/stop', { method: 'POST', body: '{\"select\": [\"*\"]}' }).then((reply) => reply.status)"
            )
            assert observed.page.evaluate(stopped) == 421
    assert edge.component("clock")["state"] == "running"


def test_over_tcp_the_dashboard_reads_alone(browser: Browser, edge: Fleet, port: int) -> None:
    with opened(browser, f"http://127.0.0.1:{port}/#/clock") as observed:
        page = observed.page
        expect(page.locator("#rows")).to_contain_text("running")
        expect(page.get_by_text("read only")).to_be_visible()
        expect(page.get_by_label("Log")).to_contain_text(f"ssh -L 9100:{edge.socket} HOST")
        expect(page.locator("#events")).to_contain_text("running")
        assert page.locator("[data-verb]").count() == 0
        assert observed.wrong == []
        stopped = "fetch('/v1/stop', { method: 'POST', body: '{\"select\": [\"*\"]}' }).then((reply) => reply.status)"
        assert page.evaluate(stopped) == 403
        assert page.evaluate("fetch('/v1/logs').then((reply) => reply.status)") == 403
    assert edge.component("clock")["state"] == "running"
