"""The tables of a way to a router: a transport and what it holds.

What one key asks of another (`headers` of `type`, say) is checked by `config.rules`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Tag

from wampsup.config.schema.fields import (
    Delay,
    Growth,
    Limit,
    LooksLike,
    OneOf,
    Port,
    Seconds,
    SecretText,
    Share,
    Table,
    Text,
    kind_of,
    unexpected,
)
from wampsup.config.urls import URL_PATTERN, UrlError, parse_url


def _check_url(value: str) -> str:
    try:
        parse_url(value)
    except UrlError as error:
        raise unexpected(error.expected, error.hint) from None
    return value


Url = Annotated[str, AfterValidator(_check_url), LooksLike(URL_PATTERN)]
Serializer = Annotated[Literal["json", "msgpack", "cbor", "ubjson", "flatbuffers"], OneOf()]


class TlsTable(Table):
    """A client's side of TLS. Paths are relative to the file's folder."""

    hostname: Text | None = Field(
        None, description="The name that the router's certificate must hold; by default the host of the URL"
    )
    trust_root: (
        Annotated[
            Annotated[Text, Tag("<path>")] | Annotated[list[Text], Field(min_length=1), Tag("<list>")],
            kind_of({str: "<path>", list: "<list>"}, "a path or a list of paths"),
        ]
        | None
    ) = Field(None, description="PEM files with the certificates to trust; by default those of the system")
    certificate: Text | None = Field(None, description="PEM file with the client's certificate and its chain")
    key: Text | None = Field(
        None, description="PEM file with the client's private key; by default that of `certificate`"
    )


class EndpointTable(Table):
    """What to connect to, where the URL does not say it."""

    type: Annotated[Literal["tcp", "unix"], OneOf()] | None = Field(
        None, description="By default `unix` where there is a `path`, else `tcp`"
    )
    host: Text | None = Field(None, description="Host name or address (tcp)")
    port: Port | None = Field(None, description="Port (tcp)")
    path: Text | None = Field(None, description="Path of a unix socket, relative to the file's folder (unix)")
    timeout: Seconds = Field(10.0, description="Seconds to connect to one address within")
    version: Annotated[Literal[4, 6], OneOf()] | None = Field(
        None, description="Take only IPv4 or only IPv6 addresses of the host (tcp)"
    )
    tls: (
        Annotated[
            Annotated[bool, Tag("<bool>")] | Annotated[TlsTable, Tag("<table>")],
            kind_of({bool: "<bool>", dict: "<table>"}, "`true`, `false` or a table"),
        ]
        | None
    ) = Field(None, description="TLS; by default on where the URL is `wss` or `rss`")


class ProxyTable(Table):
    """An HTTP proxy to tunnel through."""

    host: Text = Field(description="Host name or address")
    port: Port = Field(description="Port")


class TransportTable(Table):
    """One way to a router."""

    type: Annotated[Literal["websocket", "rawsocket"], OneOf()] | None = Field(
        None, description="By default as the URL says"
    )
    url: Url | None = Field(None, description="URL of the router: `ws`, `wss`, `rs` or `rss`")
    endpoint: (
        Annotated[
            Annotated[Text, Tag("<string>")] | Annotated[EndpointTable, Tag("<table>")],
            kind_of({str: "<string>", dict: "<table>"}, "a table or a Twisted client endpoint string"),
        ]
        | None
    ) = Field(
        None, description="What to connect to: a table, or a Twisted client endpoint string; by default as the URL says"
    )
    serializers: Annotated[list[Serializer], Field(min_length=1)] | None = Field(
        None, description="Serializers to offer, the best first (websocket)"
    )
    serializer: Serializer | None = Field(None, description="The serializer (rawsocket)")
    options: dict[str, Any] = Field(
        {}, description="Options of Autobahn's `setProtocolOptions`, in snake_case or camelCase"
    )
    headers: dict[str, SecretText] = Field(
        {}, description="HTTP headers to send; their values are shown nowhere (websocket)"
    )
    proxy: ProxyTable | None = Field(None, description="HTTP proxy to tunnel through (websocket)")
    max_retries: Limit = Field(-1, description="How often to try again while it can't be connected; -1: for ever")
    initial_retry_delay: Delay = Field(1.5, description="Seconds before the first retry")
    max_retry_delay: Delay = Field(300.0, description="Seconds that no delay exceeds")
    retry_delay_growth: Growth = Field(1.5, description="Each delay is this many times the one before")
    retry_delay_jitter: Share = Field(0.1, description="Share of a delay by which it is spread at random")


_TRANSPORT_KINDS = {str: "<url>", dict: "<table>"}

TransportItem = Annotated[
    Annotated[Url, Tag("<url>")] | Annotated[TransportTable, Tag("<table>")],
    kind_of(_TRANSPORT_KINDS, "a URL or a table"),
]
Transports = Annotated[
    Annotated[Url, Tag("<url>")]
    | Annotated[TransportTable, Tag("<table>")]
    | Annotated[list[TransportItem], Field(min_length=1), Tag("<list>")],
    kind_of({**_TRANSPORT_KINDS, list: "<list>"}, "a URL, a table, or a list of both"),
]
