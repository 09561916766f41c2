"""Builds what an attempt would build, before anything starts, and tells what can't be built."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wampsup.config.words import shown
from wampsup.model.spec import Mistake, TcpEndpoint, TlsSpec
from wampsup.wamp.endpoint_strings import endpoint_string_problem
from wampsup.wamp.endpoints import client_endpoint, is_host, server_name, tls_of
from wampsup.wamp.options import option_mistakes
from wampsup.wamp.serializers import serializer_mistakes
from wampsup.wamp.tls import tls_mistakes
from wampsup.wamp.transport import transport_factory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wampsup.model.spec import TransportSpec


def try_transports(name: str, transports: Sequence[TransportSpec], reactor: Any) -> Iterator[Mistake]:
    """What is wrong with the transports of the component `name`, each at its own place; none of it holds a secret."""
    for index, transport in enumerate(transports):
        path = ("components", name, "transports", index)
        where = f"transport `{transport.url}` of component `{name}`"
        found = [
            *option_mistakes(transport, where),
            *serializer_mistakes(transport, where),
            *_endpoint_mistakes(transport, where, reactor),
        ]
        yield from (replace(mistake, path=(*path, *mistake.path)) for mistake in found)
        if not found:
            yield from _building_mistakes(transport, path, where, reactor)


def _endpoint_mistakes(transport: TransportSpec, where: str, reactor: Any) -> Iterator[Mistake]:
    if isinstance(transport.endpoint, str):
        problem = endpoint_string_problem(transport.endpoint, reactor)
        if problem is not None:
            said, hint = problem
            message = f"`endpoint` of {where} can't be built from {shown(transport.endpoint)}: {said}"
            yield Mistake(path=("endpoint",), message=message, hint=hint)
    endpoint = transport.endpoint
    if isinstance(endpoint, TcpEndpoint) and not is_host(endpoint.host):
        at = ("url",) if endpoint.host == server_name(transport) else ("endpoint", "host")
        yield Mistake(path=at, message=f"there can't be a host `{endpoint.host}`, as {where} names it")
    elif isinstance(tls := tls_of(transport), TlsSpec):
        yield from tls_mistakes(tls, server_name(transport), where)
    if transport.proxy and not is_host(transport.proxy.host):
        message = f"there can't be a host `{transport.proxy.host}`, as `proxy` of {where} names it"
        yield Mistake(path=("proxy", "host"), message=message)


def _building_mistakes(
    transport: TransportSpec, path: tuple[str | int, ...], where: str, reactor: Any
) -> Iterator[Mistake]:
    """What only building tells: an option that is new to us, or one of a third party's endpoint."""
    try:
        transport_factory(transport, lambda: None, reactor)
        client_endpoint(transport, reactor)
    except Exception as error:  # noqa: BLE001 - Autobahn and Twisted raise what they like on a wrong value
        yield Mistake(path=path, message=f"{where} can't be built: {str(error) or type(error).__name__}")
