"""The last error says what really happened, and nothing that only followed from it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession
from autobahn.wamp import message
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import deferLater

from support import authenticated
from support.peer import Listener, say
from support.proxy import Proxy
from support.reactor import reactor, until
from support.supervised import Supervised, component, stays, transport
from support.waiting import free_port
from wampsup.model import event as ev
from wampsup.model.spec import RestartPolicy
from wampsup.model.state import Kind

if TYPE_CHECKING:
    from support.crossbar import Crossbar
    from support.logged import LoggedErrors
    from support.reactor import Run
    from wampsup.model.state import Problem

ONCE = RestartPolicy(policy="never")
each_way = pytest.mark.parametrize("way", ["websocket", "rawsocket"])


def url_of(crossbar: Crossbar, way: str) -> str:
    return crossbar.websocket_url if way == "websocket" else crossbar.rawsocket_url


async def problem_of(state: str, where: Any, **code: Any) -> Problem:
    """What the component's last error is when it has come to that state; then it is gone."""
    fleet = Supervised(component(where, **{"restart": ONCE, **code})).start()
    await fleet.until(state)
    problem = fleet.problem()
    await fleet.stop()
    return problem


# What the user's own code raises.


class DryConstructor(ApplicationSession):
    def __init__(self, config: Any) -> None:
        raise ValueError("the kettle is dry")


class DryConnect(ApplicationSession):
    def onConnect(self) -> None:
        raise ValueError("the kettle is dry")


class DryWelcome(ApplicationSession):
    def onWelcome(self, welcome: Any) -> None:
        raise ValueError("the kettle is dry")


class NotWelcome(ApplicationSession):
    def onWelcome(self, welcome: Any) -> str:
        return "the router's signature is wrong"


class DryChallenge(ApplicationSession):
    def onConnect(self) -> None:
        self.join("realm1", ["ticket"], authenticated.AUTHID)

    def onChallenge(self, challenge: Any) -> None:
        raise ValueError("the kettle is dry")


class Exits(ApplicationSession):
    def __init__(self, config: Any) -> None:
        raise SystemExit(3)


@each_way
@pytest.mark.parametrize(
    ("session", "kind"),
    [(DryConstructor, Kind.SESSION), (DryConnect, Kind.HANDLER), (DryWelcome, Kind.AUTH)],
)
def test_a_session_class_that_raises(run: Run, crossbar: Crossbar, way: str, session: type, kind: Kind) -> None:
    problem = run(lambda: problem_of("failed", url_of(crossbar, way), session_factory=session))
    assert (problem.kind, problem.type, problem.message) == (kind, "ValueError", "the kettle is dry")
    assert 'raise ValueError("the kettle is dry")' in (problem.traceback or "")


def test_a_session_class_whose_answer_to_a_challenge_raises(run: Run, crossbar: Crossbar) -> None:
    problem = run(lambda: problem_of("failed", crossbar.ticket_url, session_factory=DryChallenge))
    assert (problem.kind, problem.type, problem.message) == (Kind.AUTH, "ValueError", "the kettle is dry")
    assert 'raise ValueError("the kettle is dry")' in (problem.traceback or "")


@each_way
def test_a_session_that_does_not_accept_its_welcome(run: Run, crossbar: Crossbar, way: str) -> None:
    problem = run(lambda: problem_of("failed", url_of(crossbar, way), session_factory=NotWelcome))
    assert (problem.kind, problem.uri) == (Kind.AUTH, "wamp.error.cannot_authenticate")
    assert problem.message == "the router's signature is wrong"


@each_way
def test_a_session_factory_that_makes_no_session(run: Run, crossbar: Crossbar, way: str) -> None:
    problem = run(lambda: problem_of("failed", url_of(crossbar, way), session_factory=lambda _config: None))
    assert (problem.kind, problem.type) == (Kind.SESSION, "TypeError")
    assert problem.message == "session_factory returned None, which is no session"


def exits(_reactor: Any, _session: Any) -> None:
    raise SystemExit(3)


async def exits_later(_reactor: Any, session: Any) -> None:
    await session.call("wamp.session.count")
    raise SystemExit(3)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ({"main": exits}, Kind.MAIN),
        ({"main": exits_later}, Kind.MAIN),
        ({"session_factory": Exits}, Kind.SESSION),
    ],
)
def test_sys_exit_in_a_component_ends_that_component_alone(
    run: Run, crossbar: Crossbar, code: dict[str, Any], kind: Kind
) -> None:
    problem = run(lambda: problem_of("failed", crossbar.rawsocket_url, **code))
    assert (problem.kind, problem.type, problem.message) == (kind, "SystemExit", "3")


def test_an_on_leave_that_raises_is_logged_and_hides_no_cause(
    run: Run, crossbar: Crossbar, logged_errors: LoggedErrors
) -> None:
    class DryLeave(ApplicationSession):
        def onLeave(self, details: Any) -> None:
            raise ValueError("the kettle is dry")

    async def scenario() -> None:
        proxy = Proxy(crossbar.rawsocket_url)
        fleet = Supervised(component(proxy.url, session_factory=DryLeave)).start()
        await fleet.until("running")
        proxy.drop()
        await until(lambda: fleet.core().reconnects == 1)
        assert (fleet.problem().kind, fleet.problem().message) == (Kind.CONNECTION, "the connection was lost")
        await fleet.until("running")
        assert await fleet.stop() < 0.5
        await proxy.close()

    run(scenario)
    assert len(logged_errors.take("a handler of the way out failed(.|\n)*the kettle is dry")) == 2


# What happens to the connection.


@each_way
def test_nobody_listens(run: Run, way: str) -> None:
    port = free_port()
    url = f"ws://127.0.0.1:{port}/ws" if way == "websocket" else f"rs://127.0.0.1:{port}"
    problem = run(lambda: problem_of("reconnecting", url, main=stays))
    assert (problem.kind, problem.message) == (Kind.CONNECTION, "connection refused")
    assert problem.type == "twisted.internet.error.ConnectionRefusedError"


def test_no_such_unix_socket(run: Run) -> None:
    problem = run(lambda: problem_of("reconnecting", "rs://unix:/nowhere/router.sock", main=stays))
    assert (problem.kind, problem.message) == (Kind.CONNECTION, "no such file or directory")


def test_no_such_name(run: Run) -> None:
    problem = run(lambda: problem_of("reconnecting", "rs://no-such-name.invalid:80", main=stays))
    assert problem.kind is Kind.CONNECTION
    assert "no-such-name.invalid" in problem.message


def test_nothing_at_that_websocket_path(run: Run, crossbar: Crossbar) -> None:
    url = crossbar.websocket_url.replace("/ws", "/nothing")
    problem = run(lambda: problem_of("reconnecting", url, main=stays))
    assert problem.kind is Kind.CONNECTION
    assert "404" in problem.message


def test_a_rawsocket_client_at_a_websocket_port_gets_no_answer(run: Run, crossbar: Crossbar) -> None:
    url = f"rs://127.0.0.1:{crossbar.websocket_port}"
    problem = run(lambda: problem_of("reconnecting", url, main=stays, start_timeout=0.3))
    assert problem.message == "connected, but the opening handshake did not finish within 0.3 s"


def test_a_websocket_client_at_a_rawsocket_port(run: Run, crossbar: Crossbar) -> None:
    url = f"ws://127.0.0.1:{crossbar.rawsocket_port}/ws"
    problem = run(lambda: problem_of("reconnecting", url, main=stays))
    assert problem.kind is Kind.CONNECTION


def test_what_answers_is_no_rawsocket_router(run: Run) -> None:
    async def scenario() -> Problem:
        class Web(Protocol):
            transport: Any

            def connectionMade(self) -> None:
                self.transport.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        port = reactor.listenTCP(0, Factory.forProtocol(Web), interface="127.0.0.1")
        problem = await problem_of("reconnecting", f"rs://127.0.0.1:{port.getHost().port}", main=stays)
        await port.stopListening()
        return problem

    problem = run(scenario)
    assert problem.kind is Kind.CONNECTION
    assert problem.message == "the router broke the protocol, and the connection was aborted"


@each_way
def test_the_router_vanishes_while_main_awaits_a_call(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        waits: list[str] = []

        async def main(_reactor: Any, session: Any) -> None:
            await session.register(Deferred, "com.example.never")
            waits.append("waits")
            try:
                await session.call("com.example.never")
            finally:
                waits.clear()

        proxy = Proxy(url_of(crossbar, way))
        fleet = Supervised(component(proxy.url, main=main)).start()
        await until(lambda: waits)
        proxy.drop()
        await until(lambda: fleet.core().reconnects == 1)
        assert fleet.problem().kind is Kind.CONNECTION
        assert fleet.problem().message == "the connection was lost"
        assert fleet.core().restarts == 0
        await until(lambda: waits)
        await fleet.stop()
        await proxy.close()

    run(scenario)


@pytest.mark.parametrize("reason", ["wamp.close.system_shutdown", "wamp.close.normal", "com.example.maintenance"])
def test_the_router_says_goodbye_of_its_own_accord(run: Run, reason: str) -> None:
    async def scenario() -> None:
        listener = Listener()
        fleet = Supervised(component(listener.url, main=stays)).start()
        await fleet.until("running")
        listener.peer.client.send(message.Goodbye(reason))
        await until(lambda: fleet.core().reconnects == 1)
        assert fleet.problem().kind is Kind.CONNECTION
        assert fleet.problem().message == f"the router closed the session ({reason})"
        await fleet.stop()
        await listener.die()

    run(scenario)


# What is fatal.


def never(_error: BaseException) -> bool:
    return False


def always(_error: BaseException) -> object:
    return "yes"


def key_error(_reactor: Any, _session: Any) -> None:
    raise KeyError("kettle")


async def refused_call(_reactor: Any, session: Any) -> None:
    await session.call("com.example.nobody.offers.this")


@pytest.mark.parametrize(
    ("is_fatal", "main", "state"),
    [
        (lambda error: isinstance(error, KeyError), key_error, "fatal"),
        (never, key_error, "failed"),
        (("builtins.KeyError",), key_error, "fatal"),
        (("builtins.LookupError",), key_error, "fatal"),
        (("builtins.ValueError",), key_error, "failed"),
        (("wamp.error.*",), refused_call, "fatal"),
        (("wamp.error.no_such_procedure",), refused_call, "fatal"),
        (("wamp.error.canceled", "com.example.*"), refused_call, "failed"),
        (("autobahn.wamp.exception.ApplicationError",), refused_call, "fatal"),
        (("KeyError",), key_error, "fatal"),
        (("builtins:LookupError",), key_error, "fatal"),
        ("builtins:LookupError", key_error, "fatal"),
        ("builtins:ValueError", key_error, "failed"),
        (("com.example.*", "wamp.error.[mn]*"), refused_call, "fatal"),
        (("*",), refused_call, "fatal"),
        (("*",), key_error, "failed"),
        ((f"{__name__}:never", "builtins.KeyError"), key_error, "fatal"),
        ((f"{__name__}:never", f"{__name__}:always"), key_error, "fatal"),
        ((f"{__name__}:never",), key_error, "failed"),
        ((), key_error, "failed"),
        (None, refused_call, "failed"),
    ],
)
def test_is_fatal_in_all_its_forms(run: Run, crossbar: Crossbar, is_fatal: Any, main: Any, state: str) -> None:
    problem = run(lambda: problem_of(state, crossbar.rawsocket_url, main=main, is_fatal=is_fatal))
    assert problem.kind is Kind.MAIN
    if main is refused_call:
        assert problem.uri == "wamp.error.no_such_procedure"


async def later(_error: BaseException) -> bool:
    return False


@pytest.mark.parametrize(
    ("is_fatal", "returned"),
    [
        (lambda _error: succeed(None), "Deferred"),
        (lambda _error: fail(ValueError()), "Deferred"),
        (lambda error: later(error), "coroutine"),  # noqa: PLW0108 - else it is found before
        (lambda error: (each for each in error.args), "generator"),
    ],
)
def test_a_predicate_that_answers_later_is_reported_and_the_error_is_fatal(
    run: Run, crossbar: Crossbar, is_fatal: Any, returned: str
) -> None:
    problem = run(lambda: problem_of("fatal", crossbar.rawsocket_url, main=key_error, is_fatal=is_fatal))
    assert problem.kind is Kind.IS_FATAL
    assert problem.message == (
        f"is_fatal raised TypeError: it returned a {returned}, and has to answer at once, "
        "when asked about KeyError: 'kettle'"
    )


def test_the_predicate_of_an_adopted_component_counts_unless_the_file_has_one(run: Run, crossbar: Crossbar) -> None:
    def own() -> Component:
        return Component(main=key_error, is_fatal=lambda error: isinstance(error, KeyError))

    url = crossbar.rawsocket_url
    assert run(lambda: problem_of("fatal", url, component=own())).type == "KeyError"
    assert run(lambda: problem_of("failed", url, component=own(), is_fatal=("builtins.ValueError",))).type == "KeyError"
    assert run(lambda: problem_of("fatal", url, component=own(), is_fatal_default=False)).type == "KeyError"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("wamp.error.no_such_realm", Kind.WAMP),
        ("wamp.error.no_such_role", Kind.AUTH),
        ("wamp.error.not_authorized", Kind.AUTH),
        ("wamp.error.authentication_failed", Kind.AUTH),
        ("wamp.error.authentication_denied", Kind.AUTH),
        ("wamp.error.no_matching_auth_method", Kind.AUTH),
        ("wamp.error.protocol_violation", Kind.WAMP),
    ],
)
@pytest.mark.parametrize("default", [True, False])
def test_the_built_in_table(run: Run, reason: str, kind: Kind, default: bool) -> None:  # noqa: FBT001 - a parameter
    async def scenario() -> None:
        listener = Listener()
        listener.peer.answers[message.Hello] = say(lambda _: message.Abort(reason, "go away"))
        spec = component(listener.url, main=stays, restart=ONCE, is_fatal_default=default)
        fleet = Supervised(spec).start()
        await fleet.until("fatal" if default else "failed")
        assert (fleet.problem().kind, fleet.problem().uri, fleet.problem().message) == (kind, reason, "go away")
        await fleet.gone()
        await listener.die()

    run(scenario)


# The way out.


@each_way
def test_a_main_may_still_use_its_session_when_it_is_cancelled(run: Run, crossbar: Crossbar, way: str) -> None:
    async def scenario() -> None:
        counted: list[int] = []
        started: list[bool] = []

        async def main(_reactor: Any, session: Any) -> None:
            started.append(True)
            try:
                await Deferred()
            finally:
                counted.append(await session.call("wamp.session.count"))
                counted.append(await session.call("wamp.session.count"))

        fleet = Supervised(component(url_of(crossbar, way), main=main)).start()
        await until(lambda: started)
        await fleet.stop()
        assert len(counted) == 2
        assert fleet.core().last_error is None

    run(scenario)


@each_way
def test_a_component_whose_own_code_leaves_or_disconnects_has_completed(run: Run, crossbar: Crossbar, way: str) -> None:
    async def leaves(_reactor: Any, session: Any) -> None:
        session.leave()
        await Deferred()

    async def disconnects(_reactor: Any, session: Any) -> None:
        session.disconnect()
        await Deferred()

    async def returns(_reactor: Any, session: Any) -> None:
        pass

    async def scenario() -> None:
        for main in (leaves, disconnects, returns):
            fleet = Supervised(component(url_of(crossbar, way), main=main)).start()
            await fleet.until("completed")
            assert fleet.core().last_error is None
            await fleet.gone()

    run(scenario)


@pytest.mark.parametrize("end", ["leave", "disconnect", "stop"])
@pytest.mark.parametrize("place", ["main", "handler"])
def test_code_that_ends_its_component_after_a_while_and_awaits_is_cancelled(
    run: Run, crossbar: Crossbar, place: str, end: str
) -> None:
    cancelled: list[bool] = []

    async def ends(session: Any) -> None:
        await deferLater(reactor, 0.01, lambda: None)
        own.stop() if end == "stop" else getattr(session, end)()
        try:
            await Deferred()
        finally:
            cancelled.append(True)

    own = Component(main=(lambda _reactor, session: ends(session)) if place == "main" else None)
    if place == "handler":
        own.on_ready(ends)

    async def scenario() -> None:
        over = transport(crossbar.rawsocket_url)
        fleet = Supervised(component(over, component=own, stop_timeout=60.0)).start()
        await fleet.until("completed")
        assert (cancelled, fleet.core().last_error) == ([True], None)
        await fleet.gone()

    run(scenario)


def test_code_that_has_its_component_stopped_and_awaits_is_cancelled(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        async def main(_reactor: Any, _session: Any) -> None:
            await deferLater(reactor, 0.05, lambda: None)
            fleet.command(ev.Stop())
            await Deferred[None]()

        fleet = Supervised(component(crossbar.rawsocket_url, main=main, stop_timeout=60.0)).start()
        await fleet.until("running")
        await fleet.until("stopped")
        await fleet.gone()

    run(scenario)


def test_an_option_that_only_shows_at_connect_is_the_components_failure(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        over = transport(crossbar.rawsocket_url)
        authentication = {"ticket": {"authid": authenticated.AUTHID, "ticket": authenticated.SECRET}}
        own = Component(session_factory=partial(ApplicationSession))
        fleet = Supervised(component(over, component=own, authentication=authentication, restart=ONCE)).start()
        await fleet.until("failed")
        assert fleet.problem().kind is Kind.SESSION
        assert "add_authenticator" in fleet.problem().message
        await fleet.gone()

    run(scenario)
