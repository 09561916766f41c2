from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from autobahn.wamp.types import RegisterOptions, SubscribeOptions

from integration.router.router_peers import GOODBYE, House, error_of, uri_of
from support.reactor import until
from wampsup.router import Principal

if TYPE_CHECKING:
    from integration.router.router_peers import InHouse

PRINCIPALS = (
    Principal(method="anonymous", role="guest", realm="realm1"),
    Principal(method="ticket", authid="ann", secret="a", role="host", realm="realm1"),
)


def test_sessions_are_counted_listed_and_described(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        guest = await house.client()
        host = await house.client(ticket={"authid": "ann", "ticket": "a"})
        await house.client(realm="realm2")
        assert await guest.call("wamp.session.count") == 2
        assert await guest.call("wamp.session.count", ["host"]) == 1
        assert await guest.call("wamp.session.list") == [guest.session_id, host.session_id]
        assert await guest.call("wamp.session.list", ["host", "other"]) == [host.session_id]
        assert await guest.call("wamp.session.get", host.session_id) == {
            "session": host.session_id,
            "authid": "ann",
            "authrole": "host",
            "authmethod": "ticket",
            "authprovider": "static",
        }
        assert await uri_of(guest.call("wamp.session.get", 1)) == "wamp.error.no_such_session"

    in_house(scenario, principals=PRINCIPALS)


def test_joining_and_leaving_are_published(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        watcher = await house.client()
        joined: list[Any] = []
        left: list[Any] = []
        await watcher.subscribe(joined.append, "wamp.session.on_join")
        await watcher.subscribe(lambda *args: left.append(args), "wamp.session.on_leave")
        for end in ("leave", "drop"):
            client = await house.client()
            await until(lambda: joined)
            assert joined.pop() == await watcher.call("wamp.session.get", client.session_id)
            getattr(client, end)()
            await until(lambda: left)
            assert left.pop() == (client.session_id, client.details.authid, "anonymous")

    in_house(scenario)


def test_a_killed_session_hears_why_and_is_gone_at_once(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        killer, victim, frozen = await house.client(), await house.client(), await house.peer()
        await victim.register(lambda: 1, "com.example.procedure")
        await killer.call("wamp.session.kill", victim.session_id, reason="com.example.enough", message="go")
        assert await killer.call("wamp.registration.lookup", "com.example.procedure") is None
        await victim.end()
        assert (victim.left.reason, victim.left.message) == ("com.example.enough", "go")
        ids = await killer.call("wamp.session.list")
        await killer.call("wamp.session.kill", next(each for each in ids if each != killer.session_id))
        assert await killer.call("wamp.session.count") == 1
        assert await frozen.read() == [GOODBYE, {}, "wamp.close.killed"]
        await frozen.end()

    in_house(scenario)


def test_a_session_can_kill_neither_itself_nor_a_stranger(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        client = await house.client()
        for session_id in (client.session_id, 1):
            assert await uri_of(client.call("wamp.session.kill", session_id)) == "wamp.error.no_such_session"

    in_house(scenario)


def test_registrations_are_found_and_described(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        client = await house.client()
        exact = await client.register(lambda: 1, "com.example.a", RegisterOptions(invoke="roundrobin"))
        prefix = await client.register(lambda: 1, "com.", RegisterOptions(match="prefix"))
        assert await client.call("wamp.registration.list") == {
            "exact": [exact.id],
            "prefix": [prefix.id],
            "wildcard": [],
        }
        assert await client.call("wamp.registration.lookup", "com.example.a") == exact.id
        assert await client.call("wamp.registration.lookup", "com.example.b") is None
        assert await client.call("wamp.registration.lookup", "com.", {"match": "prefix"}) == prefix.id
        assert await client.call("wamp.registration.match", "com.example.b") == prefix.id
        assert await client.call("wamp.registration.match", "org.example") is None
        described = await client.call("wamp.registration.get", exact.id)
        assert described.pop("created").endswith("+00:00")
        assert described == {"id": exact.id, "match": "exact", "invoke": "roundrobin", "uri": "com.example.a"}
        assert await client.call("wamp.registration.list_callees", exact.id) == [client.session_id]
        assert await client.call("wamp.registration.count_callees", exact.id) == 1
        assert await uri_of(client.call("wamp.registration.get", 99)) == "wamp.error.no_such_registration"

    in_house(scenario)


def test_subscriptions_are_found_and_described(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        client, other = await house.client(), await house.client()
        exact = await client.subscribe(lambda: None, "com.example.a")
        wildcard = await client.subscribe(lambda: None, "com..a", SubscribeOptions(match="wildcard"))
        await other.subscribe(lambda: None, "com.example.a")
        assert await client.call("wamp.subscription.list") == {
            "exact": [exact.id],
            "prefix": [],
            "wildcard": [wildcard.id],
        }
        assert await client.call("wamp.subscription.lookup", "com..a", {"match": "wildcard"}) == wildcard.id
        assert await client.call("wamp.subscription.match", "com.example.a") == [exact.id, wildcard.id]
        assert await client.call("wamp.subscription.match", "org.example.a") is None
        described = await client.call("wamp.subscription.get", wildcard.id)
        assert described.pop("created").endswith("+00:00")
        assert described == {"id": wildcard.id, "match": "wildcard", "uri": "com..a"}
        members = [client.session_id, other.session_id]
        assert await client.call("wamp.subscription.list_subscribers", exact.id) == members
        assert await client.call("wamp.subscription.count_subscribers", exact.id) == 2
        assert await uri_of(client.call("wamp.subscription.get", 99)) == "wamp.error.no_such_subscription"

    in_house(scenario)


@pytest.mark.parametrize(
    ("procedure", "args"),
    [
        ("wamp.session.get", ()),
        ("wamp.session.get", ([],)),
        ("wamp.session.count", (7,)),
        ("wamp.session.count", (["anonymous"], 1)),
        ("wamp.session.kill", ({},)),
        ("wamp.session.kill", ("other", 5)),
        ("wamp.registration.get", (None, 1)),
        ("wamp.registration.match", (5,)),
        ("wamp.registration.lookup", ("com.example", "prefix")),
        ("wamp.subscription.match", (["com"],)),
        ("wamp.subscription.list_subscribers", ({},)),
    ],
)
def test_wrong_arguments_are_refused_and_harm_nothing(in_house: InHouse, procedure: str, args: tuple[Any, ...]) -> None:
    async def scenario(house: House) -> None:
        client, other = await house.client(), await house.client()
        given = [other.session_id if each == "other" else each for each in args]
        error = await error_of(client.call(procedure, *given))
        assert error.error == "wamp.error.invalid_argument"
        assert await client.call("wamp.session.count") == 2

    in_house(scenario)
