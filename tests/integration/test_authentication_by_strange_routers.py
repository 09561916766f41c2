"""What a component says to a router that asks for strange things, or can't prove who it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.wamp import ApplicationSession
from autobahn.wamp import message

from support.authenticated import AUTHENTICATION, AUTHID, PUBLIC_KEY, SECRET
from support.peer import ROLES, Listener, say
from support.supervised import Supervised, component, stays
from wampsup.model.spec import RestartPolicy
from wampsup.model.state import Kind

if TYPE_CHECKING:
    from support.peer import Client
    from support.reactor import Run
    from wampsup.model.state import Problem

ONCE = RestartPolicy(policy="never")
SALT = base64.b64encode(b"salt of the router").decode()


async def problem_with(challenge: Any, state: str, method: str | None, welcome: Any = None, **spec: Any) -> Problem:
    """Why the component comes to that state at a router that answers its HELLO so."""
    listener = Listener()
    listener.peer.answers[message.Hello] = challenge
    listener.peer.answers[message.Authenticate] = welcome or say(lambda _: _welcome(method or "x"))
    authentication = AUTHENTICATION[method] if method else None
    spec = {"main": stays, "authentication": authentication, "restart": ONCE, **spec}
    fleet = Supervised(component(listener.url, **spec)).start()
    await fleet.until(state)
    problem = fleet.problem()
    await fleet.gone()
    await listener.die()
    return problem


def _welcome(method: str, extra: dict[str, Any] | None = None) -> Any:
    return message.Welcome(1, ROLES, realm="realm1", authid=AUTHID, authrole="r", authmethod=method, authextra=extra)


def challenge(method: str, **extra: Any) -> Any:
    return say(lambda _: message.Challenge(method, extra))


def scram_challenge(client: Client, hello: Any) -> None:
    extra = {"nonce": hello.authextra["nonce"] + "more", "kdf": "pbkdf2", "salt": SALT, "iterations": 10}
    client.send(message.Challenge("scram", extra))


@pytest.mark.parametrize(
    ("method", "asked", "said"),
    [
        ("wampcra", challenge("wampcra"), "the router's `wampcra` challenge can't be answered: it has no `challenge`"),
        (
            "wampcra",
            challenge("wampcra", challenge="{}", salt="s"),
            "the router's `wampcra` challenge can't be answered: it has no `iterations`",
        ),
        (
            "wampcra",
            challenge("wampcra", challenge="{}", salt="s", iterations="10", keylen=32),
            "the router's `wampcra` challenge can't be answered: 'iterations' must be an integer",
        ),
        (
            "wampcra",
            challenge("wampcra", challenge=3),
            (
                "the router's `wampcra` challenge can't be answered: AttributeError: 'int' object has no attribute"
                " 'encode'"
            ),
        ),
        (
            "cryptosign",
            challenge("cryptosign", challenge="ab"),
            (
                "the router's `cryptosign` challenge can't be answered: unexpected challenge (hex) length: was 2, but"
                " expected 64"
            ),
        ),
        (
            "scram",
            challenge("scram", nonce="x", kdf="md5", salt=SALT, iterations=1),
            "the router's `scram` challenge can't be answered: WAMP-SCRAM specified unknown KDF 'md5'",
        ),
        (
            "scram",
            challenge("scram", nonce="x"),
            (
                "the router's `scram` challenge can't be answered: WAMP-SCRAM challenge option 'kdf' is required but"
                " not specified"
            ),
        ),
        (
            "scram",
            challenge("scram", kdf="pbkdf2", salt=SALT, iterations=1),
            "the router's `scram` challenge can't be answered: it has no `nonce`",
        ),
        (
            "ticket",
            challenge("wampcra", challenge="{}"),
            "the router asks for `wampcra`, and the component has only `ticket` in its `authentication`",
        ),
        (None, challenge("ticket"), "the router asks for `ticket`, and the component has no `authentication`"),
    ],
)
def test_a_challenge_that_can_not_be_answered(run: Run, method: str | None, asked: Any, said: str) -> None:
    problem = run(lambda: problem_with(asked, "failed", method))
    assert (problem.kind, problem.message) == (Kind.AUTH, said)


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (
            {"scram_server_signature": base64.b64encode(b"x" * 32).decode()},
            "the router's signature is wrong: it does not know the password",
        ),
        ({"scram_server_signature": "abc"}, "the router's signature can't be verified: Incorrect padding"),
        ({}, "the router's signature can't be verified: the welcome has none"),
        (None, "the router's signature can't be verified: the welcome has none"),
    ],
)
def test_a_router_that_does_not_prove_that_it_knows_the_password(run: Run, extra: Any, said: str) -> None:
    welcome = say(lambda _: _welcome("scram", extra))
    problem = run(lambda: problem_with(scram_challenge, "fatal", "scram", welcome))
    assert (problem.kind, problem.uri, problem.message) == (Kind.AUTH, "wamp.error.authentication_failed", said)


def test_a_router_that_does_prove_it(run: Run) -> None:
    def welcome(client: Client, _authenticate: Any) -> None:
        (hello, _) = client.heard
        nonce = hello.authextra["nonce"]
        said = f"n={AUTHID},r={nonce},r={nonce}more,s={SALT},i=10,c=,r={nonce}more"
        salted = hashlib.pbkdf2_hmac("sha256", SECRET.encode(), b"salt of the router", 10)
        key = hmac.digest(salted, b"Server Key", "sha256")
        signature = base64.b64encode(hmac.digest(key, said.encode(), "sha256")).decode()
        client.send(_welcome("scram", {"scram_server_signature": signature}))

    async def scenario() -> None:
        listener = Listener()
        listener.peer.answers |= {message.Hello: scram_challenge, message.Authenticate: welcome}
        fleet = Supervised(component(listener.url, main=stays, authentication=AUTHENTICATION["scram"])).start()
        await fleet.until("running")
        await fleet.stop()
        await listener.die()

    run(scenario)


@pytest.mark.parametrize(
    ("hello", "said"),
    [
        (_welcome("scram", {}), "the router's signature can't be verified: the welcome has none"),
        (_welcome("anonymous"), "the router took it by `anonymous`, which it did not offer"),
    ],
)
def test_a_router_that_welcomes_it_without_asking(run: Run, hello: Any, said: str) -> None:
    problem = run(lambda: problem_with(say(lambda _: hello), "fatal", "scram"))
    assert (problem.kind, problem.uri, problem.message) == (Kind.AUTH, "wamp.error.authentication_failed", said)


def test_an_answer_of_the_components_own_that_fails_keeps_its_own_error(run: Run) -> None:
    class Dry(ApplicationSession):
        def onChallenge(self, challenge: Any) -> Any:
            return challenge.extra["kettle"]

    problem = run(lambda: problem_with(challenge("ticket"), "failed", None, main=None, session_factory=Dry))
    assert (problem.kind, problem.type, problem.message) == (Kind.AUTH, "KeyError", "'kettle'")


@pytest.mark.parametrize("method", ["anonymous", "ticket", "wampcra", "cryptosign", "scram", "anonymous-proxy"])
def test_hello_says_who_it_is_whatever_the_method(run: Run, method: str) -> None:
    async def scenario() -> None:
        listener = Listener()
        table = {**AUTHENTICATION[method][method], "authid": AUTHID, "authrole": "cook"}
        extra = {} if method == "scram" else table.get("authextra", {"floor": 3})
        authentication = {method: table | ({"authextra": extra} if extra else {})}
        authentication |= {"anonymous": {}} if method != "anonymous" else {}
        fleet = Supervised(component(listener.url, main=stays, authentication=authentication)).start()
        await fleet.until("running")
        hello = listener.peer.client.heard[0]
        assert (hello.authid, hello.authrole) == (AUTHID, "cook")
        assert list(hello.authmethods) == list(authentication)
        assert extra.items() <= (hello.authextra or {}).items()
        assert (method == "cryptosign") == ((hello.authextra or {}).get("pubkey") == PUBLIC_KEY)
        assert (method == "scram") == ("nonce" in (hello.authextra or {}))
        await fleet.stop()
        await listener.die()

    run(scenario)
