"""Every method of authentication joins a router that demands it, and is refused for good with what is wrong."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession, Session
from autobahn.wamp.auth import create_authenticator

from support.authenticated import AUTHENTICATION, AUTHENTICATOR, AUTHID, METHODS, PUBLIC_KEY, ROLE, SECRET
from support.crossbar import REALM, Crossbar
from support.reactor import until
from support.supervised import Supervised, component, of_kind, stays
from support.tls import Authority
from support.waiting import free_port
from wampsup.config.transports import build_transports
from wampsup.model import event as ev
from wampsup.model.secret import Secret
from wampsup.model.spec import RestartPolicy, TcpEndpoint, TlsSpec
from wampsup.model.state import Kind

if TYPE_CHECKING:
    from autobahn.wamp.types import SessionDetails

    from support.reactor import Run
    from wampsup.model.spec import TransportSpec
    from wampsup.model.state import Problem

each_method = pytest.mark.parametrize("method", METHODS)
each_way = pytest.mark.parametrize("way", ["websocket", "rawsocket"])

WRONG = {"ticket": "wr0ng ticket", "secret": "wr0ng secret", "password": "wr0ng password", "privkey": "ab" * 32}
WITH_SECRET = [method for method in METHODS if not method.startswith("anonymous")]


def secretly(method: str, **changes: Any) -> dict[str, Any]:
    """What a component has to say to a demand, as a fleet file has it."""
    return {
        name: {key: Secret(value) if key in WRONG else value for key, value in {**table, **changes}.items()}
        for name, table in AUTHENTICATION[method].items()
    }


def where(crossbar: Crossbar, way: str, method: str) -> str:
    return crossbar.demanding(method) if way == "websocket" else crossbar.demanding_rawsocket_url


async def joined(over: str | TransportSpec, **spec: Any) -> SessionDetails:
    """How the router took a component."""
    details: list[SessionDetails] = []
    own = Component(**spec.pop("own")) if "own" in spec else Component()
    own.on_join(lambda _session, joined: details.append(joined))
    fleet = Supervised(component(over, component=own, **spec)).start()
    await fleet.until("running")
    await until(lambda: details)
    await fleet.stop()
    return details[0]


async def refused(over: str | TransportSpec, **spec: Any) -> Problem:
    """Why a component is `fatal`, at its first attempt."""
    fleet = Supervised(component(over, **{"main": stays, **spec})).start()
    await fleet.until("fatal")
    problem = fleet.problem()
    assert (fleet.core().attempts, problem.kind) == (1, Kind.AUTH)
    await fleet.gone()
    return problem


@each_way
@each_method
def test_each_method_joins_a_router_that_demands_it(run: Run, crossbar: Crossbar, method: str, way: str) -> None:
    details = run(lambda: joined(where(crossbar, way, method), authentication=secretly(method)))
    assert details.authmethod == next(iter(AUTHENTICATION[method]))
    assert details.authrole == ROLE
    assert method == "anonymous" or details.authid == AUTHID


@each_way
@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("ticket", "ticket in static WAMP-Ticket authentication is invalid"),
        ("wampcra", "WAMP-CRA client signature is invalid"),
        ("wampcra-salted", "WAMP-CRA client signature is invalid"),
        ("cryptosign", "extra.pubkey provided does not match any one of authorized_keys for the principal"),
        ("scram", "SCRAM authentication failed"),
        ("scram-pbkdf2", "SCRAM authentication failed"),
    ],
)
def test_a_wrong_secret_is_fatal(run: Run, crossbar: Crossbar, method: str, said: str, way: str) -> None:
    authentication = secretly(method)
    (table,) = authentication.values()
    table.update({key: Secret(wrong) for key, wrong in WRONG.items() if key in table})
    problem = run(lambda: refused(where(crossbar, way, method), authentication=authentication))
    assert (problem.uri, problem.message) == ("wamp.error.not_authorized", said)


@pytest.mark.parametrize("method", WITH_SECRET)
def test_a_wrong_authid_is_fatal_and_not_told(run: Run, crossbar: Crossbar, method: str) -> None:
    authentication = secretly(method, authid="nobody")
    problem = run(lambda: refused(crossbar.demanding(method), authentication=authentication))
    assert (problem.uri, problem.message) == ("wamp.error.not_authorized", 'no principal with authid "..." exists')


@each_method
def test_a_method_that_the_router_does_not_take_is_fatal(run: Run, crossbar: Crossbar, method: str) -> None:
    other = crossbar.demanding("wampcra" if method == "ticket" else "ticket")
    problem = run(lambda: refused(other, authentication=secretly(method)))
    assert problem.uri == "wamp.error.no_auth_method"
    assert problem.message == (
        f"cannot authenticate [2] using any of the offered authmethods ['{next(iter(AUTHENTICATION[method]))}']"
    )


@pytest.mark.parametrize(
    ("extra", "kind", "uri"),
    [
        ({"proxy_authrole": "king"}, Kind.AUTH, "wamp.error.no_such_role"),
        ({"proxy_realm": "nowhere"}, Kind.WAMP, "wamp.error.no_such_realm"),
    ],
)
def test_a_proxy_that_speaks_for_what_is_not_there(
    run: Run, crossbar: Crossbar, extra: dict[str, str], kind: Kind, uri: str
) -> None:
    async def scenario() -> None:
        said = AUTHENTICATION["anonymous-proxy"]["anonymous-proxy"]["authextra"] | extra
        authentication = {"anonymous-proxy": {"authextra": said}}
        over = crossbar.demanding("anonymous-proxy")
        fleet = Supervised(component(over, main=stays, authentication=authentication)).start()
        await fleet.until("fatal")
        assert (fleet.problem().kind, fleet.problem().uri) == (kind, uri)
        await fleet.gone()

    run(scenario)


def test_a_proxy_says_what_the_session_is_welcomed_with(run: Run, crossbar: Crossbar) -> None:
    extra = AUTHENTICATION["anonymous-proxy"]["anonymous-proxy"]["authextra"] | {"proxy_authextra": {"floor": 3}}
    authentication = {"anonymous-proxy": {"authextra": extra}}
    details = run(lambda: joined(crossbar.demanding("anonymous-proxy"), authentication=authentication))
    assert (details.authextra or {})["floor"] == 3


@pytest.mark.parametrize("method", ["anonymous", "ticket"])
def test_authextra_reaches_the_router_with_its_secrets(run: Run, crossbar: Crossbar, method: str) -> None:
    authentication = secretly(method, authextra={"floor": 3, "door": {"code": Secret("4711 please")}})
    details = run(lambda: joined(crossbar.demanding(method), authentication=authentication))
    told = details.authextra or {}
    assert told["floor"] == 3
    assert told["door"] == {"code": "4711 please"}


@pytest.mark.parametrize("role", [ROLE, "anonymous"])
def test_a_router_that_decides_by_itself_is_told_role_and_authextra(run: Run, crossbar: Crossbar, role: str) -> None:
    async def scenario() -> SessionDetails:
        def authenticate(_realm: str, authid: str, details: dict[str, Any]) -> dict[str, Any]:
            return {"secret": SECRET, "role": details["authrole"], "extra": {**details["authextra"], "who": authid}}

        async def decides(reactor: Any, session: Any) -> None:
            await session.register(authenticate, AUTHENTICATOR)
            ready.append(True)
            await stays(reactor, session)

        ready: list[bool] = []
        decider = Supervised(component(crossbar.rawsocket_url, main=decides)).start()
        await until(lambda: ready)
        authentication = secretly("wampcra", authrole=role, authextra={"floor": 3})
        details = await joined(crossbar.demanding("dynamic"), authentication=authentication)
        await decider.stop()
        return details

    details = run(scenario)
    assert (details.authrole, details.authextra) == (role, {"floor": 3, "who": AUTHID} | _crossbars(details))


def _crossbars(details: SessionDetails) -> dict[str, Any]:
    """What Crossbar.io adds of its own."""
    return {key: value for key, value in (details.authextra or {}).items() if key.startswith("x_cb_")}


def test_a_public_key_in_authextra_tells_who_it_is(run: Run, crossbar: Crossbar) -> None:
    table = {"privkey": AUTHENTICATION["cryptosign"]["cryptosign"]["privkey"], "authextra": {"pubkey": PUBLIC_KEY}}
    details = run(lambda: joined(crossbar.cryptosign_url, authentication={"cryptosign": table}))
    assert (details.authid, details.authmethod) == (AUTHID, "cryptosign")


# Several methods.


@pytest.mark.parametrize("method", ["ticket", "wampcra", "cryptosign", "scram"])
def test_the_router_picks_one_of_several_methods(run: Run, crossbar: Crossbar, method: str) -> None:
    every = {name: table for each in METHODS for name, table in secretly(each).items() if name != "anonymous-proxy"}
    details = run(lambda: joined(crossbar.demanding(method), authentication=every))
    assert (details.authmethod, details.authid) == (method, AUTHID)


@pytest.mark.parametrize("first", ["wampcra", "ticket", "cryptosign"])
def test_the_first_method_of_the_file_is_offered_first(run: Run, crossbar: Crossbar, first: str) -> None:
    every = {**secretly(first), **secretly("cryptosign"), **secretly("ticket"), **secretly("wampcra")}
    details = run(lambda: joined(crossbar.demanding("any"), authentication=every))
    assert details.authmethod == first


def test_an_authid_counts_for_the_methods_after_it(run: Run, crossbar: Crossbar) -> None:
    # Autobahn would send that of the last method alone.
    every = {**secretly("ticket"), "anonymous": {}}
    details = run(lambda: joined(crossbar.ticket_url, authentication=every))
    assert details.authid == AUTHID


# Authentication that a program brings along.


@pytest.mark.parametrize("method", [method for method in METHODS if method != "scram-pbkdf2"])
def test_an_adopted_component_with_authenticators_that_its_program_has_made(
    run: Run, crossbar: Crossbar, method: str
) -> None:
    made = {name: create_authenticator(name, **table) for name, table in AUTHENTICATION[method].items()}
    own = {"authentication": made}
    details = run(lambda: joined(crossbar.demanding(method), own=own))
    assert details.authmethod == next(iter(made))


@each_method
def test_an_adopted_component_with_tables(run: Run, crossbar: Crossbar, method: str) -> None:
    own = {"authentication": AUTHENTICATION[method]}
    details = run(lambda: joined(crossbar.demanding(method), own=own))
    assert details.authmethod == next(iter(AUTHENTICATION[method]))


def test_the_file_takes_the_place_of_what_an_adopted_component_has(run: Run, crossbar: Crossbar) -> None:
    own = {"authentication": {"ticket": {"authid": "nobody", "ticket": "wr0ng ticket"}}}
    details = run(lambda: joined(crossbar.demanding("any"), own=own, authentication=secretly("wampcra")))
    assert details.authmethod == "wampcra"


def test_an_adopted_component_with_a_wrong_ticket(run: Run, crossbar: Crossbar) -> None:
    own = Component(authentication={"ticket": create_authenticator("ticket", authid="nobody", ticket=SECRET)})
    problem = run(lambda: refused(crossbar.ticket_url, main=None, component=own))
    assert problem.message == 'no principal with authid "..." exists'


class Answers(ApplicationSession):
    """Joins by itself; the ticket comes from `extra`."""

    def onConnect(self) -> None:
        self.join(self.config.realm, ["ticket"], AUTHID)

    def onChallenge(self, challenge: Any) -> Any:
        assert challenge.method == "ticket"
        return self.config.extra["ticket"]


@each_way
def test_a_session_class_that_answers_by_itself(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        over = where(crossbar, way, "ticket")
        extra = {"ticket": Secret(SECRET)}
        fleet = Supervised(component(over, session_factory=Answers, extra=extra)).start()
        await fleet.until("running")
        await fleet.stop()

    run(scenario)
    wrong = {"ticket": Secret("wr0ng ticket")}
    over = where(crossbar, way, "ticket")
    problem = run(lambda: refused(over, main=None, session_factory=Answers, extra=wrong))
    assert problem.message == "ticket in static WAMP-Ticket authentication is invalid"


class ModernAnswers(Session):
    """The same with a `Session`, whose own answer takes the place of any authenticators."""

    def onConnect(self) -> None:
        self.join(REALM, ["ticket"], AUTHID)

    def onChallenge(self, challenge: Any) -> Any:
        return SECRET


def test_a_session_that_answers_by_itself(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        fleet = Supervised(of_kind("session_factory", crossbar.ticket_url, session_factory=ModernAnswers)).start()
        await fleet.until("running")
        await fleet.stop()

    run(scenario)


class JoinsAnyway(Session):
    def onConnect(self) -> None:
        self.join(REALM)


class JoinsAsTold(Session):
    def onConnect(self) -> None:
        self.join(REALM, ["ticket"], AUTHID)


def test_a_session_that_joins_without_its_authentication_is_a_failure(run: Run, crossbar: Crossbar) -> None:
    async def scenario(session: type, state: str) -> str:
        spec: dict[str, Any] = {"authentication": secretly("ticket"), "restart": RestartPolicy(policy="never")}
        fleet = Supervised(component(crossbar.demanding("any"), session_factory=session, **spec)).start()
        await fleet.until(state)
        message = fleet.problem().message if state == "failed" else ""
        await fleet.stop()
        return message

    said = run(lambda: scenario(JoinsAnyway, "failed"))
    assert said == "its session joins by itself, and says nothing of its `authentication`"
    run(lambda: scenario(JoinsAsTold, "running"))


def test_extra_holds_secrets_at_any_depth(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        extra = {"a": [{"b": Secret("deep down")}], "c": 1}
        seen: list[Any] = []

        class Looks(ApplicationSession):
            def onJoin(self, details: Any) -> None:
                seen.append(copy.deepcopy(self.config.extra))
                self.config.extra["a"].clear()

        fleet = Supervised(component(crossbar.rawsocket_url, session_factory=Looks, extra=extra)).start()
        await fleet.until("running")
        await fleet.stop()
        fleet.command(ev.Start())
        await fleet.until("running")
        await fleet.stop()
        assert seen == [{"a": [{"b": "deep down"}], "c": 1}] * 2

    run(scenario)


# Bound to TLS.


class OverTls(Crossbar):
    """A node that demands cryptosign over TLS, at `url`."""

    def __init__(self, certificate: Path) -> None:
        self._certificate = str(certificate)
        self._port = free_port()
        self.url = f"wss://127.0.0.1:{self._port}/ws"
        super().__init__()

    def _config(self) -> dict[str, Any]:
        config = super()._config()
        tls = {"key": self._certificate, "certificate": self._certificate}
        endpoint = {"type": "tcp", "interface": "127.0.0.1", "port": self._port, "tls": tls}
        demand = {"type": "websocket", "serializers": ["cbor"], "auth": METHODS["cryptosign"]}
        paths = {"/": {"type": "static", "directory": "empty"}, "ws": demand}
        config["workers"][0]["transports"].append({"type": "web", "endpoint": endpoint, "paths": paths})
        return config


def test_a_signature_is_bound_to_its_tls_connection(run: Run, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    node = OverTls(authority.sign("127.0.0.1"))
    try:
        node.start()
        (spec,) = build_transports(node.url, tmp_path)
        trusted = TlsSpec(trust_root=(authority.path,))
        over = replace(spec, endpoint=TcpEndpoint(host="127.0.0.1", port=node._port, tls=trusted))
        for binding in ({}, {"channel_binding": "tls-unique"}):
            authentication = secretly("cryptosign", authextra=binding)
            details = run(lambda: joined(over, authentication=authentication))  # noqa: B023 - it has run by then
            assert (details.authmethod, details.authid) == ("cryptosign", AUTHID)
    finally:
        node.close()


def test_a_router_does_not_bind_a_signature_to_a_connection_without_tls(run: Run, crossbar: Crossbar) -> None:
    (spec,) = build_transports(crossbar.cryptosign_url, Path("/"))
    over = replace(spec, endpoint=f"tcp:127.0.0.1:{crossbar.websocket_port}")  # nobody knows whether that has TLS
    authentication = secretly("cryptosign", authextra={"channel_binding": "tls-unique"})
    problem = run(lambda: refused(over, authentication=authentication))
    assert problem.message == 'channel binding "tls-unique" requested, but the transport has no TLS channel ID'
