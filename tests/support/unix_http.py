"""A session of `requests` on a unix socket, for whoever tests an API through one."""

from __future__ import annotations

import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ReadTimeoutError

BASE = "http://wampsup"
LINES = "application/x-ndjson"
_QUIET = 0.1
"""Seconds of silence after which nothing more is waited for from a stream that has no end."""


def unix_session(path: str) -> requests.Session:
    """A session in which `http://wampsup` is that socket, and of an endless stream only the beginning is read."""
    session = requests.Session()
    session.mount(BASE, _UnixAdapter(path))
    return session


class _UnixAdapter(HTTPAdapter):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._pool = _UnixPool(path)

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        return self._pool

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        """Send it; of who follows, lines are read here, and server-sent events by schemathesis, until none come."""
        response = super().send(request, **{**options, "stream": True})
        if response.ok and "follow=1" in (request.url or ""):
            response.raw.connection.sock.settimeout(_QUIET)
            if response.headers["Content-Type"] == LINES:
                response._content = _beginning(response)
                response.close()
        return response

    def close(self) -> None:
        super().close()
        self._pool.close()


def _beginning(response: requests.Response) -> bytes:
    parts: list[bytes] = []
    try:
        while part := response.raw.read1(65536, decode_content=True):
            parts.append(part)
    except ReadTimeoutError:
        pass
    return b"".join(parts)


class _UnixPool(HTTPConnectionPool):
    def __init__(self, path: str) -> None:
        super().__init__("wampsup", maxsize=4)
        self._path = path

    def _new_conn(self) -> HTTPConnection:
        self.num_connections += 1
        return _UnixConnection(self._path)


class _UnixConnection(HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("wampsup")
        self._path = path

    def _new_conn(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(10)
        connection.connect(self._path)
        return connection
