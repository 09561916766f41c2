"""A client of the control API: one request on one connection.

It speaks the little HTTP that it needs itself: `http.client` would double the time that a command takes.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from typing import TYPE_CHECKING, Any

from wampsup.errors import FleetFileError, NoSuchComponentError, NoSupervisorError, WampsupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_OURS = b"\r\nServer: wampsup/"
"""What every answer of a supervisor has in its head."""

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_MOMENT = 0.001
_PAUSE = 0.02
_PART = 1 << 16
_NOT_FOUND = 404
_CLIENT_ERROR = 400


class ToldMistakeError(WampsupError):
    """A mistake in the fleet file, as the supervisor told it."""

    exit_code = FleetFileError.exit_code

    def __init__(self, facts: dict[str, Any]) -> None:
        super().__init__(facts["message"], hint=facts["hint"])
        self._facts = facts

    @property
    def facts(self) -> dict[str, Any]:
        """What the supervisor told."""
        return self._facts

    def render(self) -> str:
        """Just what `wampsup start` would print."""
        text: str = self._facts["text"]
        return text


class Client:
    """Asks the supervisor behind one control socket; `supervisor` is how errors name it.

    `patience` is how many seconds an answer may take, beyond what it has to wait for; `version` is that of the
    supervisor which has answered.
    """

    def __init__(self, path: str, supervisor: str, *, patience: float) -> None:
        self.path = path
        self.patience = patience
        self.supervisor = supervisor
        self.version = ""

    def get(self, target: str) -> dict[str, Any]:
        """The answer to a GET.

        Raises:
            NoSupervisorError: nobody answers.
            NoSuchComponentError: there is no such component.
            WampsupError: the supervisor refuses.
        """
        return self._ask("GET", target, b"", self.patience)

    def post(self, target: str, body: Mapping[str, object], *, wait: float = 0.0) -> dict[str, Any]:
        """The answer to a POST that takes up to `wait` seconds; raises what `get` raises."""
        return self._ask("POST", target, json.dumps(body).encode(), wait + self.patience)

    def stream(self, target: str, wait: Callable[[socket.socket], None] | None) -> Iterator[list[bytes]]:
        """The lines of an answer that comes bit by bit, as many at once as are there.

        `wait` is called with the connection before more is read, and may wait without a limit, or raise; without it,
        the next bit has to come soon.

        Raises:
            NoSupervisorError: nobody answers, or the answer broke off.
            NoSuchComponentError: there is no such component.
            WampsupError: the supervisor refuses.
        """
        with self.connect() as connection:
            with self._troubles(self.patience):
                rest = self._begin(connection, target)
            while True:
                *lines, rest = rest.split(b"\n")
                if lines:
                    yield lines
                if wait is not None:
                    wait(connection)
                with self._troubles(self.patience):
                    part = connection.recv(_PART)
                if not part:
                    break
                rest += part
        if rest.strip():
            raise self._hung_up()

    def _begin(self, connection: socket.socket, target: str) -> bytes:
        """Ask for a stream; its first bit."""
        request = f"GET {target} HTTP/1.0\r\nHost: wampsup\r\n\r\n"  # 1.1 would send it in chunks
        _send(connection, request.encode("ascii"))
        answer = b""
        while b"\r\n\r\n" not in answer and (part := connection.recv(_PART)):
            answer += part
        head, _, first = answer.partition(b"\r\n\r\n")
        if self._status(head) >= _CLIENT_ERROR:
            self._understood(_read_all(connection, time.monotonic() + self.patience, answer))
        return first

    def connect(self) -> socket.socket:
        """A connection to the control socket.

        Raises:
            NoSupervisorError: nobody is there, or this user may not connect.
        """
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(self.patience)
        deadline = time.monotonic() + self.patience
        while True:
            try:
                connection.connect(self.path)
            except BlockingIOError as error:  # as many wait already as the kernel lets: they may be let in
                if time.monotonic() >= deadline:
                    connection.close()
                    raise NoSupervisorError(f"{self.supervisor} takes no more connections") from error
                time.sleep(_PAUSE)
            except OSError as error:
                connection.close()
                raise self._no_connection(error) from error
            else:
                return connection

    def _ask(self, method: str, target: str, body: bytes, timeout: float) -> dict[str, Any]:
        head = (
            f"{method} {target} HTTP/1.1\r\nHost: wampsup\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with self.connect() as connection, self._troubles(timeout):
            connection.settimeout(timeout)
            _send(connection, head.encode("ascii") + body)
            answer = _read_all(connection, time.monotonic() + timeout)
        return self._understood(answer)

    @contextlib.contextmanager
    def _troubles(self, timeout: float) -> Iterator[None]:
        """Tell what goes wrong with a connection in sentences."""
        try:
            yield
        except TimeoutError as error:
            raise NoSupervisorError(
                f"{self.supervisor} did not answer within {timeout:g} s",
                hint="a component may block the process: its log may say more",
            ) from error
        except OSError as error:
            raise self._hung_up() from error

    def _understood(self, answer: bytes) -> dict[str, Any]:
        document: dict[str, Any]
        head, _, content = answer.partition(b"\r\n\r\n")
        status = self._status(head)
        try:
            document = json.loads(content)
        except ValueError as error:
            raise self._hung_up() from error
        if not isinstance(document, dict):
            raise TypeError(f"no object, but {document!r:.40}")
        if status < _CLIENT_ERROR:
            return document
        if "errors" in document:
            mistakes = [ToldMistakeError(facts) for facts in document["errors"]]
            raise FleetFileError(document["detail"], hint=document.get("hint"), mistakes=mistakes)
        refused = NoSuchComponentError if status == _NOT_FOUND else WampsupError
        raise refused(document["detail"], hint=document.get("hint"))

    def _status(self, head: bytes) -> int:
        if not head:
            raise self._hung_up()
        if _OURS not in head:
            raise NoSupervisorError(f"what answers on `{self.path}` is no supervisor")
        self.version = head.partition(_OURS)[2].partition(b"\r\n")[0].decode("latin-1")
        try:
            return int(head.split(b" ", 2)[1])
        except ValueError as error:
            raise self._hung_up() from error

    def _hung_up(self) -> NoSupervisorError:
        return NoSupervisorError(f"{self.supervisor} hung up before it had answered")

    def _no_connection(self, error: OSError) -> NoSupervisorError:
        if isinstance(error, PermissionError):
            return NoSupervisorError(f"this user may not use the control socket `{self.path}`")
        return NoSupervisorError(f"{self.supervisor} does not answer", hint="start it with `wampsup start FLEET.toml`")


def selection(names: Iterable[str]) -> str:
    """The query that selects these names and patterns; empty for all."""
    query = "&".join(f"select={quote(name)}" for name in names)
    return f"?{query}" if query else ""


def quote(text: str) -> str:
    """`text` as a part of a URL."""
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in os.fsencode(text))


def _send(connection: socket.socket, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):  # it has answered without hearing us out, as where we may not ask
        connection.sendall(data)


def _read_all(connection: socket.socket, deadline: float, begun: bytes = b"") -> bytes:
    parts = [begun] if begun else []
    while part := receive(connection, deadline, begun=bool(parts)):
        parts.append(part)
    return b"".join(parts)


def receive(connection: socket.socket, deadline: float, *, begun: bool) -> bytes:
    """The next part of an answer that may take until the deadline; `begun`, where a part of it is there already.

    Raises:
        OSError: it does not come.
    """
    connection.settimeout(max(deadline - time.monotonic(), _MOMENT))
    try:
        return connection.recv(_PART)
    except ConnectionResetError:
        if begun:  # it answered without having read all that we sent
            return b""
        raise
