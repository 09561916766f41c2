"""The pages of the dashboard, in memory: what comes with them, what they are told, and that they need nothing else."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

from wampsup.control import dashboard
from wampsup.control.messages import Refusal, Reply, Request
from wampsup.control.routes import find

FILES = files(dashboard) / "files"
PATHS = ["/", *(dashboard.FOLDER + file.name for file in FILES.iterdir() if file.name != "index.html")]


def get(path: str, *, vouched: bool = True, name: str = "edge", socket: str = "/run/wampsup/edge.sock") -> Reply:
    routes = {route.path: route for route in dashboard.routes(name, socket)}
    reply: Any = find(routes, path).answer(Request(method="GET", path=path, vouched=vouched))
    assert isinstance(reply, Reply)
    return reply


def text(path: str, *, vouched: bool = True) -> str:
    return get(path, vouched=vouched).encoded().decode()


def test_the_page_says_whether_one_may_change_things_here_and_where_one_may() -> None:
    assert '<meta name="wampsup-access" content="full">' in text("/")
    assert '<meta name="wampsup-access" content="read">' in text("/", vouched=False)
    assert '<meta name="wampsup-socket" content="/run/wampsup/edge.sock">' in text("/")


def test_what_the_page_is_told_is_no_markup() -> None:
    page = get("/", name='"><b>', socket='"><i>').encoded()
    assert b"<b>" not in page
    assert b"<i>" not in page


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_is_to_take_nothing_from_elsewhere(path: str) -> None:
    reply = get(path)
    assert reply.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    elsewhere = re.findall(r"[a-z]+://[^\s'\"`)]+", text(path))
    assert {url for url in elsewhere if "://www.w3.org/2000/svg" not in url} <= {"http://localhost:9100/"}


def test_files_are_served_under_their_own_types() -> None:
    assert get("/").media_type == "text/html; charset=utf-8"
    assert get("/dashboard/dashboard.css").media_type == "text/css; charset=utf-8"
    assert get("/dashboard/dashboard.js").media_type == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("name", ["nothing.js", "index.html", "../__init__.py", "..", "%2e%2e", "__init__.py"])
def test_nothing_else_is_served(name: str) -> None:
    with pytest.raises(Refusal, match="there is nothing at"):
        get(dashboard.FOLDER + name)


def test_nothing_that_is_told_becomes_markup_or_code() -> None:
    for file in FILES.iterdir():
        found = re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", file.read_text("utf-8")
        )
        assert (file.name, found) == (file.name, [])
