"""What an endpoint asks of the rest of its transport: its address's family, the proxy, and the router's name."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from wampsup.config.urls import TcpUrl, UnixUrl, UrlError, is_secure, parse_url
from wampsup.config.words import subject
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wampsup.config.positions import Path


def address_mistakes(path: Path, endpoint: Mapping[str, Any]) -> Iterator[Mistake]:
    """A literal address of a family that `version` keeps out."""
    host, version = endpoint.get("host"), endpoint.get("version")
    family = _family(host)
    if family is not None and version in (4, 6) and family != version:
        message = f"{subject((*path, 'version'))} is `{version}`, but its `host` is an IPv{family} address"
        yield Mistake(path=(*path, "version"), message=message)


def proxy_mistakes(path: Path, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """A proxy connects to a host and a port, which it looks up by itself."""
    if "proxy" not in table:
        return
    endpoint = table.get("endpoint")
    is_unix = isinstance(_parsed(table.get("url")), UnixUrl) if endpoint is None else "path" in _table(endpoint)
    if is_unix or isinstance(endpoint, str):
        message = f"{subject((*path, 'proxy'))} connects to a host and a port, and the transport has none"
        yield Mistake(path=(*path, "proxy"), message=message, at_key=True)
    elif "version" in _table(endpoint):
        at = (*path, "endpoint", "version")
        message = f"{subject(at)} has no meaning with a `proxy`, which looks up the host by itself"
        yield Mistake(path=at, message=message, at_key=True)


def server_name_mistakes(path: Path, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """TLS over a unix socket has to know which name the router's certificate must hold: no address tells."""
    url, endpoint = _parsed(table.get("url")), table.get("endpoint")
    tls = _table(endpoint).get("tls")
    speaks_tls = tls is True or isinstance(tls, dict) or (tls is None and url is not None and is_secure(url.scheme))
    is_unix = "path" in _table(endpoint) if endpoint is not None else isinstance(url, UnixUrl)
    has_name = isinstance(url, TcpUrl) or "hostname" in _table(tls)
    if speaks_tls and is_unix and not has_name:
        message = f"{subject(path)} speaks TLS over a unix socket, and nothing says which name its router has"
        hint = 'say it with the path: `endpoint = { path = "PATH", tls = { hostname = "router.example" } }`'
        at = path if set(table) == {"url"} else (*path, "endpoint" if endpoint is not None else "url")
        yield Mistake(path=at, message=message, hint=hint)


def _parsed(url: Any) -> TcpUrl | UnixUrl | None:
    try:
        return parse_url(url) if isinstance(url, str) else None
    except UrlError:
        return None


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _family(host: Any) -> int | None:
    try:
        return ip_address(host).version if isinstance(host, str) else None
    except ValueError:
        return None
