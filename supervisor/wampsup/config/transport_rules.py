"""What the keys of a transport ask of each other: of its type, its URL and its endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wampsup.config.endpoint_rules import address_mistakes, proxy_mistakes, server_name_mistakes
from wampsup.config.header_rules import header_mistakes
from wampsup.config.order import order_mistakes
from wampsup.config.schema import TransportTable, lacks
from wampsup.config.urls import UrlError, parse_url, transport_type
from wampsup.config.words import subject
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wampsup.config.positions import Path

_ONLY_FOR: dict[str, tuple[str, str | None]] = {
    "serializer": ("rawsocket", "a websocket offers several: `serializers`"),
    "serializers": ("websocket", "a rawsocket has one: `serializer`"),
    "headers": ("websocket", None),
    "proxy": ("websocket", None),
}
_ENDPOINT_NEEDS = {"tcp": ("host", "port"), "unix": ("path",)}
_ENDPOINT_ONLY_FOR = {
    "path": "unix",
    "host": "tcp",
    "port": "tcp",
    "version": "tcp",
}


def transport_mistakes(path: Path, transports: Any) -> Iterator[Mistake]:
    """All that is wrong within `transports`, as it stands in the file."""
    items = enumerate(transports) if isinstance(transports, list) else [(None, transports)]
    for index, item in items:
        at = path if index is None else (*path, index)
        if isinstance(item, dict):
            yield from _table_mistakes(at, item)
        elif isinstance(item, str):
            yield from server_name_mistakes(at, {"url": item})


def _table_mistakes(path: Path, table: Mapping[str, Any]) -> Iterator[Mistake]:
    said = table.get("type")
    meant = _type_of_url(table.get("url"))
    kind = meant if said is None else said
    if lacks(table, path, "url") and not (kind == "rawsocket" and "endpoint" in table):
        hint = 'such as `url = "ws://127.0.0.1:8080/ws"`'
        yield Mistake(path=path, message=f"{subject(path)} needs a `url`", hint=hint, at_key=True)
    if said == "websocket" and meant == "rawsocket":
        message = f"{subject((*path, 'url'))} must begin with `ws://` or `wss://`, because its `type` is `websocket`"
        yield Mistake(path=(*path, "url"), message=message)
    for key, (only, instead) in _ONLY_FOR.items():
        if key in table and kind != only and kind in ("websocket", "rawsocket"):
            message = f"{subject((*path, key))} is only for a {only}"
            yield Mistake(path=(*path, key), message=message, hint=instead, at_key=True)
    yield from order_mistakes(path, table, {}, TransportTable, ("initial_retry_delay", "max_retry_delay"))
    yield from header_mistakes((*path, "headers"), table.get("headers"))
    yield from _endpoint_mistakes((*path, "endpoint"), table.get("endpoint"))
    yield from proxy_mistakes(path, table)
    yield from server_name_mistakes(path, table)


def _type_of_url(url: Any) -> str | None:
    try:
        return transport_type(parse_url(url).scheme) if isinstance(url, str) else None
    except UrlError:
        return None


def _endpoint_mistakes(path: Path, endpoint: Any) -> Iterator[Mistake]:
    if not isinstance(endpoint, dict):
        return
    kind = endpoint.get("type", "unix" if "path" in endpoint else "tcp")
    for key in _ENDPOINT_NEEDS.get(kind, ()) if isinstance(kind, str) else ():
        if lacks(endpoint, path, key):
            yield Mistake(path=path, message=f"{subject(path)} needs a `{key}`", at_key=True)
    for key, only in _ENDPOINT_ONLY_FOR.items():
        if key in endpoint and kind != only and kind in ("tcp", "unix"):
            message = f"{subject((*path, key))} is only for an endpoint of type `{only}`"
            yield Mistake(path=(*path, key), message=message, at_key=True)
    yield from address_mistakes(path, endpoint)
    tls = endpoint.get("tls")
    if isinstance(tls, dict) and "key" in tls and lacks(tls, (*path, "tls"), "certificate"):
        yield Mistake(
            path=(*path, "tls"),
            message=f"{subject((*path, 'tls'))} needs a `certificate` beside its `key`",
            at_key=True,
        )
