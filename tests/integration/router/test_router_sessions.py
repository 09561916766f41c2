from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from autobahn.twisted.component import Component
from autobahn.wamp.serializer import JsonSerializer, MsgPackSerializer
from twisted.internet.defer import Deferred
from twisted.logger import LogLevel, capturedLogs

from integration.router.router_peers import (
    ABORT,
    AUTHENTICATE,
    CALL,
    GOODBYE,
    HELLO,
    PUBLISH,
    SUBSCRIBE,
    WELCOME,
    House,
    uri_of,
)
from support.reactor import reactor, until
from wampsup.router import Limits

if TYPE_CHECKING:
    from integration.router.router_peers import InHouse

VIOLATION = "wamp.error.protocol_violation"
HURRIED = Limits(handshake_timeout=0.1, close_timeout=0.1)


def test_hello_is_answered_with_welcome_and_the_roles_of_the_router(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer = await house.peer(joined=False)
        peer.tell(HELLO, "realm1", {"roles": {"caller": {}}})
        code, session_id, details = await peer.read()
        assert code == WELCOME
        assert 1 <= session_id <= 2**53
        assert set(details["roles"]) == {"broker", "dealer"}
        assert (details["realm"], details["authrole"], details["authmethod"]) == ("realm1", "anonymous", "anonymous")
        assert house.router.session_count == 1

    in_house(scenario)


def test_a_component_joins_over_each_transport(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        for kind, url in (("rawsocket", house.raw_url), ("websocket", house.web_url)):
            component = Component(realm="realm1", transports=[{"type": kind, "url": url, "max_retries": 0}])
            ready: Deferred[None] = Deferred()
            component.on("ready", lambda _, ready=ready: ready.callback(None))
            done = component.start(reactor)
            await ready
            assert house.router.session_count == 1
            await component.stop()
            await done
            await until(lambda: house.router.session_count == 0)

    in_house(scenario)


def test_every_serializer_that_autobahn_always_has_is_spoken(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee = await house.client()
        await callee.register(lambda value: value, "com.example.echo")
        for serializer in (JsonSerializer(), MsgPackSerializer(), None):
            client = await house.client(serializer=serializer)
            assert await client.call("com.example.echo", {"a": [1, "zwei", None, 2.5]}) == {"a": [1, "zwei", None, 2.5]}

    in_house(scenario)


def test_an_unknown_realm_is_refused(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer = await house.peer(joined=False)
        peer.tell(HELLO, "nowhere", {"roles": {"caller": {}}})
        assert await peer.read() == [
            ABORT,
            {"message": "no realm `nowhere` on this router"},
            "wamp.error.no_such_realm",
        ]
        await peer.end()
        assert await uri_of(house.client(realm="nowhere")) == "wamp.error.no_such_realm"

    in_house(scenario)


def test_realms_do_not_hear_each_other(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        one, two = await house.client(realm="realm1"), await house.client(realm="realm2")
        await one.register(lambda: 1, "com.example.where")
        assert await uri_of(two.call("com.example.where")) == "wamp.error.no_such_procedure"
        await two.register(lambda: 2, "com.example.where")
        assert await two.call("com.example.where") == 2

    in_house(scenario)


def test_a_client_that_says_goodbye_gets_one_and_then_silence(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer = await house.peer()
        peer.tell(GOODBYE, {}, "wamp.close.normal")
        peer.tell(SUBSCRIBE, 1, {}, "com.example.topic")
        assert await peer.read() == [GOODBYE, {}, "wamp.close.goodbye_and_out"]
        await peer.end()
        assert peer.inbox == []
        assert house.router.session_count == 0

    in_house(scenario)


def test_an_autobahn_session_leaves_well_over_each_transport(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        for url in house.router.urls:
            client = await house.client(url)
            client.leave()
            await client.end()
            assert client.left.reason == "wamp.close.goodbye_and_out"
            assert house.router.session_count == 0

    in_house(scenario)


def test_shutting_down_says_goodbye_to_all(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        clients = [await house.client(url) for url in house.router.urls * 2]
        peer = await house.peer()
        stopped = house.router.stop()
        assert await peer.read() == [GOODBYE, {}, "wamp.close.system_shutdown"]
        await stopped
        assert [client.left.reason for client in clients] == ["wamp.close.system_shutdown"] * 4
        assert house.router.session_count == 0
        await peer.end()

    in_house(scenario)


def test_shutting_down_does_not_wait_long_for_a_client_that_is_frozen(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer, stranger = await house.peer(), await house.peer(joined=False)
        peer.transport.pauseProducing()
        began = reactor.seconds()
        await house.router.stop()
        assert reactor.seconds() - began < 1
        peer.transport.resumeProducing()
        await until(lambda: peer.closed and stranger.closed)

    in_house(scenario)


def test_a_router_that_was_stopped_can_be_started_again(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        await house.router.stop()
        assert house.router.urls == ()
        await house.router.start()
        assert (await house.client()).is_attached()

    in_house(scenario)


def test_a_peer_that_does_not_say_hello_in_time_is_dropped(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        silent = await house.peer(joined=False)
        without_handshake = await house.peer(joined=False, handshake=b"")
        web = await house.text_peer(house.web_url, b"GET /ws HTTP/1.1\r\n")
        patient = await house.peer()
        await until(lambda: silent.closed and without_handshake.closed and web.closed)
        patient.tell(CALL, 1, {}, "wamp.session.count")
        assert (await patient.read())[2:] == [{}, [1]]

    in_house(scenario, limits=HURRIED)


def test_what_may_not_come_before_welcome_ends_the_connection(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        for message in (
            [PUBLISH, 1, {}, "com.example.topic"],
            [GOODBYE, {}, "wamp.close.normal"],
            [AUTHENTICATE, "x", {}],
        ):
            peer = await house.peer(joined=False)
            peer.tell(*message)
            code, _, reason = await peer.read()
            assert (code, reason) == (ABORT, VIOLATION)
            await peer.end()

    in_house(scenario)


def test_bad_input_closes_that_connection_alone_and_logs_nothing(
    in_house: InHouse,
) -> None:
    bad = [
        b"not json",
        b"[]",
        b"{}",
        b"[9999, 1]",
        b'["16"]',
        b'[16, 1, {}, "bad uri with spaces"]',
        b'[16, "1", {}, "com.example.topic"]',
        b'[16, 1, {"exclude": 7}, "com.example.topic"]',
        b'[48, 1, {}, "com.example.procedure", 5]',
        b'[1, "realm1", {"roles": {"caller": {}}}]',
        b'[2, 1, {"roles": {"broker": {}}}]',
        b'[8, 16, 1, {}, "com.example.error"]',
        b"[" * 100_000,
    ]

    async def scenario(house: House) -> None:
        bystander = await house.client()
        with capturedLogs() as events:
            for octets in bad:
                peer = await house.peer()
                peer.tell_octets(octets)
                code, _, reason = await peer.read()
                assert (octets, code, reason) == (octets, ABORT, VIOLATION)
                await peer.end()
            web = await house.client(house.web_url)
            web.connection.sendMessage(b"no message", isBinary=True)
            await web.end()
        assert await bystander.call("wamp.session.count") == 1
        ours = [event for event in events if event["log_namespace"].startswith("wampsup")]
        assert [event for event in ours if event["log_level"] >= LogLevel.warn] == []

    in_house(scenario)


def test_a_wrong_handshake_closes_the_connection(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        for octets in (b"GET / HTTP/1.1\r\n\r\n", b"\x7f\xff\x00\x00"):
            peer = await house.text_peer(house.raw_url, octets)
            await peer.end()

    in_house(scenario)


def test_a_message_that_is_too_long_closes_the_connection(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer = await house.peer()
        peer.transport.write(b"\x7f\xff\xff\xff")
        await peer.end()
        web = await house.client(house.web_url)
        web.publish("com.example.topic", "x" * 5000)
        await web.end()
        assert house.router.session_count == 0

    in_house(scenario, limits=Limits(message_size=4096, close_timeout=0.1))


@pytest.mark.parametrize("scheme", ["rs", "ws"])
def test_a_peer_that_reads_too_slowly_is_dropped_and_the_others_are_served(in_house: InHouse, scheme: str) -> None:
    async def scenario(house: House) -> None:
        url = house.raw_url if scheme == "rs" else house.web_url
        slow, quick, publisher = await house.client(url), await house.client(url), await house.client()
        received: list[int] = []
        await slow.subscribe(lambda *_: None, "com.example.flood")
        await quick.subscribe(lambda number, _: received.append(number), "com.example.flood")
        slow.connection.transport.pauseProducing()
        for batch in range(20):
            for number in range(10):
                publisher.publish("com.example.flood", batch * 10 + number, "x" * 50_000)
            await until(partial(received.__contains__, batch * 10 + 9))
        slow.connection.transport.resumeProducing()
        await slow.end()
        assert received == list(range(200))
        assert quick.is_attached()

    in_house(scenario, limits=Limits(queue_size=2**20, close_timeout=0.1))


def test_a_client_that_can_not_take_even_welcome_is_let_go(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer = await house.peer(joined=False, handshake=b"\x7f\x01\x00\x00")
        peer.tell(HELLO, "realm1", {"roles": {"caller": {}}})
        await peer.end()
        assert house.router.session_count == 0

    in_house(scenario)
