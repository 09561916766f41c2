"""A Component as its user wrote it, supervised: what it holds is taken over, attempt after attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession, Session
from autobahn.wamp import message
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint

from support.peer import Listener, Wire
from support.reactor import reactor, until
from support.supervised import Supervised, component, prepared
from support.trial import Trial
from wampsup.model import outcome as out
from wampsup.model.secret import Secret
from wampsup.model.spec import Backoff, TcpEndpoint, TlsSpec, UnixEndpoint
from wampsup.wamp.adopt import adopt

if TYPE_CHECKING:
    from support.reactor import Run

NOWHERE = "rs://127.0.0.1:1"


def test_autobahn_has_every_private_name_that_we_lean_on() -> None:
    own = Component()
    for name in ("_entry", "_realm", "_extra", "_authentication", "_transports", "_is_fatal", "_listeners"):
        assert hasattr(own, name), name
    for name in ("type", "url", "endpoint", "serializers", "options", "headers", "proxy", "max_retries"):
        assert hasattr(own._transports[0], name), name
    for name in ("initial_retry_delay", "max_retry_delay", "retry_delay_growth", "retry_delay_jitter"):
        assert hasattr(own._transports[0], name), name
    session = ApplicationSession()
    assert session._goodbye_sent is False
    for name in ("_parent", "_listeners"):
        assert getattr(session, name) is None, name


def test_all_of_its_configuration_is_taken_over() -> None:
    def main(_reactor: Any, _session: Any) -> None: ...

    def is_fatal(_error: BaseException) -> bool:
        return False

    native = TCP4ClientEndpoint(reactor, "127.0.0.1", 1)
    tcp = {"type": "tcp", "host": "::1", "port": 2, "version": 6, "timeout": 3, "tls": {"hostname": "kettle"}}
    own = Component(
        main=main,
        realm="kitchen",
        extra={"kettle": "dry"},
        authentication={"anonymous": {}},
        session_factory=ApplicationSession,
        is_fatal=is_fatal,
        transports=[
            {"type": "websocket", "url": "ws://a:1/ws", "endpoint": native, "headers": {"X": "y"}, "max_retries": 7},
            {"type": "websocket", "url": "wss://b:2/ws", "endpoint": tcp, "serializers": ["json"]},
            {
                "type": "rawsocket",
                "url": "rs://c",
                "endpoint": {"type": "unix", "path": "/run/r.sock"},
                "serializer": "json",
                "initial_retry_delay": 1,
                "max_retry_delay": 2,
                "retry_delay_growth": 3,
                "retry_delay_jitter": 0.4,
            },
        ],
    )
    adopted = adopt(own)
    assert (adopted.main, adopted.realm, adopted.extra) == (main, "kitchen", {"kettle": "dry"})
    assert (adopted.session_factory, adopted.is_fatal) == (ApplicationSession, is_fatal)
    assert adopted.authentication == {"anonymous": {}}
    first, second, third = adopted.transports
    assert (first.endpoint, dict(first.headers), first.retry.max_retries) == (native, {"X": Secret("y")}, 7)
    assert second.endpoint == TcpEndpoint(host="::1", port=2, version=6, timeout=3, tls=TlsSpec(hostname="kettle"))
    assert second.serializers == ("json",)
    assert third.endpoint == UnixEndpoint(path="/run/r.sock", timeout=10.0)
    assert third.retry.backoff == Backoff(initial_delay=1, max_delay=2, growth=3, jitter=0.4)


def test_what_the_spec_says_goes_before_what_the_component_says() -> None:
    own = Component(realm="kitchen", transports="ws://127.0.0.1:1/ws", extra={"a": 1})
    taken = prepared(component(NOWHERE, component=own, realm="cellar", extra={"b": 2}))["c"]
    assert (taken.realm, taken.extra(), taken.transports[0].url) == ("cellar", {"b": 2}, NOWHERE)
    assert taken.session_factory is Session


def test_its_decorators_serve_two_attempts_in_a_row(run: Run) -> None:
    async def scenario() -> None:
        listener = Listener()
        own = Component()
        joined: list[int] = []
        left: list[str] = []
        closed: list[bool] = []
        own.on_join(lambda _session, details: joined.append(details.session))
        own.on_leave(lambda _session, details: left.append(details.reason))
        own.on("disconnect", lambda _session, was_clean: closed.append(was_clean))
        own.register("com.example.boil")(lambda: None)
        own.subscribe("com.example.kettle")(lambda: None)
        fleet = Supervised(component(listener.url, component=own)).start()
        for number in (1, 2):
            await until(lambda number=number: len(joined) == number)  # type: ignore[misc]
            await fleet.until("running")
            assert listener.peer.client.heard_a(message.Register)
            assert listener.peer.client.heard_a(message.Subscribe)
            listener.peer.client.abort()
            await until(lambda number=number: len(closed) == number)  # type: ignore[misc]
        assert len(set(joined)) == 2
        assert left == ["wamp.close.transport_lost"] * 2
        assert closed == [False, False]
        await fleet.stop()
        await listener.die()

    run(scenario)


def test_a_listener_that_is_added_later_is_heard(run: Run) -> None:
    async def scenario() -> None:
        own = Component()
        trial = Trial(component=own)
        joined: list[Any] = []
        own.on_join(lambda _session, details: joined.append(details))
        await trial.ready()
        assert len(joined) == 1
        trial.attempt.leave()
        await trial.ended()

    run(scenario)


def test_its_own_stop_ends_it_well(run: Run) -> None:
    async def scenario() -> None:
        own = Component()
        own.on_join(lambda _session, _details: own.stop())
        trial = Trial(component=own)
        assert own.stop().called
        trial.attempt.begin()
        assert await trial.ended() == out.Left()
        assert trial.names == ["Ending", "Ended"]
        assert trial.wire.peer.client.heard_a(message.Goodbye)

    run(scenario)


def test_a_callable_that_returns_a_component_is_called_once(run: Run) -> None:
    async def scenario() -> None:
        listener = Listener()
        made: list[Component] = []

        def make() -> Component:
            made.append(Component())
            return made[-1]

        fleet = Supervised(component(listener.url, component=make)).start()
        await fleet.until("running")
        listener.peer.client.abort()
        await until(lambda: fleet.core().reconnects == 1)
        await fleet.until("running")
        assert len(made) == 1
        await fleet.stop()
        await listener.die()

    run(scenario)


def test_a_native_endpoint_is_used_as_it_is(run: Run) -> None:
    async def scenario() -> None:
        wire = Wire()
        own = Component(transports={"type": "websocket", "url": "ws://127.0.0.1:1/ws", "endpoint": wire})
        taken = prepared(component(NOWHERE, component=own, transports=None))["c"]
        assert taken.transports[0].endpoint is wire

    run(scenario)


def test_an_endpoint_that_connects_although_it_was_cancelled_brings_no_session(run: Run) -> None:
    async def scenario() -> None:
        wire = Wire(delayed=True)
        made: list[Any] = []

        class Counted(ApplicationSession):
            def __init__(self, config: Any) -> None:
                made.append(config)
                super().__init__(config)

        trial = Trial(wire, session_factory=Counted)
        trial.attempt.begin()
        await trial.until(lambda: wire.waiting, "the connecting")
        trial.attempt.leave()
        assert await trial.ended() == out.Stopped()
        assert wire.cancelled
        wire.make()
        await trial.turns()
        assert not wire.connected
        assert not made

    run(scenario)


def test_an_endpoint_whose_connection_is_gone_before_it_tells_is_a_lost_one(run: Run) -> None:
    async def scenario() -> None:
        wire = Wire(delayed=True)
        trial = Trial(wire, main=lambda _reactor, _session: Deferred())
        trial.attempt.begin()
        await trial.until(lambda: wire.waiting, "the connecting")
        protocol = wire.make()
        wire.lose()
        assert wire.waiting is not None
        wire.waiting.callback(protocol)
        outcome = await trial.ended()
        assert isinstance(outcome, out.Lost)
        assert outcome.problem.message == "the connection was lost"

    run(scenario)
