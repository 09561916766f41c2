"""What a component connects to: addresses of both families, names that have both, unix sockets, endpoint strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address

from support.command import fleet as running_fleet
from support.files import write_fleet, write_module
from support.names import names
from support.proxy import Proxy
from support.reactor import reactor
from support.supervised import Supervised, component, stays
from support.waiting import black_hole, free_port
from support.ways import SOON, over, problem_over, protocol_of, way, ways
from wampsup.model.state import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from support.crossbar_transports import TransportsCrossbar
    from support.reactor import Run


def peer_of(session: Any) -> Any:
    """The other end of the connection below a session."""
    return protocol_of(session).transport.getPeer()


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])


# Families.


@pytest.mark.parametrize("key", ["", ", version = 4"])
def test_it_connects_over_ipv4(run: Run, transports_crossbar: TransportsCrossbar, key: str) -> None:
    port = transports_crossbar.websocket_port
    made = way(f'url = "ws://router.example/ws", endpoint = {{ host = "127.0.0.1", port = {port}{key} }}')
    assert run(lambda: over(made, peer_of)) == IPv4Address("TCP", "127.0.0.1", port)


@pytest.mark.parametrize("key", ["", ", version = 6"])
def test_it_connects_over_ipv6(run: Run, transports_crossbar: TransportsCrossbar, key: str) -> None:
    port = port_of(transports_crossbar.plain6_url)
    made = way(f'url = "ws://router.example/ws", endpoint = {{ host = "::1", port = {port}{key} }}')
    assert run(lambda: over(made, peer_of)).host == "::1"


def test_a_name_with_addresses_of_both_families_leads_to_the_one_that_answers(
    run: Run, transports_crossbar: TransportsCrossbar
) -> None:
    four, six = transports_crossbar.websocket_port, port_of(transports_crossbar.plain6_url)

    async def scenario() -> list[str]:
        with names(router_example=["::1", "127.0.0.1"]):
            return [(await over(way(f'url = "ws://router.example:{port}/ws"'), peer_of)).host for port in (four, six)]

    assert run(scenario) == ["127.0.0.1", "::1"]


def test_an_address_that_swallows_everything_holds_nothing_up(
    run: Run, transports_crossbar: TransportsCrossbar
) -> None:
    port = transports_crossbar.websocket_port

    async def scenario() -> str:
        with black_hole("127.0.0.3", port), names(router_example=["127.0.0.3", "::1", "127.0.0.1"]):
            peer = await over(way(f'url = "ws://router.example:{port}/ws"'), peer_of)
            assert isinstance(peer, IPv4Address)
            return peer.host

    assert run(scenario) == "127.0.0.1"


@pytest.mark.parametrize(("version", "family"), [(4, IPv4Address), (6, IPv6Address)])
def test_a_version_takes_only_its_addresses_of_a_name(
    run: Run, transports_crossbar: TransportsCrossbar, version: int, family: type
) -> None:
    port = transports_crossbar.websocket_port if version == 4 else port_of(transports_crossbar.plain6_url)
    other = transports_crossbar.websocket_port if version == 6 else port_of(transports_crossbar.plain6_url)

    async def scenario() -> None:
        with names(router_example=["::1", "127.0.0.1"]) as resolver:
            table = f'endpoint = {{ host = "router.example", port = PORT, version = {version} }}'
            made = [
                way(f'url = "ws://router.example/ws", {table.replace("PORT", str(each))}') for each in (port, other)
            ]
            assert isinstance(await over(made[0], peer_of), family)
            assert resolver.asked == [("router.example", [family])]
            assert (await problem_over(made[1])).message == "connection refused"

    run(scenario)


def test_a_name_may_have_underscores(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    """As the containers of a composition have."""

    async def scenario() -> str:
        with names() as resolver:
            resolver.known["my_router"] = ["127.0.0.1"]
            port = transports_crossbar.websocket_port
            host: str = (await over(way(f'url = "ws://my_router:{port}/ws"'), peer_of)).host
            return host

    assert run(scenario) == "127.0.0.1"


def test_a_name_that_leads_nowhere_is_a_connection_error(run: Run) -> None:
    async def scenario() -> tuple[Kind, str]:
        with names():
            problem = await problem_over(way('url = "ws://router.example/ws"'))
            return problem.kind, problem.message

    kind, message = run(scenario)
    assert kind is Kind.CONNECTION
    assert message == "no address is known for `router.example`"


def test_a_timeout_ends_an_attempt(run: Run) -> None:
    port = free_port()
    endpoint = f'endpoint = {{ host = "127.0.0.3", port = {port}, timeout = 0.3 }}'
    with black_hole("127.0.0.3", port):
        problem = run(lambda: problem_over(way(f'url = "ws://router.example/ws", {endpoint}')))
    assert problem.kind is Kind.CONNECTION
    assert problem.message == "no answer to the connection request in time"


# Unix sockets.


@pytest.mark.parametrize("kind", ["websocket", "rawsocket"])
@pytest.mark.parametrize("form", ["url", "table", "typed table"])
def test_it_connects_to_a_unix_socket(run: Run, transports_crossbar: TransportsCrossbar, kind: str, form: str) -> None:
    websocket = kind == "websocket"
    path = transports_crossbar.unix_websocket_path if websocket else transports_crossbar.unix_path
    scheme = "ws" if websocket else "rs"
    table = {
        "url": f'url = "{scheme}://unix:{path}"',
        "table": f'url = "{scheme}://router.example:1", endpoint = {{ path = "{path}", timeout = 3 }}',
        "typed table": f'type = "{kind}", url = "ws://router.example", endpoint = {{ type = "unix", path = "{path}" }}',
    }[form]
    assert run(lambda: over(way(table), peer_of)).name.decode() == path


# Endpoint strings.


@pytest.mark.parametrize("string", ["tcp:127.0.0.1:PORT", "tcp:host=127.0.0.1:port=PORT:timeout=3", "unix:PATH"])
def test_it_connects_to_an_endpoint_string(run: Run, transports_crossbar: TransportsCrossbar, string: str) -> None:
    string = string.replace("PORT", str(transports_crossbar.rawsocket_port))
    string = string.replace("PATH", transports_crossbar.unix_path)
    made = way(f'type = "rawsocket", endpoint = "{string}"')
    assert run(lambda: over(made, lambda session: session.is_attached()))


@pytest.fixture
def system_trusts(transports_crossbar: TransportsCrossbar, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL takes the authority of the tests for one of the system's."""
    monkeypatch.setenv("SSL_CERT_FILE", str(transports_crossbar.authority.path))


@pytest.mark.usefixtures("system_trusts")
def test_it_speaks_tls_as_an_endpoint_string_says(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    port = port_of(transports_crossbar.tls_url)
    made = way(f'url = "ws://router.example/ws", endpoint = "tls:127.0.0.1:{port}"')
    assert run(lambda: over(made, lambda session: protocol_of(session)._transport_details.is_secure))


@pytest.mark.usefixtures("system_trusts")
def test_a_url_that_asks_for_tls_gets_it_over_a_plain_endpoint_string(
    run: Run, transports_crossbar: TransportsCrossbar
) -> None:
    port = port_of(transports_crossbar.tls_url)
    made = way(f'url = "wss://router.example/ws", endpoint = "tcp:127.0.0.1:{port}"')
    assert run(lambda: over(made, lambda session: protocol_of(session)._transport_details.is_secure))


@pytest.mark.usefixtures("system_trusts")
def test_a_url_that_asks_for_tls_gets_it_once_over_one_that_has_it(
    run: Run, transports_crossbar: TransportsCrossbar
) -> None:
    port = port_of(transports_crossbar.tls_url)
    made = way(f'url = "wss://router.example/ws", endpoint = "tls:127.0.0.1:{port}"')
    assert run(lambda: over(made, lambda session: protocol_of(session)._transport_details.is_secure))


PLUGIN = """
    from twisted.internet.endpoints import TCP4ClientEndpoint
    from twisted.internet.interfaces import IStreamClientEndpointStringParserWithReactor
    from twisted.plugin import IPlugin
    from zope.interface import implementer

    @implementer(IPlugin, IStreamClientEndpointStringParserWithReactor)
    class Kettle:
        prefix = "kettle"

        def parseStreamClient(self, reactor, port, water="hot"):
            if water != "hot":
                raise ValueError(f"the water is {water}")
            return TCP4ClientEndpoint(reactor, "127.0.0.1", int(port))

    kettle = Kettle()
"""


def with_plugin(tmp_path: Path, endpoint: str) -> tuple[Path, dict[str, str]]:
    """A fleet over that endpoint, and the environment in which somebody has installed a plugin for it."""
    write_module(tmp_path / "installed" / "twisted" / "plugins", PLUGIN, "kettle_endpoint")
    write_module(tmp_path, "async def main(reactor, session):\n    print('joined')\n")
    text = f'[components.c]\nmain = "parts:main"\ntransports = {{ type = "rawsocket", endpoint = "{endpoint}" }}\n'
    return write_fleet(tmp_path, text), {"PYTHONPATH": str(tmp_path / "installed")}


def test_it_connects_to_the_endpoint_string_of_a_plugin(
    transports_crossbar: TransportsCrossbar, tmp_path: Path
) -> None:
    path, env = with_plugin(tmp_path, f"kettle:{transports_crossbar.rawsocket_port}")
    with running_fleet(path, env=env) as fleet:
        fleet.until("c", "completed")


@pytest.mark.parametrize(
    ("string", "said"),
    [
        ("kettle:1:water=cold", "the water is cold"),
        ("kettle:1:hot:milk", "it has too many parts"),
        ("kettel:1", "there is no kind `kettel`"),
    ],
)
def test_a_plugin_that_refuses_its_string_is_heard(tmp_path: Path, string: str, said: str) -> None:
    path, env = with_plugin(tmp_path, string)
    with running_fleet(path, env=env) as fleet:
        assert fleet.wait() == 5
    assert f'can\'t be built from `"{string}"`: {said}' in fleet.err
    assert ("hint: did you mean `kettle`?" in fleet.err) == ("kettel" in string)
    assert "fleet.toml:3:" in fleet.err


# Several transports.


def test_several_transports_are_tried_in_their_order(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    async def scenario() -> None:
        dead = free_port()
        proxy = Proxy(transports_crossbar.rawsocket_url)
        listed = ways(
            f'[{{ url = "rs://127.0.0.1:{dead}", {SOON} }}, {{ url = "{proxy.url}", {SOON} }},'
            f' "{transports_crossbar.websocket_url}"]'
        )
        fleet = Supervised(component(listed[0], main=stays, transports=listed)).start()
        await fleet.until("running")
        assert fleet.core().transport == 1
        assert fleet.states().count("reconnecting") == 1
        proxy.refuse()
        proxy.drop()
        await fleet.until("reconnecting")
        await fleet.until("running")
        assert fleet.core().transport == 2
        await fleet.stop()
        await proxy.close()

    run(scenario)


@pytest.mark.parametrize("retries", [0, 2])
def test_a_transport_is_tried_again_as_often_and_as_late_as_it_says(run: Run, retries: int) -> None:
    async def scenario() -> None:
        dead = free_port()
        keys = "initial_retry_delay = 0.1, max_retry_delay = 0.15, retry_delay_growth = 4, retry_delay_jitter = 0"
        (listed,) = ways(f'{{ url = "rs://127.0.0.1:{dead}", max_retries = {retries}, {keys} }}')
        began = reactor.seconds()
        fleet = Supervised(component(listed, main=stays)).start()
        await fleet.until("failed")
        took = reactor.seconds() - began
        assert fleet.states().count("connecting") == retries + 1
        least = [0, 0.1, 0.25][retries]
        assert least <= took < least + 10
        await fleet.gone()

    run(scenario)


def test_the_retries_of_a_transport_that_works_again_lead_back_to_the_router(
    run: Run, transports_crossbar: TransportsCrossbar
) -> None:
    async def scenario() -> None:
        proxy = Proxy(transports_crossbar.rawsocket_url)
        proxy.refuse()
        keys = "max_retries = 50, initial_retry_delay = 0.05, max_retry_delay = 0.1, retry_delay_jitter = 1"
        (listed,) = ways(f'{{ url = "{proxy.url}", {keys} }}')
        fleet = Supervised(component(listed, main=stays)).start()
        await fleet.until("reconnecting")
        proxy.restore()
        await fleet.until("running")
        await fleet.stop()
        await proxy.close()

    run(scenario)
