"""The way of a container's component to its router: a connecting transport of Crossbar.io as one of a fleet file.

Crossbar.io connects to the endpoint, and to nothing but the endpoint; the URL is what it says to the router then. A
fleet file has an endpoint only where it is not what the URL says. Relative paths are those of the node's folder.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from wampsup.config.urls import TcpUrl, UnixUrl, UrlError, is_secure, parse_url
from wampsup.config.words import listed
from wampsup.conversion.options import RAWSOCKET, WEBSOCKET, options_of

if TYPE_CHECKING:
    from pathlib import Path

    from wampsup.conversion.item import Item

DEFAULT_TIMEOUT = 10
"""Seconds to connect within: Crossbar.io's default, and that of a fleet file."""

SERIALIZERS = ("cbor", "json", "msgpack", "ubjson")

Transport = str | dict[str, Any]
"""What stands for it under `transports`: a URL where that says all."""


def transport_of(item: Item, folder: Path) -> Transport:
    """The transport at `item`, of the node in `folder`.

    Raises:
        LeftOutError: there is none like it.
    """
    kind = item["type"].text()
    if kind not in {"websocket", "rawsocket"}:
        raise item["type"].left_out(f"a transport of type `{kind}` is none of a component")
    endpoint = _endpoint(item["endpoint"], folder)
    table = _websocket(item, endpoint) if kind == "websocket" else _rawsocket(item, endpoint)
    options = options_of(item["options"], WEBSOCKET if kind == "websocket" else RAWSOCKET)
    if options:
        table["options"] = options
    return table["url"] if table.keys() == {"url"} else table


def absolute(folder: Path, path: str) -> str:
    """A path of the node's configuration, without the dots in it."""
    return os.path.normpath(folder / path)


def url_of(scheme: str, host: str, port: int) -> str:
    """A URL without a path; the address of an IPv6 host gets its brackets."""
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def unix_rawsocket(path: str) -> dict[str, Any]:
    """A rawsocket at that absolute path; a URL can't hold every one."""
    if any(char.isspace() for char in path):
        return {"type": "rawsocket", "endpoint": {"path": path}}
    return {"url": f"rs://unix:{path}"}


def _websocket(item: Item, endpoint: Transport) -> dict[str, Any]:
    item.note_others({"id", "type", "endpoint", "url", "serializers", "options"})
    url = item["url"].text()
    try:
        parsed = parse_url(url)
    except UrlError as error:
        raise item["url"].left_out(f"must be {error.expected}") from None
    if isinstance(endpoint, dict) and is_secure(parsed.scheme) and "host" in endpoint and "tls" not in endpoint:
        item["endpoint"].note("has no `tls`: as Crossbar.io does, it connects without TLS, whatever the URL says")
        endpoint["tls"] = False
    table: dict[str, Any] = {"url": url}
    if isinstance(endpoint, str) or not _is_said_by(parsed, endpoint):
        table["endpoint"] = endpoint
    serializers = [each.value for each in item["serializers"] if _is_serializer(each)]
    return table | ({"serializers": serializers} if serializers else {})


def _is_serializer(item: Item) -> bool:
    if item.value in SERIALIZERS:
        return True
    item.note(f"is left out: a component has {listed(SERIALIZERS)}")
    return False


def _is_said_by(url: TcpUrl | UnixUrl, endpoint: dict[str, Any]) -> bool:
    if isinstance(url, UnixUrl):
        return False
    said: dict[str, Any] = {"host": url.host, "port": url.port}
    return endpoint == (said | {"tls": {"hostname": url.host}} if is_secure(url.scheme) else said)


def _rawsocket(item: Item, endpoint: Transport) -> dict[str, Any]:
    item.note_others({"id", "type", "endpoint", "url", "serializer", "options", "debug"})
    table: dict[str, Any]
    match endpoint:
        case {"path": str() as path, **rest} if not rest:
            table = unix_rawsocket(path)
        case {"host": str() as host, "port": int() as port, **rest}:
            table = {"url": url_of("rss" if "tls" in rest else "rs", host, port)}
            if rest and rest != {"tls": {"hostname": host}}:
                table["endpoint"] = endpoint
        case _:
            table = {"type": "rawsocket", "endpoint": endpoint}
    return table | {"serializer": item["serializer"].value or "json"}  # Crossbar.io's default


def _endpoint(item: Item, folder: Path) -> Transport:
    kind = item["type"].text()
    table: dict[str, Any]
    match kind:
        case "tcp":
            item.note_others({"type", "host", "port", "version", "timeout", "tls"})
            table = {"host": item["host"].text(), "port": item["port"].value} | _tcp(item, folder)
        case "unix":
            item.note_others({"type", "path", "timeout"})
            table = {"path": absolute(folder, item["path"].text())}
        case "twisted":
            item.note_others({"type", "client_string"}, "Crossbar.io takes it and does not use it")
            return item["client_string"].text()
        case _:
            raise item["type"].left_out(f"an endpoint of type `{kind}` has no counterpart in a fleet file")
    if item["timeout"].value not in (None, DEFAULT_TIMEOUT):
        table["timeout"] = item["timeout"].value
    return table


def _tcp(item: Item, folder: Path) -> dict[str, Any]:
    table = {} if item["version"].value is None else {"version": item["version"].value}
    return table if item["tls"].value is None else {**table, "tls": _tls(item["tls"], folder)}


def _tls(item: Item, folder: Path) -> dict[str, Any]:
    item.note_others({"hostname", "ca_certificates", "certificate", "key"})
    table: dict[str, Any] = {"hostname": item["hostname"].text()}
    roots = [absolute(folder, each.text()) for each in item["ca_certificates"]]
    if roots:
        table["trust_root"] = roots if len(roots) > 1 else roots[0]
    if item["key"]:
        table |= {key: absolute(folder, item[key].text()) for key in ("certificate", "key")}
    elif item["certificate"]:
        item["certificate"].note("has no `key` beside it, so that Crossbar.io does not use it")
    return table
