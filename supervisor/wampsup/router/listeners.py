"""What the router listens on: a URL becomes a listening socket, or one sentence that says why it can't.

`ws://HOST:PORT/PATH`, `rs://HOST:PORT` and `rs://unix:/PATH`; without a host it is loopback. A unix socket is the
owner's alone from the moment it exists. One that nobody accepts on any more is replaced; anything else at its path is
left alone.
"""

# mypy: disable-error-code="no-untyped-call"
# (inherited from Autobahn and Twisted, which have no types for all they have)
from __future__ import annotations

import errno
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from twisted.internet.error import CannotListenError

from wampsup.errors import WampsupError
from wampsup.router.rawsocket import RawSocketFactory
from wampsup.router.websocket import WebSocketFactory
from wampsup.unixport import UnixPort

if TYPE_CHECKING:
    from wampsup.router.connections import Connections

KNOWN = "only `ws://HOST:PORT/PATH`, `rs://HOST:PORT` and `rs://unix:/PATH` are known"
UNIX = "rs://unix:"
LOOPBACK = "127.0.0.1"
DEFAULT_PORTS = {"ws": 80, "rs": 80}
REASONS = {
    errno.EADDRINUSE: "the port is in use",
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
}


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that listens, and the URL that clients use for it."""

    url: str
    port: Any


def listen(reactor: Any, url: str, connections: Connections) -> Listener:
    """Listen on `url`.

    Raises:
        WampsupError: it can't, and why.
    """
    try:
        return _listen(reactor, url, connections)
    except _RefusedError as error:
        raise WampsupError(f"the router can't listen on `{url}`: {error}") from error
    except CannotListenError as error:
        reason = _reason(error.socketError)
        raise WampsupError(f"the router can't listen on `{url}`: {reason}") from error


class _RefusedError(Exception):
    """The rest of the sentence."""


def _listen(reactor: Any, url: str, connections: Connections) -> Listener:
    path = url.removeprefix(UNIX)
    if path not in ("", url):
        return Listener(url, _listen_unix(reactor, path, connections))
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _RefusedError(KNOWN) from None
    if parts.scheme not in DEFAULT_PORTS or parts.hostname == "unix":
        raise _RefusedError(KNOWN)
    return _listen_tcp(reactor, parts, connections)


def _listen_tcp(reactor: Any, parts: SplitResult, connections: Connections) -> Listener:
    host = parts.hostname or LOOPBACK
    try:
        port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        raise _RefusedError("the port is no number from 0 to 65535") from None
    path = parts.path or "/"
    factory: Any = RawSocketFactory(connections) if parts.scheme == "rs" else WebSocketFactory(connections, host, path)
    listening = reactor.listenTCP(port, factory, backlog=connections.limits.backlog, interface=host)
    shown = f"[{host}]" if ":" in host else host
    return Listener(f"{parts.scheme}://{shown}:{listening.getHost().port}{parts.path}", listening)


def _listen_unix(reactor: Any, path: str, connections: Connections) -> Any:
    _clear(Path(path))
    factory: Any = RawSocketFactory(connections)
    port: Any = UnixPort(path, factory, reactor, backlog=connections.limits.backlog)
    port.startListening()
    return port


def _clear(path: Path) -> None:
    """Make room for a socket at `path`: remove a stale one."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise _RefusedError(f"there is no folder `{path.parent}`") from None
        return
    except OSError as error:
        raise _RefusedError(_reason(error)) from error
    if not stat.S_ISSOCK(mode):
        raise _RefusedError(f"`{path}` exists and is no socket")
    if _is_alive(path):
        raise _RefusedError("the socket is in use")
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _RefusedError(_reason(error)) from error


def _is_alive(path: Path) -> bool:
    """Whether somebody listens on the socket; a full queue or a lack of permission also speaks for somebody."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)  # noqa: FBT003  # the standard library's signature
        return probe.connect_ex(os.fsencode(path)) not in (errno.ECONNREFUSED, errno.ENOENT)


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return REASONS[errno.EADDRNOTAVAIL]
    if error.errno is None:
        return str(error)
    return REASONS.get(error.errno) or os.strerror(error.errno).lower()
