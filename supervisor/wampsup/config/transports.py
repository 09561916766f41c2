"""From the checked tables of transports to their specs, with the endpoint that a URL means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.config.schema.transport import EndpointTable, TlsTable, TransportTable
from wampsup.config.urls import UnixUrl, is_secure, parse_url, transport_type
from wampsup.model.secret import of_header
from wampsup.model.spec import Backoff, Endpoint, RetryPolicy, TcpEndpoint, TlsSpec, TransportSpec, UnixEndpoint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def build_transports(
    transports: str | TransportTable | Sequence[str | TransportTable], folder: Path
) -> tuple[TransportSpec, ...]:
    """The transports of a component, in their order."""
    items = [transports] if isinstance(transports, str | TransportTable) else transports
    return tuple(_transport(TransportTable(url=item) if isinstance(item, str) else item, folder) for item in items)


def place_url(url: str, folder: Path) -> str:
    """The URL with its unix path, if it has one, made absolute."""
    parsed = parse_url(url, lowest_port=0)
    return f"{parsed.scheme}://unix:{folder / parsed.path}" if isinstance(parsed, UnixUrl) else url


def _transport(table: TransportTable, folder: Path) -> TransportSpec:
    endpoint = _endpoint(table, folder)
    proxy = table.proxy
    url = _describe(endpoint) if table.url is None else place_url(table.url, folder)
    return TransportSpec(
        type=table.type or transport_type(url),
        url=url,
        endpoint=endpoint,
        serializers=tuple(table.serializers or ([table.serializer] if table.serializer else [])),
        options=table.options,
        headers={name: of_header(name, value) for name, value in table.headers.items()},
        proxy=None if proxy is None else TcpEndpoint(host=proxy.host, port=proxy.port),
        retry=RetryPolicy(
            max_retries=table.max_retries,
            backoff=Backoff(
                initial_delay=table.initial_retry_delay,
                max_delay=table.max_retry_delay,
                growth=table.retry_delay_growth,
                jitter=table.retry_delay_jitter,
            ),
        ),
    )


def _endpoint(table: TransportTable, folder: Path) -> Endpoint | str:
    if isinstance(table.endpoint, str):
        return table.endpoint
    url = parse_url(table.url) if table.url else None
    by_url = TlsSpec() if url and is_secure(url.scheme) else None
    if table.endpoint is not None:
        return _endpoint_of_table(table.endpoint, by_url, folder)
    if isinstance(url, UnixUrl):
        return UnixEndpoint(path=str(folder / url.path), tls=by_url)
    if url is None:
        raise ValueError("a transport without an endpoint has a URL")
    return TcpEndpoint(host=url.host, port=url.port, tls=by_url)


def _endpoint_of_table(table: EndpointTable, by_url: TlsSpec | None, folder: Path) -> Endpoint:
    """An endpoint of its own: the URL decides about TLS as long as the table does not."""
    tls = by_url if table.tls is None else _tls(table.tls, folder)
    if table.path is not None:
        return UnixEndpoint(path=str(folder / table.path), timeout=table.timeout, tls=tls)
    if table.host is None or table.port is None:
        raise ValueError("an endpoint without a path has a host and a port")
    return TcpEndpoint(
        host=table.host,
        port=table.port,
        timeout=table.timeout,
        version=table.version,
        tls=tls,
    )


def _tls(table: bool | TlsTable, folder: Path) -> TlsSpec | None:  # noqa: FBT001 - the value of a key, not a flag
    if isinstance(table, bool):
        return TlsSpec() if table else None
    roots = [table.trust_root] if isinstance(table.trust_root, str) else table.trust_root or []
    return TlsSpec(
        hostname=table.hostname,
        trust_root=tuple(folder / root for root in roots),
        certificate=folder / table.certificate if table.certificate else None,
        key=folder / table.key if table.key else None,
    )


def _describe(endpoint: Endpoint | str) -> str:
    """A URL for a rawsocket that was given none: only people read it."""
    match endpoint:
        case UnixEndpoint():
            return f"{'rss' if endpoint.tls else 'rs'}://unix:{endpoint.path}"
        case TcpEndpoint():
            host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
            return f"{'rss' if endpoint.tls else 'rs'}://{host}:{endpoint.port}"
        case str():
            return endpoint
