"""URLs of routers, both those to connect to and those to listen on.

`ws` and `wss` mean WebSocket, `rs` and `rss` RawSocket; the s is for TLS. `unix:` in the place of the host means a
unix socket, whose path is the rest: `rs://unix:/run/router.sock`. These are Autobahn's URLs, read more strictly:
nothing in them is ignored.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

CLIENT_SCHEMES = ("ws", "wss", "rs", "rss")
SERVER_SCHEMES = ("ws", "rs")

URL_PATTERN = r"^(wss?://[^\s#]+|rss?://(unix:\S+|[^\s/]+:[0-9]+))$"
LISTEN_PATTERN = r"^(ws://(?!unix:)[^\s#]+|rs://(unix:\S+|[^\s/]+:[0-9]+))$"
"""What `parse_url` takes, to connect to and to listen on, and a little more: for the JSON Schema."""

_DEFAULT_PORTS = {"ws": 80, "wss": 443}
_MEANT = {"http": "ws", "https": "wss", "tcp": "rs", "tls": "rss", "ssl": "rss"}
_HIGHEST_PORT = 65535


class UrlError(ValueError):
    """Not a URL of a router: it should have been `expected`."""

    def __init__(self, expected: str, hint: str | None = None) -> None:
        super().__init__(expected)
        self.expected = expected
        self.hint = hint


@dataclass(frozen=True, kw_only=True, slots=True)
class TcpUrl:
    """A URL with a host (an IPv6 address without its brackets) and a port."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UnixUrl:
    """A URL with the path of a unix socket, as it was written."""

    scheme: str
    path: str


def transport_type(scheme: str) -> Literal["websocket", "rawsocket"]:
    """The transport that a scheme means."""
    return "websocket" if scheme.startswith("ws") else "rawsocket"


def is_secure(scheme: str) -> bool:
    """Whether a scheme means TLS."""
    return scheme in {"wss", "rss"}


@functools.lru_cache(maxsize=64)  # the components of a fleet mostly share theirs
def parse_url(text: str, *, schemes: Sequence[str] = CLIENT_SCHEMES, lowest_port: int = 1) -> TcpUrl | UnixUrl:
    """Read a URL.

    Raises:
        UrlError: it is none, or says something that has no meaning here.
    """
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in schemes:
        raise UrlError(f"a URL that begins with {_listed(schemes)}", _scheme_hint(scheme, schemes, separator))
    if any(char.isspace() for char in text):
        raise UrlError("a URL without spaces")
    if not text.isprintable():
        raise UrlError("a URL without control characters")
    if rest.startswith("unix:"):
        if rest == "unix:":
            raise UrlError(f"a URL with a path after `{scheme}://unix:`")
        return UnixUrl(scheme=scheme, path=rest.removeprefix("unix:"))
    return _parse_tcp(text, scheme, lowest_port)


def _parse_tcp(text: str, scheme: str, lowest_port: int) -> TcpUrl:
    ports = f"a URL with a port from {lowest_port} to {_HIGHEST_PORT}"
    try:
        parts = urlsplit(text)
    except ValueError:
        raise UrlError("a URL with a valid host") from None
    try:
        port = parts.port
    except ValueError:
        raise UrlError(ports) from None
    if not parts.hostname:
        raise UrlError("a URL with a host")
    if "@" in parts.netloc:
        raise UrlError("a URL without a user name", "say who it is under `authentication`")
    if "#" in text:
        raise UrlError("a URL without a fragment")
    if transport_type(scheme) == "rawsocket" and (parts.path or parts.query):
        raise UrlError("a URL without a path", "a rawsocket is a host and a port, or `unix:` and a path")
    if port is None:
        port = _DEFAULT_PORTS.get(scheme)
    if port is None:
        raise UrlError("a URL with a port", "a rawsocket has no usual port")
    if port < lowest_port:
        raise UrlError(ports)
    return TcpUrl(scheme=scheme, host=parts.hostname, port=port)


def _listed(schemes: Sequence[str]) -> str:
    *head, last = [f"`{scheme}://`" for scheme in schemes]
    return f"{', '.join(head)} or {last}"


def _scheme_hint(scheme: str, schemes: Sequence[str], separator: str) -> str | None:
    meant = _MEANT.get(scheme.lower(), scheme.lower())
    return f"did you mean `{meant}://`?" if separator and meant in schemes else None
