"""The aware reactor where code is not as simple as it should be: it stays Twisted's reactor, and nobody else pays."""

from __future__ import annotations

import os
import time
import traceback
import warnings
from contextvars import ContextVar, copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet import task
from twisted.internet.base import DelayedCall
from twisted.internet.defer import Deferred, ensureDeferred, inlineCallbacks, returnValue
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.threads import deferToThread
from twisted.protocols.policies import WrappingFactory

from support.reactor import reactor, sleep, until
from wampsup.reactor.account import Account
from wampsup.reactor.ledger import ledger
from wampsup.reactor.scope import Scope, component_name, context_of, within

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from twisted.python.failure import Failure

    from support.logged import LoggedErrors
    from support.reactor import Run


class Component:
    """One whose code runs where `code` says."""

    def __init__(self, name: str = "clock") -> None:
        self.account = Account(name)
        self.context = context_of(Scope(self.account))

    def code(self, function: Callable[..., Any], *args: Any) -> Any:
        return within(self.context, function)(*args)

    @property
    def ms(self) -> float:
        return self.account.busy_ns / 1e6


def burn(seconds: float = 0.02) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


class Readable:
    """Something hand-made to read: the end of a pipe, with one octet in it."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.read, self.write = os.pipe()
        self.work = work
        self.lost: list[Failure] = []
        os.write(self.write, b"x")

    def fileno(self) -> int:
        return self.read

    def logPrefix(self) -> str:
        return "readable"

    def doRead(self) -> None:
        os.read(self.read, 1)
        self.work()

    def connectionLost(self, reason: Failure) -> None:
        self.lost.append(reason)

    def close(self) -> None:
        reactor.removeReader(self)
        os.close(self.read)
        os.close(self.write)


def test_an_event_may_wait_for_others_of_its_own_socket_and_of_other_ones(run: Run) -> None:
    clock, feed = Component("clock"), Component("feed")
    seen: list[tuple[str | None, str]] = []
    sockets: list[Readable] = []
    state: ContextVar[str] = ContextVar("state")

    def work() -> None:
        seen.append((component_name(), state.get("fresh")))
        state.set("used")
        if len(seen) == 1:
            burn()
            os.write(sockets[0].write, b"x")
            feed.code(reactor.callLater, 0, lambda: seen.append((component_name(), state.get("fresh"))))
            reactor.callFromThread(burn)
            for _ in range(3):
                reactor.iterate(0)

    async def scenario() -> None:
        socket = Readable(work)
        sockets.append(socket)
        clock.code(reactor.addReader, socket)
        await until(lambda: len(seen) == 3)
        assert ledger.iterating == 0
        os.write(socket.write, b"x")
        await until(lambda: len(seen) == 4)
        socket.close()

    run(scenario)
    assert sorted(seen[:3]) == [("clock", "fresh"), ("clock", "used"), ("feed", "fresh")]
    assert seen[3] == ("clock", "used")
    assert clock.ms == pytest.approx(40, rel=0.4)
    assert feed.ms < 5


class Answering(Readable):
    """Answers to any name, as a mock or a careless proxy does."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_kwargs: None


class Slotted:
    """Takes no attributes."""

    __slots__ = ("inner",)

    def __init__(self, inner: Readable) -> None:
        self.inner = inner

    def fileno(self) -> int:
        return self.inner.fileno()

    def logPrefix(self) -> str:
        return "slotted"

    def doRead(self) -> None:
        self.inner.doRead()


def test_a_socket_that_answers_to_any_name_is_its_components_and_one_that_takes_none_the_supervisors(run: Run) -> None:
    clock = Component()
    seen: list[str | None] = []

    async def scenario() -> None:
        answering = Answering(lambda: seen.append(component_name()))
        clock.code(reactor.addReader, answering)
        await until(lambda: seen == ["clock"])
        answering.close()
        inner = Readable(lambda: seen.append(component_name()))
        slotted = Slotted(inner)
        clock.code(reactor.addReader, slotted)
        await until(lambda: seen == ["clock", None])
        reactor.removeReader(slotted)
        inner.close()

    run(scenario)


@pytest.mark.parametrize("error", [ValueError, GeneratorExit, SystemExit])
def test_a_socket_whose_event_raises_is_lost_with_its_own_traceback_and_the_reactor_goes_on(
    run: Run, error: type[BaseException]
) -> None:
    clock = Component()

    def fails() -> None:
        burn()
        raise error

    async def scenario() -> str:
        socket = Readable(fails)
        clock.code(reactor.addReader, socket)
        await until(lambda: socket.lost)
        socket.close()
        return socket.lost[0].getTraceback()

    shown = run(scenario)
    assert "in fails\n" in shown
    assert "wampsup/reactor" not in shown
    assert clock.ms == pytest.approx(20, rel=0.4)


@pytest.mark.parametrize("error", [ValueError, GeneratorExit])
def test_a_timer_that_raises_is_logged_with_one_line_of_ours_at_most(
    run: Run, logged_errors: LoggedErrors, error: type[BaseException]
) -> None:
    def dry() -> None:
        raise error

    async def scenario() -> None:
        Component().code(reactor.callLater, 0, dry)
        await sleep(0.01)

    run(scenario)
    (shown,) = logged_errors.take("in dry\n")
    assert shown.count("wampsup/reactor") == 1


def test_a_timer_is_called_as_twisted_calls_it_and_shows_what_it_is_for(run: Run) -> None:
    clock = Component()
    told: list[Any] = []

    def brew(*cups: object, **kind: object) -> None:
        told.append((cups, kind))

    async def scenario() -> None:
        timer = clock.code(reactor.callLater, 60, brew, 1)
        assert "brew(1)" in str(timer)
        assert timer.args == (1,)
        timer.cancel()
        own = reactor.callLater(60, brew)
        assert "brew(" in str(own)
        own.cancel()
        nameless = clock.code(reactor.callLater, 60, partial(brew, 1))
        assert "brew" in str(nameless)
        nameless.cancel()
        reactor.callLater(0, brew, 1, function=2, account=3)
        with pytest.raises(TypeError):
            reactor.callLater(0, brew, 1, delay=2)
        with pytest.raises(AssertionError):
            reactor.callLater(-1, brew)
        with pytest.raises(TypeError, match="None is not callable"):
            reactor.callFromThread(None)
        await until(lambda: told)

    run(scenario)
    assert told == [((1,), {"function": 2, "account": 3})]


def test_debugging_of_timers_shows_where_they_were_made(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        monkeypatch.setattr(DelayedCall, "debug", True)
        timer = Component().code(reactor.callLater, 60, burn)
        assert "test_reactor_hard_cases.py" in "".join(timer.creator)
        assert "burn()" in str(timer)
        timer.cancel()

    run(scenario)


def test_the_traceback_of_a_coroutine_that_another_one_let_go_on_is_its_own(run: Run) -> None:
    clock = Component()

    async def scenario() -> str:
        gate: Deferred[None] = Deferred()

        async def brew() -> None:
            await gate
            raise ValueError("dry")

        brewing = clock.code(ensureDeferred, brew())
        Component("feed").code(gate.callback, None)
        try:
            await brewing
        except ValueError as error:
            return "".join(traceback.format_tb(error.__traceback__))
        return ""

    shown = run(scenario)
    assert "in brew\n" in shown
    assert "wampsup/reactor" not in shown


def test_returning_a_value_from_a_generator_the_old_way_warns_of_nothing_but_its_age(run: Run) -> None:
    async def scenario() -> list[str]:
        gate: Deferred[None] = Deferred()

        @inlineCallbacks
        def old() -> Generator[Deferred[None], Any, None]:
            yield gate
            returnValue(3)

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            value = Component().code(old)
            Component("feed").code(gate.callback, None)
            assert await value == 3
        return [str(each.message) for each in caught]

    assert [said for said in run(scenario) if "causing" in said] == []


def test_the_callbacks_of_a_deferred_are_those_of_who_fires_it(run: Run) -> None:
    seen: list[str | None] = []

    async def scenario() -> None:
        gate: Deferred[None] = Deferred()
        Component("clock").code(gate.addCallback, lambda _: seen.append(component_name()))
        Component("feed").code(gate.callback, None)

    run(scenario)
    assert seen == ["feed"]


def test_a_chain_of_many_coroutines_goes_on_to_its_end(run: Run) -> None:
    async def scenario() -> int:
        gate: Deferred[int] = Deferred()

        async def one(before: Deferred[int]) -> int:
            return await before + 1

        last = gate
        for number in range(60):
            last = Component(f"c{number}").code(ensureDeferred, one(last))
        gate.callback(0)
        return await last

    assert run(scenario) == 60


def test_a_task_that_fails_takes_no_other_one_along(run: Run) -> None:
    seen: list[str | None] = []

    def fails() -> Iterator[None]:
        yield
        raise SystemExit

    def works() -> Iterator[None]:
        for _ in range(5):
            seen.append(component_name())
            yield

    async def scenario() -> None:
        failed = Component("clock").code(task.cooperate, fails()).whenDone()
        worked = Component("feed").code(task.cooperate, works()).whenDone()
        paused = Component("third").code(task.cooperate, works())
        paused.pause()
        with pytest.raises(SystemExit):
            await failed
        await worked
        reactor.callLater(0, paused.resume)
        await paused.whenDone()

    run(scenario)
    assert seen == ["feed"] * 5 + ["third"] * 5


def test_a_looping_call_may_be_reset_and_started_by_others(run: Run) -> None:
    seen: list[str | None] = []

    async def scenario() -> None:
        clock, feed = Component("clock"), Component("feed")
        loop = task.LoopingCall(lambda: seen.append(component_name()))
        clock.code(lambda: loop.start(30, now=False)).addErrback(lambda _: None)
        feed.code(loop.reset)
        timer: Any = loop.call
        timer.reset(0)
        await until(lambda: seen == ["clock"])
        loop.stop()
        feed.code(lambda: loop.start(interval=30, now=True))
        assert seen == ["clock", "feed"]
        loop.stop()

    run(scenario)


def test_a_wrapped_protocol_is_its_components(run: Run) -> None:
    clock, feed = Component("clock"), Component("feed")
    seen: list[str | None] = []

    class Echo(Protocol):
        transport: Any

        def dataReceived(self, data: bytes) -> None:
            seen.append(component_name())
            self.transport.loseConnection()

    class Speaker(Echo):
        def connectionMade(self) -> None:
            self.transport.write(b"x")

        def connectionLost(self, reason: Any = None) -> None:
            seen.append(component_name())

    async def scenario() -> None:
        served: Any = WrappingFactory(Factory.forProtocol(Echo))
        port = clock.code(reactor.listenTCP, 0, served, 50, "127.0.0.1")
        client: Any = Factory.forProtocol(Speaker)
        client.doStart = client.doStop = client.startedConnecting = lambda *_: None
        client.clientConnectionLost = lambda *_: None
        feed.code(reactor.connectTCP, "127.0.0.1", port.getHost().port, client)
        await until(lambda: len(seen) == 2)
        await port.stopListening()

    run(scenario)
    assert seen == ["clock", "feed"]


def test_a_result_that_comes_when_its_component_is_long_gone_is_charged_to_it(run: Run) -> None:
    clock = Component()

    async def scenario() -> None:
        result = clock.code(deferToThread, burn)
        before = clock.account
        clock.context = copy_context()
        await result
        assert before.in_threads_ns / 1e6 == pytest.approx(20, rel=0.4)

    run(scenario)


def test_what_one_does_in_the_name_of_another_is_charged_once(run: Run) -> None:
    clock, feed = Component("clock"), Component("feed")

    async def scenario() -> None:
        def in_its_name() -> None:
            burn()
            clock.code(burn)

        def event() -> None:
            burn()
            feed.code(in_its_name)

        begun = time.thread_time()
        clock.code(event)
        took = (time.thread_time() - begun) * 1e3
        await sleep(0)
        assert clock.ms == pytest.approx(40, rel=0.4)
        assert feed.ms == pytest.approx(20, rel=0.4)
        assert clock.ms + feed.ms <= took + 1

    run(scenario)
