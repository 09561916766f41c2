from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autobahn.wamp.serializer import JsonSerializer
from autobahn.wamp.types import EncodedPayload, EventDetails, PublishOptions, SubscribeOptions

from integration.router.router_peers import (
    CALL,
    ERROR,
    EVENT,
    PUBLISH,
    PUBLISHED,
    SUBSCRIBE,
    SUBSCRIBED,
    Client,
    House,
    uri_of,
)
from support.reactor import sleep, until
from wampsup.router import Principal

if TYPE_CHECKING:
    from integration.router.router_peers import InHouse

TOPIC = "com.example.topic"
ACKNOWLEDGED = PublishOptions(acknowledge=True)
TWO_ROLES = (
    Principal(method="ticket", authid="ann", secret="a", role="reader"),
    Principal(method="ticket", authid="bob", secret="b", role="writer"),
)


async def listening(client: Client, topic: str = TOPIC, match: str | None = None) -> list[tuple[Any, ...]]:
    """What the client hears, as it comes."""
    heard: list[tuple[Any, ...]] = []
    await client.subscribe(lambda *args: heard.append(args), topic, SubscribeOptions(match=match) if match else None)
    return heard


async def settled(house: House, publisher: Client) -> None:
    """All that `publisher` published before has been handed to everybody."""
    marker = await house.client()
    await publisher.call("wamp.session.count")
    marker.leave()
    await marker.end()
    await sleep(0.01)


def test_an_event_reaches_every_subscriber_with_its_arguments_but_not_its_publisher(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        one, two, publisher = await house.client(), await house.client(house.web_url), await house.client()
        heard = [await listening(client) for client in (one, two, publisher)]
        received: list[Any] = []
        await one.subscribe(lambda *args, **kwargs: received.append((args, kwargs)), TOPIC)
        publisher.publish(TOPIC, 1, kettle="dry")
        await until(lambda: received)
        assert received == [((1,), {"kettle": "dry"})]
        publisher.publish(TOPIC, 2)
        await until(lambda: heard[1])
        await settled(house, publisher)
        assert heard[2] == []

    in_house(scenario)


def test_a_publisher_that_asks_for_it_hears_itself(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        client = await house.client()
        heard = await listening(client)
        client.publish(TOPIC, 1, options=PublishOptions(exclude_me=False))
        await until(lambda: heard == [(1,)])

    in_house(scenario)


def test_exclude_and_eligible_choose_the_subscribers(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        one, two, publisher = await house.client(), await house.client(), await house.client()
        heard_by_one, heard_by_two = await listening(one), await listening(two)
        publisher.publish(TOPIC, "not one", options=PublishOptions(exclude=[one.session_id]))
        publisher.publish(TOPIC, "one alone", options=PublishOptions(eligible=[one.session_id]))
        publisher.publish(TOPIC, "nobody", options=PublishOptions(eligible=[]))
        both = PublishOptions(eligible=[one.session_id, two.session_id], exclude=[two.session_id])
        publisher.publish(TOPIC, "one again", options=both)
        publisher.publish(TOPIC, "all")
        await until(lambda: ("all",) in heard_by_one and ("all",) in heard_by_two)
        assert heard_by_one == [("one alone",), ("one again",), ("all",)]
        assert heard_by_two == [("not one",), ("all",)]

    in_house(scenario)


def test_authids_and_roles_choose_the_subscribers(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        ann = await house.client(ticket={"authid": "ann", "ticket": "a"})
        bob = await house.client(ticket={"authid": "bob", "ticket": "b"})
        publisher = await house.client(ticket={"authid": "bob", "ticket": "b"})
        heard_by_ann, heard_by_bob = await listening(ann), await listening(bob)
        for number, options in enumerate(
            (
                {"eligible_authid": ["ann"]},
                {"exclude_authid": ["ann"]},
                {"eligible_authrole": ["writer"]},
                {"exclude_authrole": ["writer"]},
                {},
            )
        ):
            publisher.publish(TOPIC, number, options=PublishOptions(**options))
        await until(lambda: (4,) in heard_by_ann and (4,) in heard_by_bob)
        assert heard_by_ann == [(0,), (3,), (4,)]
        assert heard_by_bob == [(1,), (2,), (4,)]

    in_house(scenario, principals=TWO_ROLES)


def test_a_publication_is_acknowledged_where_that_is_asked_for(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer, client = await house.peer(), await house.client()
        assert (await client.publish(TOPIC, options=ACKNOWLEDGED)).id > 0
        peer.tell(PUBLISH, 1, {}, TOPIC)
        peer.tell(PUBLISH, 2, {"acknowledge": True}, TOPIC)
        assert (await peer.read())[:2] == [PUBLISHED, 2]

    in_house(scenario)


def test_prefix_and_wildcard_subscriptions_hear_what_matches_and_learn_the_topic(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        exact, prefix, wildcard = await house.client(), await house.client(), await house.client()
        topics: dict[str, list[Any]] = {"exact": [], "prefix": [], "wildcard": []}
        for client, match, uri in (
            (exact, "exact", "com.example.a"),
            (prefix, "prefix", "com.example."),
            (wildcard, "wildcard", "com..a"),
        ):

            def heard(details: EventDetails, match: str = match) -> None:
                topics[match].append(details.topic)

            await client.subscribe(heard, uri, SubscribeOptions(match=match, details_arg="details"))
        publisher = await house.client()
        for topic in ("com.example.a", "com.example.b", "com.other.a", "org.example.a", "com.example.a.b", "com.end"):
            await publisher.publish(topic, options=ACKNOWLEDGED)
        await settled(house, publisher)
        assert topics == {
            "exact": ["com.example.a"],
            "prefix": ["com.example.a", "com.example.b", "com.example.a.b"],
            "wildcard": ["com.example.a", "com.other.a"],
        }

    in_house(scenario)


def test_the_publisher_is_disclosed(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        subscriber, publisher = await house.client(), await house.client()
        heard: list[EventDetails] = []

        def hear(details: EventDetails) -> None:
            heard.append(details)

        await subscriber.subscribe(hear, TOPIC, SubscribeOptions(details_arg="details"))
        publisher.publish(TOPIC)
        await until(lambda: heard)
        assert heard[0].publisher == publisher.session_id
        assert heard[0].publisher_authid == publisher.details.authid
        assert heard[0].publisher_authrole == "anonymous"

    in_house(scenario)


def test_unsubscribing_ends_the_events_and_works_once(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        subscriber, publisher, peer = await house.client(), await house.client(), await house.peer()
        heard: list[int] = []
        subscription = await subscriber.subscribe(heard.append, TOPIC)
        await subscription.unsubscribe()
        await publisher.publish(TOPIC, 1, options=ACKNOWLEDGED)
        await settled(house, publisher)
        assert heard == []
        peer.tell(34, 7, subscription.id)
        code, kind, request, _, uri, _ = await peer.read()
        assert (code, kind, request, uri) == (ERROR, 34, 7, "wamp.error.no_such_subscription")

    in_house(scenario)


def test_subscribing_again_gives_the_same_subscription(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer = await house.peer()
        peer.tell(SUBSCRIBE, 1, {}, TOPIC)
        peer.tell(SUBSCRIBE, 2, {}, TOPIC)
        first, second = await peer.read(), await peer.read()
        assert (first[:2], second[:2]) == ([SUBSCRIBED, 1], [SUBSCRIBED, 2])
        assert first[2] == second[2]
        (await house.client()).publish(TOPIC, 1)
        assert (await peer.read())[0] == EVENT
        await peer.hears_nothing()

    in_house(scenario)


def test_subscriptions_are_freed_on_leave_and_on_drop(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        watcher = await house.client()
        for end in ("leave", "drop"):
            client = await house.client()
            await listening(client)
            await listening(client, "com.", "prefix")
            assert await watcher.call("wamp.subscription.match", TOPIC) is not None
            getattr(client, end)()
            await until(lambda: house.router.session_count == 1)
            assert await watcher.call("wamp.subscription.list") == {"exact": [], "prefix": [], "wildcard": []}

    in_house(scenario)


def test_topics_that_are_no_uris_or_the_routers_own_are_refused(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        client, peer = await house.client(), await house.peer()
        reserved = client.publish("wamp.session.on_join", options=ACKNOWLEDGED)
        assert await uri_of(reserved) == "wamp.error.invalid_uri"
        client.publish("wamp.session.on_join")
        for match, topic in (("exact", "com..topic"), ("prefix", "com..topic")):
            peer.tell(SUBSCRIBE, 1, {"match": match}, topic)
            assert (await peer.read())[4] == "wamp.error.invalid_uri"
        peer.tell(CALL, 2, {}, "wamp.session.count")
        assert (await peer.read())[3] == [2]

    in_house(scenario)


def test_an_event_that_one_subscriber_can_not_take_reaches_the_others(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        in_json, in_cbor = await house.client(serializer=JsonSerializer()), await house.client()
        small = await house.peer(handshake=b"\x7f\x11\x00\x00")
        small.tell(SUBSCRIBE, 1, {}, TOPIC)
        await small.read()
        heard_in_json, heard_in_cbor = await listening(in_json), await listening(in_cbor)
        publisher = await house.client()
        publisher.publish(TOPIC, {1, 2})
        publisher.publish(TOPIC, "x" * 2000)
        publisher.publish(TOPIC, "end")
        await until(lambda: ("end",) in heard_in_json and ("end",) in heard_in_cbor)
        assert heard_in_cbor[0] == ({1, 2},)
        assert heard_in_json == [("x" * 2000,), ("end",)]
        assert (await small.read())[-1] == ["end"]

    in_house(scenario)


def test_a_payload_that_only_its_ends_can_read_is_handed_on(in_house: InHouse) -> None:
    class Codec:
        def encode(self, _originating: object, uri: str, args: Any = None, kwargs: Any = None) -> EncodedPayload:
            return EncodedPayload(repr((uri, args)).encode(), "x_repr", "x_repr")

        def decode(self, _originating: object, uri: str, payload: EncodedPayload) -> tuple[str, list[Any], Any]:
            return uri, [payload.payload], None

    async def scenario(house: House) -> None:
        subscriber, publisher = await house.client(), await house.client()
        codec: Any = Codec()
        for client in (subscriber, publisher):
            client.set_payload_codec(codec)
        heard = await listening(subscriber)
        publisher.publish(TOPIC, 1)
        await until(lambda: heard)
        assert heard == [(f"('{TOPIC}', (1,))".encode(),)]

    in_house(scenario)
