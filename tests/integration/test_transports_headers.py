"""Headers are sent, as the router tells; Autobahn's Component drops them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.reactor import reactor
from support.ways import over, protocol_of, way
from wampsup.model.secret import Secret
from wampsup.wamp.connection import _prototype

if TYPE_CHECKING:
    from support.crossbar_transports import TransportsCrossbar
    from support.reactor import Run


async def headers_heard(session: Any) -> Any:
    """What Crossbar.io has received, as it tells about a session."""
    details = await session.call("wamp.session.get", session.session_id)
    return details["transport"]["http_headers_received"]


def test_headers_are_sent(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    made = way(
        f'url = "{transports_crossbar.websocket_url}", '
        'headers = { X-Site = "north", Authorization = "Bearer k3ttle", User-Agent = "kettle/1.0" }'
    )
    heard = run(lambda: over(made, headers_heard))
    assert heard["x-site"] == "north"
    assert heard["authorization"] == "Bearer k3ttle"
    assert heard["user-agent"] == "kettle/1.0"


def test_autobahn_names_itself_where_nobody_else_is_named(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    heard = run(lambda: over(way(f'url = "{transports_crossbar.websocket_url}"'), headers_heard))
    assert heard["user-agent"].startswith("AutobahnPython/")


def test_the_host_of_an_ipv6_address_has_its_brackets(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    made = way(f'url = "{transports_crossbar.plain6_url}"')
    request = run(lambda: over(made, lambda session: protocol_of(session).http_request_data))
    assert b"Host: [::1]:" in request


def test_two_transports_whose_headers_differ_are_two(run: Run) -> None:
    one, other = (way(f'url = "ws://h", headers = {{ X-Key = "{key}" }}') for key in ("k3ttle", "t3apot"))
    assert one.headers == {"X-Key": Secret("k3ttle")}
    assert "k3ttle" not in repr(one)
    made = run(lambda: [_prototype(each, reactor).headers for each in (one, other)])
    assert made == [{"X-Key": "k3ttle"}, {"X-Key": "t3apot"}]
