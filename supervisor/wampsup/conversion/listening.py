"""How a component that ran inside a router can reach it from outside: over a transport on which that router listens.

It must let the component in without credentials, as the router itself did, and under a role that the realm has. One
with TLS alone is no help, since nothing says for which name its certificate is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wampsup.conversion.transport import absolute, unix_rawsocket, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wampsup.conversion.item import Item
    from wampsup.conversion.transport import Transport

ANONYMOUS = "anonymous"
"""The role that Crossbar.io gives where the configuration names none."""

_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - nothing is bound here


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """A transport for a component, and the role that it gives (`None`: an authenticator decides)."""

    transport: Transport
    role: str | None


def way_into(router: Item, realm: str, role: str, folder: Path) -> Way | None:
    """The first way into `realm` of that router worker that gives `role`; else the first that gives another."""
    roles = _roles(router, realm)
    ways = [way for each in router["transports"] for way in _ways(each, folder)]
    usable = [way for way in ways if way.role is None or not roles or way.role in roles]
    return next((way for way in usable if way.role == role), usable[0] if usable else None)


def _roles(router: Item, realm: str) -> set[str]:
    named = [each for each in router["realms"] if each["name"].value == realm]
    return {role["name"].value for each in named for role in each["roles"] if isinstance(role["name"].value, str)}


def _ways(item: Item, folder: Path) -> Iterator[Way]:
    match item["type"].value:
        case "rawsocket":
            yield from _rawsocket(item, item["endpoint"], folder)
        case "websocket":
            yield from _websocket(item, item["endpoint"], "/", folder)
        case "web":
            yield from _paths(item["paths"], item["endpoint"], "/", folder)
        case "universal":
            if item["rawsocket"].value is not None:
                yield from _rawsocket(item["rawsocket"], item["endpoint"], folder)
            yield from _paths(item["websocket"], item["endpoint"], "/", folder)


def _paths(paths: Item, endpoint: Item, above: str, folder: Path) -> Iterator[Way]:
    """The WebSockets among the paths of a web server; paths may lie within a path."""
    for key in paths.keys():  # noqa: SIM118 - it is no dict
        path = above if key == "/" else f"{above.rstrip('/')}/{key}"
        if paths[key]["type"].value == "websocket":
            yield from _websocket(paths[key], endpoint, path, folder)
        elif paths[key]["type"].value == "path":
            yield from _paths(paths[key]["paths"], endpoint, path, folder)


def _rawsocket(item: Item, endpoint: Item, folder: Path) -> Iterator[Way]:
    serializer = next((each.value for each in item["serializers"]), None)
    said = {} if serializer is None else {"serializer": serializer}
    for role in _role(item):
        path, address = _path(endpoint, folder), _address(endpoint)
        if path:
            yield Way(transport=unix_rawsocket(path) | said, role=role)
        elif address:
            url = url_of("rs", *address)
            yield Way(transport={"url": url, **said} if said else url, role=role)


def _websocket(item: Item, endpoint: Item, path: str, folder: Path) -> Iterator[Way]:
    for role in _role(item):
        socket, address = _path(endpoint, folder), _address(endpoint)
        if socket:
            yield Way(transport={"url": f"ws://localhost{path}", "endpoint": {"path": socket}}, role=role)
        elif address:
            yield Way(transport=f"{url_of('ws', *address)}{path}", role=role)


def _role(item: Item) -> Iterator[str | None]:
    """The role of whoever comes without credentials; nothing where nobody may."""
    anonymous = item["auth"]["anonymous"]
    if not item["auth"]:
        yield ANONYMOUS
    elif anonymous["type"].value == "static":
        yield anonymous["role"].value or ANONYMOUS
    elif anonymous:
        yield None


def _path(endpoint: Item, folder: Path) -> str | None:
    path = endpoint["path"].value
    usable = endpoint["type"].value == "unix" and isinstance(path, str) and "$" not in path
    return absolute(folder, path) if usable else None


def _address(endpoint: Item) -> tuple[str, int] | None:
    port, interface = endpoint["port"].value, endpoint["interface"].value or ""
    if endpoint["type"].value != "tcp" or endpoint["tls"] or not isinstance(port, int):
        return None  # a port from the environment is one that nobody knows now
    loopback = "::1" if endpoint["version"].value == 6 else "127.0.0.1"  # noqa: PLR2004 - IPv6
    return (loopback if interface in _EVERYWHERE else str(interface)), port
