"""Takes over a Component as its user wrote it: its configuration and its listeners, those of the decorators included.

Autobahn has no public way to read a Component back, so this module leans on private names, and nothing else does:
`_entry`, `_realm`, `_extra`, `_authentication`, `_transports`, `_is_fatal`, `_listeners`. A test names them all, so
that a new Autobahn which changes them fails there.
"""

# ruff: noqa: SLF001 - see above

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet import defer

from wampsup.model.secret import of_header
from wampsup.model.spec import Backoff, RetryPolicy, TcpEndpoint, TlsSpec, TransportSpec, UnixEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, kw_only=True, slots=True)
class Adopted:
    """What a Component holds."""

    main: Callable[..., Any] | None
    session_factory: Callable[..., Any]
    realm: str
    extra: Any
    authentication: Mapping[str, Any]
    transports: tuple[TransportSpec, ...]
    is_fatal: Callable[[BaseException], object] | None
    listeners: Mapping[str, Sequence[Callable[..., Any]]]


def adopt(component: Any) -> Adopted:
    """Read `component`; its listeners stay its own, so that one added later is heard too.

    Its `stop()`, which its own code may call, does nothing until an attempt has lent it one.
    """
    if not isinstance(component.stop, partial):  # else it is adopted already, and may be in use
        lend_stop(component, _nothing)
    if component._listeners is None:
        component._listeners = {}
    return Adopted(
        main=component._entry,
        session_factory=component.session_factory,
        realm=component._realm,
        extra=component._extra,
        authentication=component._authentication,
        transports=tuple(_transport(transport) for transport in component._transports),
        is_fatal=component._is_fatal,
        listeners=component._listeners,
    )


def lend_stop(component: Any, stop: Callable[[], None]) -> None:
    """Let the user's own `component.stop()` call `stop`; it returns a Deferred, as Component's does."""
    component.stop = partial(defer.maybeDeferred, stop)


def take_stop_back(component: Any, stop: Callable[[], None]) -> None:
    """The user's own `component.stop()` does nothing any more, unless somebody else has lent it one since."""
    if component.stop.args == (stop,):
        lend_stop(component, _nothing)


def _nothing() -> None: ...


def _transport(transport: Any) -> TransportSpec:
    return TransportSpec(
        type=transport.type,
        url=transport.url or "",
        endpoint=_endpoint(transport.endpoint, transport.url or ""),
        serializers=tuple(transport.serializers),
        options=dict(transport.options),
        headers={name: of_header(name, str(value)) for name, value in (transport.headers or {}).items()},
        proxy=TcpEndpoint(host=transport.proxy["host"], port=transport.proxy["port"]) if transport.proxy else None,
        retry=RetryPolicy(
            max_retries=transport.max_retries,
            backoff=Backoff(
                initial_delay=transport.initial_retry_delay,
                max_delay=transport.max_retry_delay,
                growth=transport.retry_delay_growth,
                jitter=transport.retry_delay_jitter,
            ),
        ),
    )


def _endpoint(endpoint: Any, url: str) -> TcpEndpoint | UnixEndpoint | object:
    if not isinstance(endpoint, dict):
        return endpoint  # type: ignore[no-any-return]  # any IStreamClientEndpoint
    timeout = endpoint.get("timeout", 10.0)
    if endpoint["type"] == "unix":
        return UnixEndpoint(path=endpoint["path"], timeout=timeout)
    return TcpEndpoint(
        host=endpoint["host"],
        port=endpoint["port"],
        timeout=timeout,
        version=endpoint.get("version"),
        # Autobahn forgets the TLS that an `rss` URL asks for.
        tls=_tls(endpoint.get("tls", url.startswith("rss:"))),
    )


def _tls(tls: Any) -> TlsSpec | object | None:
    match tls:
        case None | False:
            return None
        case True:
            return TlsSpec()
        case dict():
            roots = (Path(tls["trust_root"]),) if "trust_root" in tls else ()
            return TlsSpec(hostname=tls.get("hostname"), trust_root=roots)
        case _:
            return tls  # type: ignore[no-any-return]  # any TLS options of Twisted
