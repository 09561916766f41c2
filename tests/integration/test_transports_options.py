"""Every option of Autobahn's `setProtocolOptions` reaches the live protocol, and does what it is for.

A new Autobahn with one more option fails here until the option has its row.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.wamp.types import RegisterOptions
from autobahn.websocket.compress import PerMessageDeflateOffer

from support.proxy import Proxy
from support.supervised import Supervised, component, stays
from support.ways import over, problem_over, protocol_of, way
from wampsup.model import event as ev
from wampsup.model.spec import RestartPolicy
from wampsup.wamp.options import known_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.crossbar_transports import TransportsCrossbar
    from support.reactor import Run
    from wampsup.model.state import Problem

WEBSOCKET: dict[str, tuple[str, Any]] = {
    "version": ("13", 13),
    "utf8validate_incoming": ("false", False),
    "accept_masked_server_frames": ("true", True),
    "mask_client_frames": ("false", False),
    "apply_mask": ("false", False),
    "max_frame_payload_size": ("65536", 65536),
    "max_message_payload_size": ("131072", 131072),
    "auto_fragment_size": ("1024", 1024),
    "fail_by_drop": ("false", False),
    "echo_close_code_reason": ("true", True),
    "server_connection_drop_timeout": ("2.5", 2.5),
    "open_handshake_timeout": ("7", 7),
    "close_handshake_timeout": ("3", 3),
    "tcp_no_delay": ("false", False),
    "per_message_compression_offers": ('"deflate"', None),
    "per_message_compression_accept": ("ACCEPT", None),
    "auto_ping_interval": ("4", 4),
    "auto_ping_timeout": ("5.5", 5.5),
    "auto_ping_size": ("64", 64),
    "auto_ping_restart_on_any_traffic": ("false", False),
}
RAWSOCKET = {"max_message_payload_size": ("65536", 65536)}

ONCE = RestartPolicy(policy="never")

NOT_JOINED_WITH = {"mask_client_frames", "apply_mask"}
"""What Crossbar.io does not put up with."""
COMPRESSION = {"per_message_compression_offers", "per_message_compression_accept"}


ACCEPT = """
from autobahn.websocket.compress import PerMessageDeflateResponseAccept

def accept(response):
    return PerMessageDeflateResponseAccept(response, mem_level=3)
"""


@pytest.mark.parametrize(("kind", "table"), [("websocket", WEBSOCKET), ("rawsocket", RAWSOCKET)])
def test_every_option_of_autobahn_has_a_row(kind: str, table: dict[str, Any]) -> None:
    options = known_options(kind)
    snakes = {name for name in options if name.islower()}
    assert set(table) == snakes
    assert set(options) == snakes | {options[name] for name in snakes}


@pytest.mark.parametrize("spelling", ["snake_case", "camelCase"])
@pytest.mark.parametrize("option", [name for name in WEBSOCKET if name not in NOT_JOINED_WITH | COMPRESSION])
def test_an_option_of_a_websocket_reaches_the_protocol(
    run: Run, transports_crossbar: TransportsCrossbar, option: str, spelling: str
) -> None:
    camel = known_options("websocket")[option]
    value, reached = WEBSOCKET[option]
    written = option if spelling == "snake_case" else camel
    made = way(f'url = "{transports_crossbar.websocket_url}", options = {{ {written} = {value} }}')
    assert run(lambda: over(made, lambda session: getattr(protocol_of(session), camel))) == reached


@pytest.mark.parametrize("option", ["max_message_payload_size", "maxMessagePayloadSize"])
def test_an_option_of_a_rawsocket_reaches_the_protocol(
    run: Run, transports_crossbar: TransportsCrossbar, option: str
) -> None:
    made = way(f'url = "{transports_crossbar.rawsocket_url}", options = {{ {option} = 65536 }}')
    assert run(lambda: over(made, lambda session: protocol_of(session).MAX_LENGTH)) == 65536


@pytest.mark.parametrize("option", sorted(NOT_JOINED_WITH))
def test_an_option_that_the_router_does_not_put_up_with_is_noticed_by_it(
    run: Run, transports_crossbar: TransportsCrossbar, option: str
) -> None:
    made = way(f'url = "{transports_crossbar.websocket_url}", options = {{ {option} = false }}')
    assert "connection" in run(lambda: problem_over(made)).message


def test_the_version_is_that_of_the_request(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    made = way(f'url = "{transports_crossbar.websocket_url}", options = {{ version = 10 }}')
    request = run(lambda: over(made, lambda session: protocol_of(session).http_request_data))
    assert b"Sec-WebSocket-Version: 8\r\n" in request


@pytest.mark.parametrize(("value", "set_to"), [("true", 1), ("false", 0)])
def test_tcp_no_delay_is_an_option_of_the_socket(
    run: Run, transports_crossbar: TransportsCrossbar, value: str, set_to: int
) -> None:
    made = way(f'url = "{transports_crossbar.websocket_url}", options = {{ tcp_no_delay = {value} }}')

    def look(session: Any) -> int:
        connection = protocol_of(session).transport.socket
        option: int = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        return option

    assert bool(run(lambda: over(made, look))) == bool(set_to)


def test_a_message_is_sent_in_fragments(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    made = way(f'url = "{transports_crossbar.websocket_url}", options = {{ auto_fragment_size = 1024 }}')

    def look(session: Any) -> int:
        stats = protocol_of(session).trafficStats
        before = stats.outgoingWebSocketFrames
        session.publish("com.example.kettle", "x" * 10_000)
        sent: int = stats.outgoingWebSocketFrames - before
        return sent

    assert run(lambda: over(made, look)) == 10


async def boils(_reactor: Any, session: Any) -> None:
    """A component that answers a call of `com.example.boil` with so many characters."""
    await session.register(lambda size: "x" * size, "com.example.boil", options=RegisterOptions(force_reregister=True))
    await stays(_reactor, session)


async def asks(_reactor: Any, session: Any) -> None:
    assert await session.call("com.example.boil", 1000) == "x" * 1000
    await session.call("com.example.boil", 9000)


async def problem_with_a_large_message(crossbar: TransportsCrossbar, made: Any, state: str) -> Problem:
    fleet = Supervised(component(crossbar.websocket_url, "other", main=boils), component(made, main=asks, restart=ONCE))
    fleet.command(ev.Start(), "other")
    await fleet.until("running", "other")
    fleet.command(ev.Start())
    await fleet.until(state)
    problem = fleet.problem()
    await fleet.stop()
    return problem


@pytest.mark.parametrize("what", ["message", "frame"])
def test_a_message_that_is_too_large_for_a_websocket_ends_the_connection(
    run: Run, transports_crossbar: TransportsCrossbar, what: str
) -> None:
    options = f"options = {{ max_{what}_payload_size = 8192 }}"
    made = way(f'url = "{transports_crossbar.websocket_url}", {options}')
    problem = run(lambda: problem_with_a_large_message(transports_crossbar, made, "reconnecting"))
    assert f"received WebSocket {what} size" in problem.message
    assert "exceeds payload limit of 8192 octets" in problem.message


def test_a_message_that_is_too_large_for_a_rawsocket_is_not_sent_by_the_router(
    run: Run, transports_crossbar: TransportsCrossbar
) -> None:
    made = way(f'url = "{transports_crossbar.rawsocket_url}", options = {{ max_message_payload_size = 8192 }}')
    problem = run(lambda: problem_with_a_large_message(transports_crossbar, made, "failed"))
    assert "exceeding payload limit of 8192 octets" in problem.message


def test_the_opening_handshake_is_given_its_time(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    async def scenario() -> str:
        proxy = Proxy(transports_crossbar.websocket_url)
        proxy.freeze()
        problem = await problem_over(way(f'url = "{proxy.url}", options = {{ open_handshake_timeout = 0.3 }}'))
        await proxy.close()
        return problem.message

    assert run(scenario) == "WebSocket opening handshake timeout (peer did not finish the opening handshake in time)"


def deflated(session: Any) -> list[str]:
    return [extension.EXTENSION_NAME for extension in protocol_of(session).websocket_extensions_in_use]


async def compressed(session: Any) -> tuple[list[str], bool]:
    """The extensions in use, and whether something was smaller on the wire than it is."""
    name = f"com.example.compressed.{session.session_id}"
    await session.register(len, name)
    assert await session.call(name, "kettle" * 10_000) == 60_000
    stats = protocol_of(session).trafficStats
    return deflated(session), stats.outgoingOctetsWireLevel < 30_000


@pytest.mark.parametrize(
    "offers",
    [
        '"deflate"',
        '["deflate"]',
        '"permessage-deflate"',
        '["bzip2", "deflate"]',
        '{ type = "deflate", request_no_context_takeover = true, request_max_window_bits = 10 }',
        '[{ type = "deflate", accept_no_context_takeover = false, accept_max_window_bits = false }]',
    ],
)
def test_compression_is_agreed_on(run: Run, transports_crossbar: TransportsCrossbar, offers: str) -> None:
    made = way(f'url = "{transports_crossbar.deflate_url}", options = {{ per_message_compression_offers = {offers} }}')
    assert run(lambda: over(made, compressed)) == (["permessage-deflate"], True)


def test_the_parameters_of_an_offer_are_those_of_the_request(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    offer = '{ type = "deflate", request_no_context_takeover = true, request_max_window_bits = 10 }'
    made = way(f'url = "{transports_crossbar.deflate_url}", options = {{ per_message_compression_offers = {offer} }}')
    request = run(lambda: over(made, lambda session: protocol_of(session).http_request_data))
    wanted = PerMessageDeflateOffer(request_no_context_takeover=True, request_max_window_bits=10)
    assert f"Sec-WebSocket-Extensions: {wanted.get_extension_string()}\r\n".encode() in request


def test_a_router_without_compression_is_joined_without(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    made = way(
        f'url = "{transports_crossbar.websocket_url}", options = {{ per_message_compression_offers = "deflate" }}'
    )
    assert run(lambda: over(made, deflated)) == []


def test_nothing_is_compressed_unless_it_is_offered(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    assert run(lambda: over(way(f'url = "{transports_crossbar.deflate_url}"'), compressed)) == ([], False)


def test_a_function_may_decide_what_of_the_response_is_accepted(
    run: Run, transports_crossbar: TransportsCrossbar, component_module: Callable[[str], str]
) -> None:
    accept = f"{component_module(ACCEPT)}:accept"
    options = f'per_message_compression_offers = "deflate", per_message_compression_accept = "{accept}"'
    made = way(f'url = "{transports_crossbar.deflate_url}", options = {{ {options} }}')
    assert run(lambda: over(made, lambda session: protocol_of(session)._perMessageCompress.mem_level)) == 3
