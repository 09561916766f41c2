"""A client that keeps its connection from one request to the next, for who asks again and again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from wampsup.cli.client import Client, receive

if TYPE_CHECKING:
    import socket

_LENGTH = b"\r\ncontent-length:"


class LastingClient(Client):
    """Asks the same supervisor as `client`; where its connection is lost, the next request makes another one."""

    def __init__(self, client: Client) -> None:
        super().__init__(client.path, client.supervisor, patience=client.patience)
        self._kept: socket.socket | None = None

    def close(self) -> None:
        """Hang up; a further request would connect anew."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _ask(self, method: str, target: str, body: bytes, timeout: float) -> dict[str, Any]:
        head = f"{method} {target} HTTP/1.1\r\nHost: wampsup\r\nContent-Length: {len(body)}\r\n\r\n"
        request = head.encode("ascii") + body
        deadline = time.monotonic() + timeout
        with self._troubles(timeout):
            answer = self._kept and self._exchange(self._kept, request, deadline)
            if not answer:  # it had hung up since the last time
                self.close()
                self._kept = self.connect()
                answer = self._exchange(self._kept, request, deadline)
        return self._understood(answer)

    def _exchange(self, connection: socket.socket, request: bytes, deadline: float) -> bytes:
        """The answer; empty where the other side has hung up.

        Raises:
            TimeoutError: it does not come.
        """
        try:
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            connection.sendall(request)
            answer = _read_one(connection, deadline)
        except ConnectionError:
            answer = b""
        except BaseException:  # what comes later on this connection would be taken for the answer to something else
            self.close()
            raise
        return answer


def _read_one(connection: socket.socket, deadline: float) -> bytes:
    """One answer, in full: of one that breaks off there is nothing."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        if not (part := receive(connection, deadline, begun=False)):
            return b""
        answer += part
    head, _, content = answer.partition(b"\r\n\r\n")
    parts, missing = [answer], _length(head) - len(content)
    while missing > 0:
        if not (part := receive(connection, deadline, begun=False)):
            return b""
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _length(head: bytes) -> int:
    value = head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0].strip()
    return int(value) if value.isdigit() else 0
