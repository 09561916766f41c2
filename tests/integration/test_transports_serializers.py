"""Each serializer that is installed, joined over; one that is not is a mistake before anything starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import autobahn.twisted  # noqa: F401 - first, as it selects Twisted for what follows
import pytest
from autobahn.wamp.serializer import SERID_TO_SER, create_transport_serializer

from support.crossbar_transports import SERIALIZERS
from support.peer import Listener
from support.ways import mistakes_in, over, protocol_of, way

if TYPE_CHECKING:
    from support.crossbar_transports import TransportsCrossbar
    from support.reactor import Run

WHATEVER = [1, -2.5, "kettle", "\N{SNOWMAN}", None, True, {"deep": [{"er": 1}]}, 2**40]


async def echoed(session: Any) -> tuple[str, Any]:
    """The serializer that was agreed on, and what has come back of `WHATEVER`."""
    name = f"com.example.echo.{session.session_id}"
    await session.register(lambda value: value, name)
    return protocol_of(session)._serializer.SERIALIZER_ID, await session.call(name, WHATEVER)


@pytest.mark.parametrize("serializer", SERIALIZERS)
def test_a_websocket_joins_with_each_serializer(
    run: Run, transports_crossbar: TransportsCrossbar, serializer: str
) -> None:
    made = way(f'url = "{transports_crossbar.websocket_url}", serializers = ["{serializer}"]')
    agreed, returned = run(lambda: over(made, echoed))
    assert agreed.partition(".")[0] == serializer
    assert returned == WHATEVER


@pytest.mark.parametrize("serializer", SERIALIZERS)
def test_a_rawsocket_joins_with_each_serializer(
    run: Run, transports_crossbar: TransportsCrossbar, serializer: str
) -> None:
    made = way(f'url = "{transports_crossbar.rawsocket_url}", serializer = "{serializer}"')
    agreed, returned = run(lambda: over(made, echoed))
    assert agreed.partition(".")[0] == serializer
    assert returned == WHATEVER


@pytest.mark.parametrize("kind", ["websocket", "rawsocket"])
def test_flatbuffers_joins_a_router_that_takes_it(run: Run, kind: str) -> None:
    """Crossbar.io does not: it refuses to start with it."""

    async def scenario() -> str:
        listener = Listener(kind, serializers=[create_transport_serializer("flatbuffers")])
        key = 'serializers = ["flatbuffers"]' if kind == "websocket" else 'serializer = "flatbuffers"'
        agreed = await over(
            way(f'url = "{listener.url}", {key}'), lambda session: protocol_of(session)._serializer.SERIALIZER_ID
        )
        await listener.die()
        assert isinstance(agreed, str)
        return agreed

    assert run(scenario) == "flatbuffers"


def test_the_first_serializer_that_the_router_takes_is_agreed_on(
    run: Run, transports_crossbar: TransportsCrossbar
) -> None:
    made = way(f'url = "{transports_crossbar.websocket_url}", serializers = ["flatbuffers", "msgpack", "json"]')
    agreed, _ = run(lambda: over(made, echoed))
    assert agreed.partition(".")[0] == "msgpack"


@pytest.mark.parametrize(
    ("table", "at", "url"),
    [
        ('url = "ws://h", serializers = ["json", "ubjson"]', ("serializers", 1), "ws://h"),
        ('url = "rs://h:1", serializer = "ubjson"', ("serializer",), "rs://h:1"),
    ],
)
def test_one_that_is_not_installed_is_a_mistake(
    monkeypatch: pytest.MonkeyPatch, table: str, at: tuple[str | int, ...], url: str
) -> None:
    monkeypatch.delitem(SERID_TO_SER, "ubjson")  # Autobahn's own list of what it could import
    (mistake,) = mistakes_in(table)
    assert mistake.path == ("components", "c", "transports", 0, *at)
    assert mistake.message == f"serializer `ubjson` of transport `{url}` of component `c` is not installed"
    assert mistake.hint == "pip install bjdata"
