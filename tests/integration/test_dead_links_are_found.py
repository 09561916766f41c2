"""A link that dies without a word is found: by pings on a WebSocket, by the kernel on every TCP connection."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.wamp import message
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.ssl import PrivateCertificate

from support.peer import Listener, Peer, silent
from support.proxy import Proxy
from support.reactor import reactor, sleep, until
from support.supervised import Supervised, component, stays, transport
from support.tls import Authority
from wampsup.model.spec import TcpEndpoint, TlsSpec
from wampsup.model.state import Kind
from wampsup.reactor.account import Account
from wampsup.reactor.scope import Scope, context_of
from wampsup.wamp.connection import Connection
from wampsup.wamp.keepalive import FOUND_WITHIN, keep_alive
from wampsup.wamp.transport import transport_factory

if TYPE_CHECKING:
    from pathlib import Path

    from support.crossbar import Crossbar
    from support.reactor import Run

WANTED = 30.0
"""Seconds within which a dead link is to be found."""

PINGS = {"auto_ping_interval": 1, "autoPingTimeout": 2}


def options_of(url: str, **options: Any) -> tuple[float, float]:
    factory = transport_factory(transport(url, options=options), lambda: None, reactor)
    return factory.autoPingInterval, factory.autoPingTimeout


def test_a_dead_websocket_is_found_in_time_by_default() -> None:
    assert options_of("ws://localhost/ws") == (15.0, 10.0)
    assert sum(options_of("ws://localhost/ws")) < WANTED


@pytest.mark.parametrize(
    ("options", "both"),
    [
        ({"auto_ping_interval": 3.0}, (3.0, 10.0)),
        ({"autoPingTimeout": 4.0}, (15.0, 4.0)),
        ({"auto_ping_interval": 3.0, "auto_ping_timeout": 4.0}, (3.0, 4.0)),
        ({"autoPingInterval": 0}, (0, 10.0)),
        ({"auto_ping_timeout": 0}, (15.0, 0)),
        ({"open_handshake_timeout": 3}, (15.0, 10.0)),
    ],
)
def test_what_the_user_says_of_pings_goes_first(options: dict[str, Any], both: tuple[float, float]) -> None:
    assert options_of("ws://localhost/ws", **options) == both


def test_a_websocket_whose_router_freezes_is_lost(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        proxy = Proxy(crossbar.websocket_url)
        fleet = await Supervised(component(transport(proxy.url, options=PINGS), main=stays)).start().until("running")
        proxy.freeze()
        proxy.refuse()
        froze = reactor.seconds()
        await fleet.until("reconnecting", timeout=sum(PINGS.values()) + 1)
        assert reactor.seconds() - froze < sum(PINGS.values()) + 0.5
        problem = fleet.problem()
        assert problem.kind is Kind.CONNECTION
        assert problem.message == "the router did not answer a ping within 2 s"
        assert "failed" not in fleet.states()
        await until(lambda: not proxy.open_connections, what="the end that the router sees")
        await fleet.stop()
        await proxy.close()

    run(scenario)


def test_a_router_that_answers_pings_keeps_an_idle_connection(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        over = transport(crossbar.websocket_url, options={"auto_ping_interval": 1, "auto_ping_timeout": 1.5})
        fleet = await Supervised(component(over, main=stays)).start().until("running")
        await sleep(3)
        assert fleet.states()[-1] == "running"
        assert await fleet.stop() < 0.5

    run(scenario)


def test_a_router_that_freezes_before_it_lets_join_is_found_as_well(run: Run) -> None:
    async def scenario() -> None:
        listener = Listener("websocket")
        listener.peer.answers[message.Hello] = silent
        proxy = Proxy(listener.url)
        fleet = Supervised(component(transport(proxy.url, options=PINGS), main=stays)).start()
        await until(lambda: listener.peer.clients and listener.peer.client.heard_a(message.Hello))
        proxy.freeze()
        proxy.refuse()
        await fleet.until("reconnecting", timeout=4)
        assert fleet.problem().message == "the router did not answer a ping within 2 s"
        await fleet.stop()
        await proxy.close()
        await listener.die()

    run(scenario)


def test_stop_in_the_midst_of_a_ping_leaves_nothing(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        proxy = Proxy(crossbar.websocket_url)
        over = transport(proxy.url, options={"auto_ping_interval": 1, "auto_ping_timeout": 60})
        fleet = await Supervised(component(over, main=stays, stop_timeout=0.3)).start().until("running")
        proxy.freeze()
        await sleep(1.1)  # the ping is out by then
        assert await fleet.stop() < 1
        await proxy.close()

    run(scenario)


# What the kernel watches.


def watched(connection: socket.socket) -> dict[str, int]:
    said = {name: connection.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in KERNELS}
    return {"SO_KEEPALIVE": connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), **said}


KERNELS = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
WATCHED = {"SO_KEEPALIVE": 1, "TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 2, "TCP_USER_TIMEOUT": 25_000}


def test_a_dead_host_is_found_in_time() -> None:
    found = WATCHED["TCP_KEEPIDLE"] + WATCHED["TCP_KEEPINTVL"] * WATCHED["TCP_KEEPCNT"]
    assert found == WATCHED["TCP_USER_TIMEOUT"] / 1000 == FOUND_WITHIN < WANTED


@pytest.mark.parametrize("url", ["rs://127.0.0.1:{rs}", "ws://127.0.0.1:{ws}/ws", "rs://localhost:{rs}"])
def test_the_kernel_watches_every_tcp_connection(run: Run, crossbar: Crossbar, url: str) -> None:
    where = url.format(rs=crossbar.rawsocket_port, ws=crossbar.websocket_port)
    run(lambda: watched_over(transport(where)))


def test_the_kernel_watches_connections_of_native_endpoints_and_through_strings(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        native = TCP4ClientEndpoint(reactor, "127.0.0.1", crossbar.rawsocket_port)
        await watched_over(transport(crossbar.rawsocket_url, endpoint=native))
        await watched_over(transport(crossbar.rawsocket_url, endpoint=f"tcp:127.0.0.1:{crossbar.rawsocket_port}"))

    run(scenario)


@pytest.mark.filterwarnings("ignore:Passing pyOpenSSL (X509|PKey) objects:DeprecationWarning")  # Twisted's own use
def test_the_kernel_watches_connections_with_tls(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        authority = Authority(tmp_path)
        own = PrivateCertificate.loadPEM(authority.sign("127.0.0.1").read_bytes())
        port = reactor.listenSSL(0, Peer().server("rawsocket"), own.options(), interface="127.0.0.1")
        over = transport(f"rss://127.0.0.1:{port.getHost().port}")
        tls = TcpEndpoint(host="127.0.0.1", port=port.getHost().port, tls=TlsSpec(trust_root=(authority.path,)))
        await watched_over(replace(over, endpoint=tls))
        await port.stopListening()

    run(scenario)


async def watched_over(over: Any) -> None:
    connection = Connection(over, reactor, context_of(Scope(Account("c"))))
    protocol = await connection.open(lambda: None)
    assert watched(protocol.transport.socket) == WATCHED
    connection.cut_off()
    await protocol.is_closed


def test_a_unix_socket_needs_none_of_it() -> None:
    ends = socket.socketpair()

    class Unix:
        socket = ends[0]

    keep_alive(Unix())
    assert ends[0].getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 0
    for end in ends:
        end.close()


def test_a_connection_that_is_lost_already_is_left_alone() -> None:
    class Lost:
        socket = socket.socket()

    Lost.socket.close()  # its descriptor is -1 from now on
    keep_alive(Lost())
    keep_alive(object())
