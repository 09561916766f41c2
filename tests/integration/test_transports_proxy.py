"""A component behind an HTTP proxy, over plain connections and over TLS, and what a proxy may do wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.connect_proxy import ConnectProxy
from support.reactor import until
from support.supervised import Supervised, component, stays
from support.waiting import free_port
from support.ways import over, problem_over, protocol_of, way
from wampsup.model import event as ev
from wampsup.model.state import Kind

if TYPE_CHECKING:
    from support.crossbar_transports import TransportsCrossbar
    from support.reactor import Run


async def through(made: str, **hosts: str) -> tuple[list[bytes], Any]:
    """What a proxy was asked for when a component has joined through it, and the component's session."""
    proxy = ConnectProxy()
    proxy.hosts |= hosts
    peer = await over(way(f"{made}, {proxy.key}"), lambda session: protocol_of(session).transport.getPeer())
    assert peer.port == proxy.port
    await proxy.close()
    return proxy.requests, peer


def connect(target: str) -> bytes:
    return f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()


def test_it_joins_through_a_proxy(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    requests, _ = run(lambda: through(f'url = "{transports_crossbar.websocket_url}"'))
    assert requests == [connect(f"127.0.0.1:{transports_crossbar.websocket_port}")]


def test_the_proxy_looks_up_the_name(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    port = transports_crossbar.websocket_port
    hosts = {"router.example": "127.0.0.1"}
    requests, _ = run(lambda: through(f'url = "ws://router.example:{port}/ws"', **hosts))
    assert requests == [connect(f"router.example:{port}")]


def test_the_endpoint_says_what_the_proxy_connects_to(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    port = transports_crossbar.websocket_port
    endpoint = f'endpoint = {{ host = "127.0.0.1", port = {port} }}'
    requests, _ = run(lambda: through(f'url = "ws://router.example/ws", {endpoint}'))
    assert requests == [connect(f"127.0.0.1:{port}")]


def test_it_joins_through_a_proxy_over_ipv6(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    requests, _ = run(lambda: through(f'url = "{transports_crossbar.plain6_url}"'))
    (request,) = requests
    assert request.startswith(b"CONNECT [::1]:")


def test_it_speaks_tls_through_a_proxy_with_its_own_roots_and_name(
    run: Run, transports_crossbar: TransportsCrossbar
) -> None:
    port = transports_crossbar.tls_url.rpartition(":")[2].partition("/")[0]
    hosts = {"router.example": "127.0.0.1"}
    root = f'{{ trust_root = "{transports_crossbar.authority.path}" }}'
    endpoint = f'endpoint = {{ host = "router.example", port = {port}, tls = {root} }}'
    requests, _ = run(lambda: through(f'url = "wss://router.example:{port}/ws", {endpoint}', **hosts))
    assert requests == [connect(f"router.example:{port}")]


def test_tls_through_a_proxy_is_checked(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    async def scenario() -> tuple[str, Kind]:
        proxy = ConnectProxy()
        problem = await problem_over(way(f'url = "{transports_crossbar.tls_url}", {proxy.key}'))
        await proxy.close()
        return problem.message, problem.kind

    assert run(scenario) == (
        "the router's certificate `router.example` was issued by `authority`, which is not trusted",
        Kind.TLS,
    )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
            "the proxy PROXY refused to connect to 127.0.0.1:1: 407 Proxy Authentication Required",
        ),
        (
            b"HTTP/1.0 403 Forbidden\r\n\r\nNo kettles",
            "the proxy PROXY refused to connect to 127.0.0.1:1: 403 Forbidden",
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "what the proxy PROXY answers is no HTTP"),
        (b"x" * 20_000, "what the proxy PROXY answers is no HTTP"),
        (b"", "the proxy PROXY did not answer within 0.3 s"),
    ],
)
def test_a_proxy_that_does_not_connect(run: Run, answer: bytes, said: str) -> None:
    async def scenario() -> None:
        proxy = ConnectProxy(answer)
        endpoint = 'endpoint = { host = "127.0.0.1", port = 1, timeout = 0.3 }'
        problem = await problem_over(way(f'url = "ws://127.0.0.1:1/ws", {proxy.key}, {endpoint}'))
        assert problem.message == said.replace("PROXY", f"127.0.0.1:{proxy.port}")
        assert problem.kind is Kind.CONNECTION
        await proxy.close()

    run(scenario)


def test_a_proxy_that_hangs_up(run: Run) -> None:
    async def scenario() -> None:
        proxy = ConnectProxy(hang_up=True)
        problem = await problem_over(way(f'url = "ws://127.0.0.1:1/ws", {proxy.key}'))
        assert problem.message == f"the proxy 127.0.0.1:{proxy.port} closed the connection without an answer"
        await proxy.close()

    run(scenario)


def test_a_router_that_the_proxy_does_not_reach(run: Run) -> None:
    async def scenario() -> None:
        proxy = ConnectProxy()
        port = free_port()
        problem = await problem_over(way(f'url = "ws://127.0.0.1:{port}/ws", {proxy.key}'))
        assert problem.message == (
            f"the proxy 127.0.0.1:{proxy.port} refused to connect to 127.0.0.1:{port}: 502 Bad Gateway"
        )
        await proxy.close()

    run(scenario)


def test_a_proxy_that_is_not_there(run: Run) -> None:
    port = free_port()
    made = way(f'url = "ws://127.0.0.1:1/ws", proxy = {{ host = "127.0.0.1", port = {port} }}')
    problem = run(lambda: problem_over(made))
    assert problem.message == f"the proxy 127.0.0.1:{port} can't be reached: connection refused"
    assert problem.kind is Kind.CONNECTION


@pytest.mark.parametrize("tls", ["ws", "wss"])
def test_it_stops_at_once_while_the_proxy_thinks(run: Run, tls: str) -> None:
    async def scenario() -> None:
        proxy = ConnectProxy(b"")
        fleet = Supervised(component(way(f'url = "{tls}://127.0.0.1:1/ws", {proxy.key}'), main=stays)).start()
        await until(lambda: proxy.requests, what="the proxy's request")
        fleet.command(ev.Stop())
        await fleet.until("stopped", timeout=0.5)
        await until(lambda: not proxy.clients)
        await fleet.gone()
        await proxy.close()

    run(scenario)
