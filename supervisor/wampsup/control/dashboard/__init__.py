"""The dashboard: one page and what it is made of, plain files that a browser takes as they are.

The page is told which fleet it is, whether this listener lets one change things, and where the socket lies that does.
By its policy a browser takes nothing from elsewhere, runs no script in the page itself, and lets no other page frame
it. Nothing is kept by the browser: behind the same forwarded port there may be another fleet tomorrow.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from html import escape
from http import HTTPStatus
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from wampsup.control.messages import Refusal, Reply, Request
from wampsup.control.parameters import NAME
from wampsup.control.routes import Content, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wampsup.control.routes import Route

FOLDER = "/dashboard/"

_PAGE = "index.html"
_HTML = "text/html; charset=utf-8"
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_FILE = replace(NAME, description="A file's name")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}


def routes(name: str, socket: str) -> Iterator[Route]:
    """The dashboard of the fleet called `name`, whose control socket is at `socket`, if it has one."""
    yield read("/", "The dashboard, for a browser", partial(_page, name, socket), Content(None, (_HTML,)))
    parts = Content(None, tuple(_TYPES.values()))
    yield read(FOLDER + "{name}", "What the dashboard is made of", _part, parts, takes=(_FILE,), refusals=(404,))


def _page(name: str, socket: str, request: Request) -> Reply:
    access = "full" if request.vouched else "read"
    page = Template(_page_and_parts()[0]).substitute(name=escape(name), socket=escape(socket), access=access)
    return Reply(content=page.encode(), media_type=_HTML, headers=_HEADERS)


def _part(request: Request) -> Reply:
    name = request.path.removeprefix(FOLDER)
    part = _page_and_parts()[1].get(name)
    if part is None:
        raise Refusal(HTTPStatus.NOT_FOUND, f"there is nothing at `{request.path}`")
    return Reply(content=part, media_type=_TYPES[name.rpartition(".")[2]], headers=_HEADERS)


@cache
def _page_and_parts() -> tuple[str, Mapping[str, bytes]]:
    """The page, and its parts by their names; read when they are asked for the first time."""
    parts = {file.name: file.read_bytes() for file in (files(__name__) / "files").iterdir()}
    return parts.pop(_PAGE).decode(), parts
