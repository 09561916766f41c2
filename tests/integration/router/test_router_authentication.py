from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.wamp.auth import compute_wcs
from autobahn.wamp.cryptosign import CryptosignKey

from integration.router.router_peers import (
    ABORT,
    ALL_ROLES,
    AUTHENTICATE,
    CHALLENGE,
    HELLO,
    WELCOME,
    House,
    RawPeer,
    error_of,
    uri_of,
)
from wampsup.router import Principal

if TYPE_CHECKING:
    from integration.router.router_peers import InHouse

PRIVATE = "11" * 32
KEY: Any = CryptosignKey.from_bytes(bytes.fromhex(PRIVATE))
PUBLIC = str(KEY.public_key())
PRINCIPALS = (
    Principal(method="ticket", authid="ann", secret="ticket of ann", role="reader"),
    Principal(method="wampcra", authid="bob", secret="secret of bob", role="writer", realm="realm1"),
    Principal(method="cryptosign", authid="cid", pubkey=PUBLIC, role="signer", realm="realm1"),
)
FAILED = "wamp.error.authentication_failed"
ANN = {"authid": "ann", "ticket": "ticket of ann"}
BOB = {"authid": "bob", "secret": "secret of bob"}
CID = {"authid": "cid", "privkey": PRIVATE}


async def greet(house: House, method: str, authid: str | None, **authextra: Any) -> tuple[RawPeer, list[Any]]:
    """A raw peer that offers one method, and what the router answers."""
    peer = await house.peer(joined=False)
    details = {"roles": ALL_ROLES, "authmethods": [method], "authextra": authextra}
    peer.tell(HELLO, "realm1", details if authid is None else {**details, "authid": authid})
    return peer, await peer.read()


def test_a_realm_without_principals_takes_everybody_as_anonymous(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        one, two = await house.client(), await house.client(anonymous={})
        assert (one.details.authrole, one.details.authmethod) == ("anonymous", "anonymous")
        assert one.details.authid != two.details.authid

    in_house(scenario)


@pytest.mark.parametrize(
    ("method", "settings", "authid", "role"),
    [
        ("ticket", ANN, "ann", "reader"),
        ("wampcra", BOB, "bob", "writer"),
        ("cryptosign", CID, "cid", "signer"),
        ("cryptosign", {"privkey": PRIVATE}, "cid", "signer"),
    ],
)
def test_who_proves_to_be_somebody_joins_with_their_role(
    in_house: InHouse, method: str, settings: Any, authid: str, role: str
) -> None:
    async def scenario(house: House) -> None:
        for url in house.router.urls:
            client = await house.client(url, **{method: settings})
            details = client.details
            assert (details.authid, details.authrole, details.authmethod) == (authid, role, method)

    in_house(scenario, principals=PRINCIPALS)


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("ticket", {**ANN, "ticket": "wrong"}),
        ("ticket", {**ANN, "authid": "nobody"}),
        ("ticket", {**ANN, "authid": "bob"}),
        ("wampcra", {**BOB, "secret": "wrong"}),
        ("wampcra", {**BOB, "authid": "ann"}),
        ("cryptosign", {**CID, "privkey": "22" * 32}),
        ("cryptosign", {"privkey": "22" * 32}),
    ],
)
def test_who_does_not_is_refused_without_a_hint_at_what_was_wrong(
    in_house: InHouse, method: str, settings: Any
) -> None:
    async def scenario(house: House) -> None:
        error = await error_of(house.client(**{method: settings}))
        assert (error.error, error.args) == (FAILED, (f"authentication by {method} failed",))
        assert house.router.session_count == 0

    in_house(scenario, principals=PRINCIPALS)


def test_a_method_that_the_realm_does_not_take_is_refused(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        error = await error_of(house.client())
        assert error.error == "wamp.error.no_auth_method"
        assert error.args == ("the realm takes none of the methods offered (anonymous)",)
        assert await uri_of(house.client(realm="realm2", wampcra=BOB)) == "wamp.error.no_auth_method"

    in_house(scenario, principals=PRINCIPALS)


def test_a_principal_of_no_realm_may_join_each(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        for realm in ("realm1", "realm2"):
            assert (await house.client(realm=realm, ticket=ANN)).details.authid == "ann"

    in_house(scenario, principals=PRINCIPALS)


def test_the_first_method_of_the_client_that_the_realm_takes_is_used(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer = await house.peer(joined=False)
        methods = ["scram", "anonymous", "wampcra", "ticket"]
        peer.tell(HELLO, "realm1", {"roles": ALL_ROLES, "authmethods": methods, "authid": "bob"})
        assert (await peer.read())[:2] == [CHALLENGE, "wampcra"]

    in_house(scenario, principals=PRINCIPALS)


def test_a_recorded_answer_is_worth_nothing(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        _, (_, _, extra) = await greet(house, "wampcra", "bob")
        assert set(json.loads(extra["challenge"])) == {"nonce", "session", "timestamp"}
        recorded = compute_wcs("secret of bob", extra["challenge"]).decode()
        peer, _ = await greet(house, "wampcra", "bob")
        peer.tell(AUTHENTICATE, recorded, {})
        assert (await peer.read())[2] == FAILED

        _, (_, _, extra) = await greet(house, "cryptosign", "cid")
        signed = bytes.fromhex(extra["challenge"])
        recorded = (await KEY.sign(signed) + signed).hex()
        peer, _ = await greet(house, "cryptosign", "cid")
        peer.tell(AUTHENTICATE, recorded, {})
        assert (await peer.read())[2] == FAILED

    in_house(scenario, principals=PRINCIPALS)


def test_an_answer_that_makes_no_sense_is_refused(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        for method, authid in (("ticket", "ann"), ("wampcra", "bob"), ("cryptosign", "cid")):
            for answer in ("", "zz", "00" * 96, "\udcff", "é" * 1000):
                peer, (code, *_) = await greet(house, method, authid)
                assert code == CHALLENGE
                peer.tell(AUTHENTICATE, answer, {})
                assert (await peer.read())[2] == FAILED
                await peer.end()

    in_house(scenario, principals=PRINCIPALS)


def test_a_ticket_without_an_authid_is_refused(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer, (code, *_) = await greet(house, "ticket", None)
        assert code == CHALLENGE
        peer.tell(AUTHENTICATE, "ticket of ann", {})
        assert (await peer.read())[2] == FAILED

    in_house(scenario, principals=PRINCIPALS)


def test_a_client_that_gives_up_at_the_challenge_is_let_go(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer, _ = await greet(house, "ticket", "ann")
        peer.tell(ABORT, {"message": "no"}, "wamp.error.cannot_authenticate")
        await peer.end()
        assert peer.inbox == []

    in_house(scenario, principals=PRINCIPALS)


def test_anonymous_may_be_allowed_beside_other_methods(in_house: InHouse) -> None:
    guest = Principal(method="anonymous", role="guest", realm="realm1")

    async def scenario(house: House) -> None:
        _, (code, _, details) = await greet(house, "anonymous", "ann")
        assert (code, details["authrole"]) == (WELCOME, "guest")
        assert details["authid"] != "ann"
        assert (await house.client(ticket=ANN)).details.authrole == "reader"

    in_house(scenario, principals=(*PRINCIPALS, guest))


def test_a_secret_is_not_shown() -> None:
    assert "ticket of ann" not in repr(PRINCIPALS[0])
