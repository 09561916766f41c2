"""No web page can use a browser as its way in, and programs are asked for nothing."""

from __future__ import annotations

import pytest

from wampsup.control.guard import check_origin, is_local_name
from wampsup.control.messages import Refusal, Request
from wampsup.control.tcp import known


def told(method: str, **headers: str) -> int | None:
    """The status of the refusal; `None` where there is none."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        check_origin(Request(method=method, path="/v1/stop", headers=named), is_local_name)
    except Refusal as refusal:
        return int(refusal.status)
    return None


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    "host",
    [
        "",
        "wampsup",
        "x",
        "/run/wampsup/edge.sock",
        "%2Frun%2Fwampsup%2Fedge.sock",
        "localhost",
        "localhost:9100",
        "LOCALHOST.",
        "127.0.0.1:9100",
        "192.0.2.7",
        "[::1]",
        "[::1]:9100",
        "edge:",
    ],
)
def test_programs_may_call_it_by_an_address_or_a_name_without_a_dot(method: str, host: str) -> None:
    assert told(method, host=host) is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_programs_need_not_name_a_host(method: str) -> None:
    assert told(method) is None


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:9100", "127.0.0.1.evil.example", "evil.example.", "a.b", "127.1.evil"]
)
def test_a_name_that_a_page_may_have_is_not_ours(method: str, host: str) -> None:
    assert told(method, host=host) == 421


@pytest.mark.parametrize("host", [" ", "a b", "localhost, evil.example", "user@localhost", "http://x", "[::1"])
def test_what_is_no_host_is_refused(host: str) -> None:
    assert told("GET", host=host) == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://localhost:9100"},
        {"origin": "HTTP://LocalHost:9100", "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"content_type": "text/plain"},
        {},
    ],
)
def test_a_page_of_its_own_and_a_program_may_change_something(headers: dict[str, str]) -> None:
    assert told("POST", host="localhost:9100", **headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "https://localhost:9100"},
        {"origin": "http://localhost:9101"},
        {"origin": "http://localhost"},
        {"origin": "null"},
        {"origin": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "http://localhost:9100", "sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "none, cross-site"},
    ],
)
def test_a_page_of_another_site_may_change_nothing(headers: dict[str, str]) -> None:
    assert told("POST", host="localhost:9100", **headers) == 403
    assert told("DELETE", host="localhost:9100", **headers) == 403


def test_a_page_of_another_site_may_ask_but_is_let_read_nothing_by_the_browser() -> None:
    assert told("GET", host="localhost:9100", origin="http://evil.example", sec_fetch_site="cross-site") is None


def test_an_origin_without_a_host_is_refused() -> None:
    assert told("POST", origin="http://localhost") == 403


def test_over_tcp_only_names_of_this_machine_and_those_of_the_file_are_ours() -> None:
    knows = known("edge.example", ["Metrics.example."])
    assert all(map(knows, ("localhost", "127.0.0.1", "192.0.2.9", "::1", "edge.example", "metrics.example")))
    assert not any(map(knows, ("evil.example", "sub.edge.example", "wampsup", "x")))
