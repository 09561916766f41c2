from __future__ import annotations

import socket
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from support.waiting import accepts, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.proxy import Proxy
    from support.reactor import Run

DEADLINE = 5.0
SILENCE = 0.1


class Peer:
    """A plain socket that listens, in the router's place."""

    def __init__(self, listener: socket.socket, url: str) -> None:
        self._listener = listener
        self.url = url

    def accept(self) -> socket.socket:
        accepted, _ = self._listener.accept()
        accepted.settimeout(DEADLINE)
        return accepted


@pytest.fixture(params=["tcp", "unix"])
def router(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Peer]:
    unix = request.param == "unix"
    with socket.socket(socket.AF_UNIX if unix else socket.AF_INET) as listener:
        listener.settimeout(DEADLINE)
        listener.bind(str(tmp_path / "s") if unix else ("127.0.0.1", 0))
        listener.listen()
        yield Peer(listener, f"rs://unix:{tmp_path / 's'}" if unix else f"rs://127.0.0.1:{listener.getsockname()[1]}")


def address(proxy: Proxy) -> tuple[str, int] | str:
    return proxy.url.removeprefix("rs://unix:") if proxy.url.startswith("rs://unix:") else ("127.0.0.1", proxy.port)


def connect(proxy: Proxy) -> socket.socket:
    where = address(proxy)
    client = socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET)
    client.settimeout(DEADLINE)
    try:
        client.connect(where)
    except OSError:
        client.close()
        raise
    return client


@contextmanager
def pair(proxy: Proxy, router: Peer) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A client and what the router has accepted for it."""
    with closing(connect(proxy)) as client, closing(router.accept()) as accepted:
        yield client, accepted


def silent(receiver: socket.socket) -> bool:
    """Whether nothing comes for a while."""
    receiver.settimeout(SILENCE)
    try:
        receiver.recv(1)
    except TimeoutError:
        return True
    finally:
        receiver.settimeout(DEADLINE)
    return False


def ended(receiver: socket.socket) -> bool:
    """Whether the peer closes or aborts the connection."""
    try:
        return receiver.recv(1) == b""
    except ConnectionResetError:
        return True


def test_it_forwards_both_ways_and_keeps_what_passed(proxy_before: Callable[[str], Proxy], router: Peer) -> None:
    proxy = proxy_before(router.url)
    with pair(proxy, router) as (client, accepted):
        client.sendall(b"hello")
        assert accepted.recv(5) == b"hello"
        accepted.sendall(b"welcome")
        assert client.recv(7) == b"welcome"
        assert (proxy.open_connections, proxy.total_connections) == (1, 1)
        client.close()
        wait_until(lambda: proxy.open_connections == 0)
    assert proxy.connections[0].received == {"client": b"hello", "router": b"welcome"}
    assert proxy.connections[0].closed_by == "client"


def test_a_frozen_proxy_keeps_all_open_and_forwards_when_it_thaws(
    run: Run, proxy_before: Callable[[str], Proxy], router: Peer
) -> None:
    proxy = proxy_before(router.url)
    with pair(proxy, router) as (client, accepted):
        run(proxy.freeze)
        client.sendall(b"hello")
        accepted.sendall(b"welcome")
        assert silent(accepted)
        assert silent(client)
        with closing(connect(proxy)) as late:
            assert silent(late)
            run(proxy.restore)
            with closing(router.accept()):
                assert accepted.recv(5) == b"hello"
                assert client.recv(7) == b"welcome"


def test_a_frozen_proxy_reads_nothing_so_that_buffers_fill(
    run: Run, proxy_before: Callable[[str], Proxy], router: Peer
) -> None:
    proxy = proxy_before(router.url)
    with pair(proxy, router) as (client, _):
        run(proxy.freeze)
        client.settimeout(SILENCE)
        with pytest.raises(TimeoutError):
            client.sendall(bytes(50_000_000))


@pytest.mark.parametrize("unread", [b"", b"unread"])
def test_a_frozen_proxy_sees_its_client_close(
    run: Run, proxy_before: Callable[[str], Proxy], router: Peer, unread: bytes
) -> None:
    proxy = proxy_before(router.url)
    with pair(proxy, router) as (client, accepted), closing(connect(proxy)), closing(router.accept()):
        run(proxy.freeze)
        client.sendall(unread)
        client.close()
        wait_until(lambda: proxy.open_connections == 1)
        assert proxy.connections[0].closed_by == "client"
        assert ended(accepted)


def test_a_proxy_that_refuses_lets_nobody_in_until_it_is_restored(
    run: Run, proxy_before: Callable[[str], Proxy], router: Peer
) -> None:
    proxy = proxy_before(router.url)
    with pair(proxy, router) as (client, accepted):
        run(proxy.refuse)
        wait_until(lambda: not accepts(address(proxy)))
        client.sendall(b"hello")
        assert accepted.recv(5) == b"hello"
        run(proxy.restore)
        with pair(proxy, router):
            pass


def test_a_proxy_that_hangs_up_closes_new_connections_only(
    run: Run, proxy_before: Callable[[str], Proxy], router: Peer
) -> None:
    proxy = proxy_before(router.url)
    with pair(proxy, router) as (client, accepted):
        run(proxy.hang_up)
        with suppress(ConnectionResetError), closing(connect(proxy)) as late:  # it may be that quick
            assert ended(late)
        client.sendall(b"hello")
        assert accepted.recv(5) == b"hello"
        assert proxy.connections[1].closed_by == "proxy"


def test_a_proxy_that_drops_ends_what_is_open(run: Run, proxy_before: Callable[[str], Proxy], router: Peer) -> None:
    proxy = proxy_before(router.url)
    with pair(proxy, router) as (client, accepted):
        run(proxy.drop)
        assert ended(client)
        assert ended(accepted)
        with pair(proxy, router):
            assert proxy.open_connections == 1


def test_the_end_of_the_router_ends_the_client_after_its_last_words(
    proxy_before: Callable[[str], Proxy], router: Peer
) -> None:
    proxy = proxy_before(router.url)
    with pair(proxy, router) as (client, accepted):
        accepted.sendall(b"goodbye")
        accepted.close()
        assert client.recv(7) == b"goodbye"
        assert ended(client)
        assert proxy.connections[0].closed_by == "router"


@pytest.mark.parametrize(("what", "before"), [(4, b"abcd"), (b"ef", b"abcd")])
def test_an_order_is_carried_out_when_so_much_has_passed(
    run: Run, proxy_before: Callable[[str], Proxy], router: Peer, what: int | bytes, before: bytes
) -> None:
    proxy = proxy_before(router.url)
    with pair(proxy, router) as (client, accepted):
        run(lambda: proxy.on("router", what, proxy.freeze))
        accepted.sendall(b"abc")
        assert client.recv(3) == b"abc"
        accepted.sendall(b"defgh")
        assert client.recv(9) == before[3:]
        assert silent(client)
        run(proxy.restore)
        assert client.recv(9) == b"efgh"


def test_a_closed_proxy_leaves_no_descriptor(run: Run, proxy_before: Callable[[str], Proxy], router: Peer) -> None:
    before = psutil.Process().num_fds()
    proxy = proxy_before(router.url)
    with pair(proxy, router):
        run(proxy.freeze)
    run(proxy.close)
    wait_until(lambda: psutil.Process().num_fds() == before)
