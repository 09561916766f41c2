"""Keeps web pages from using a browser on this host, or one that SSH forwards to, as their way in.

A page can have any browser send requests anywhere. Under a name of its own that it lets point to this host (DNS
rebinding) it could also read the answers: such a request bears that name as its `Host`. One that comes from another
site bears that site in `Origin`, or says so in `Sec-Fetch-Site`. Programs send neither, and are asked for nothing.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING

from wampsup.control.messages import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.control.messages import Request

    Knows = Callable[[str], bool]
    """Whether requests to a host of that name are for us; in lower case, an IPv6 address without its brackets."""

LOCALHOST = "localhost"

_HOST = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[^\s:?#@\[\],]*?)\.?)(?::[0-9]*)?")
_OWN_SITES = frozenset({"same-origin", "none"})


def check_origin(request: Request, knows: Knows) -> None:
    """See to it that no web page of another site is behind a request.

    Raises:
        Refusal: 400, 403 or 421, one may be.
    """
    host = request.headers.get("host")
    if host is not None:
        _check_host(host, knows)
    if request.method not in {"GET", "HEAD"}:
        _check_site(request)


def is_address(host: str) -> bool:
    """Whether it is an IP address, which no name server can let point elsewhere."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_local_name(host: str) -> bool:
    """Whether no page from outside has such a name: one without a dot, an address, or the path of a socket.

    Some clients give the path for the host, as it is or quoted; browsers take no name with a slash.
    """
    return "." not in host or is_address(host) or "/" in host or "%2f" in host


def _check_host(host: str, knows: Knows) -> None:
    found = _HOST.fullmatch(host)
    if found is None:
        raise Refusal(HTTPStatus.BAD_REQUEST, "`Host` is no name with or without a port")
    name = (found["address"] or found["name"] or "").lower()
    if not knows(name):
        raise Refusal(
            HTTPStatus.MISDIRECTED_REQUEST,
            f"this is not `{name}`",
            hint="use `localhost` or an address; for HTTP over TCP, `http_hosts` in `[supervisor]` takes other names",
        )


def _check_site(request: Request) -> None:
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "none")
    own = f"http://{request.headers.get('host', '')}"
    if site not in _OWN_SITES or (origin is not None and origin.lower() != own.lower()):
        raise Refusal(HTTPStatus.FORBIDDEN, "a page of another site can change nothing here")
