"""One attempt to run a component over one transport, from the first byte to the last.

An attempt reports `Ready` once at most, `Ending` when it goes down by itself and needs time for it, and `Ended` exactly
once, when it holds nothing any more: no connection, no half-made connection, no running user code. The first cause of
its end is its outcome; whatever follows from that (a call that fails because the router is gone) is not.

The way down is the same for all: user code that still runs is cancelled, and may still use the session; then the
session leaves; then the transport is closed. `abort` cuts it short at any point.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.failure import Failure

from wampsup.model import outcome as out
from wampsup.model.event import Ended, Ending, Event, Ready
from wampsup.model.state import Joined, Kind, Problem
from wampsup.wamp.adopt import lend_session
from wampsup.wamp.client import SingleTry, disconnect, said_goodbye
from wampsup.wamp.context import of_component, within
from wampsup.wamp.endpoints import client_endpoint
from wampsup.wamp.transport import transport_factory
from wampsup.wamp.watched import watch_session
from wampsup.wamp.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.wamp.blueprint import Blueprint


class Phase(Enum):
    """How far the attempt has come; the value says what it was at when time ran out."""

    CONNECTING = "no connection"
    OPENING = "connected, but the opening handshake did not finish"
    JOINING = "connected, but the router did not let it join"
    HANDLERS = "joined, but its join handlers did not finish"
    READY = "ready"


class Attempt:
    """One attempt; `report` takes its events and may be called from within any method here."""

    _log = Logger()

    def __init__(
        self, blueprint: Blueprint, number: int, transport: int, reactor: Any, report: Callable[[Event], None]
    ) -> None:
        self._number = number
        self._blueprint = blueprint
        self._transport = blueprint.transports[transport]
        self._reactor = reactor
        self._report = report
        self._context = of_component(blueprint.name)
        self._phase = Phase.CONNECTING
        self._outcome: out.Outcome | None = None
        self._over = False
        self._work = Work(self._work_done)
        self._component: SingleTry | None = None
        self._tried = False
        self._connecting: defer.Deferred[Any] | None = None
        self._protocol: Any = None
        self._session: Any = None

    # What the supervisor wants.

    def begin(self) -> None:
        """Start a fresh Component; everything that goes wrong from here on is reported as the outcome."""
        self._component = SingleTry(self._blueprint, self)
        within(self._context, self._component.start)(self._reactor).addBoth(self._component_done)

    def leave(self) -> None:
        """End in order; what has not joined yet is cut off."""
        if self._outcome is None:
            self._outcome = out.Stopped()
            self._wind_down()

    def time_out(self, after: float) -> None:
        """It was not ready within `after` seconds."""
        if self._outcome is None:
            joined = self._phase in {Phase.HANDLERS, Phase.READY}
            self._outcome = self._blueprint.judge.timed_out(f"{self._phase.value} within {after:g} s", joined=joined)
            self._cut_off()

    def abort(self, after: float | None) -> None:
        """End at once: `after` seconds were not enough to leave, or nobody waits (`None`)."""
        if self._outcome in {None, out.Stopped()}:
            self._outcome = out.Stopped(problem=None if after is None else _did_not_leave(after))
        self._cut_off()

    # What Autobahn's Component tells (`client.Hooks`).

    def make_session(self, config: Any) -> Any:
        """The user's session, under our eyes."""
        try:
            session = self._blueprint.session_factory(config)
        except Exception as error:
            self.ended_with(error)
            raise
        watch_session(session, self)
        if self._blueprint.original is not None:
            lend_session(self._blueprint.original, session)
        self._session = session
        return session

    def heard(self, event: str, *args: Any) -> defer.Deferred[Any]:
        """One of Component's events; the user's listeners run."""
        going_up = event in {"start", "connect", "join", "ready"}
        if going_up and self._outcome is not None:
            return defer.succeed(None)
        if event == "connect":
            self._phase = Phase.JOINING
        elif event == "join":
            self._phase = Phase.HANDLERS
        elif event == "ready":
            self._ready()
        run = self.run_handler if going_up else self.run_clean_up
        listeners = tuple(self._blueprint.listeners.get(event, ()))
        return defer.DeferredList([run(listener, *args) for listener in listeners])

    def connect(self, session_factory: Callable[[], Any]) -> defer.Deferred[Any]:
        """Open the transport, in the component's context."""
        if self._outcome is not None:
            raise defer.CancelledError
        return within(self._context, self._connect)(session_factory)

    def ended_with(self, error: BaseException) -> None:
        """Autobahn's own reason: news only where nothing else told the cause."""
        if self._outcome is None:
            self._end(self._blueprint.judge.failed(error, Kind.SESSION))

    def losing(self, reason: Failure) -> None:
        """The transport is gone; the session does not know yet."""
        if self._outcome is None and reason.value is not None:
            told = getattr(self._protocol, "wasNotCleanReason", None)
            self._outcome = self._blueprint.judge.lost(reason.value, told)

    def lost(self) -> None:
        """The session knows as well."""
        self._protocol = None
        self._go_down()

    # What the session tells (`watched.Watcher`).

    def run_handler(self, handler: Callable[..., Any], *args: Any) -> defer.Deferred[Any]:
        """Run a handler of the way up; an error in it is a failure of the attempt."""
        if self._outcome is not None:
            return defer.succeed(None)
        return self._work.run(self._handler_failed, handler, *args)

    def run_clean_up(self, handler: Callable[..., Any], *args: Any) -> defer.Deferred[Any]:
        """Run a handler of the way down; an error in it changes nothing any more."""
        return self._work.run(self._clean_up_failed, handler, *args, clean_up=True)

    def refused(self, error: BaseException) -> None:
        """The component did not accept the router's welcome."""
        if self._outcome is None:
            self._end(self._blueprint.judge.failed(error, Kind.AUTH))

    def leaving(self, details: Any) -> None:
        """The session is over. Where its transport was lost, `losing` has told why."""
        if self._outcome is None:
            joined = self._phase in {Phase.HANDLERS, Phase.READY}
            self._outcome = self._blueprint.judge.left(details, joined=joined, asked=said_goodbye(self._session))

    def left(self) -> None:
        """Nothing is left to do but to close."""
        self._go_down()

    # On the way up.

    def _connect(self, session_factory: Callable[[], Any]) -> defer.Deferred[Any]:
        factory = transport_factory(self._transport, session_factory, self._reactor)
        self._connecting = client_endpoint(self._transport, self._reactor).connect(factory)
        self._tried = True
        return self._connecting.addCallbacks(self._connected, self._not_connected)

    def _connected(self, protocol: Any) -> Any:
        self._connecting = None
        self._protocol = protocol
        self._phase = Phase.OPENING
        protocol.dataReceived = within(self._context, protocol.dataReceived)
        return protocol

    def _not_connected(self, failure: Failure) -> Failure:
        self._connecting = None
        self.losing(failure)
        self._go_down()
        return failure

    def _ready(self) -> None:
        self._phase = Phase.READY
        session = self._session
        joined = Joined(session_id=session.session_id, realm=session.realm, transport=self._transport.url)
        self._report(Ready(attempt=self._number, joined=joined))
        if self._blueprint.main is not None and self._outcome is None:
            running = self._work.run(self._main_failed, self._blueprint.main, self._reactor, session)
            running.addCallback(self._main_done)

    # What the user's code comes to.

    def _main_done(self, succeeded: bool) -> None:  # noqa: FBT001 - a Deferred's result
        if succeeded and self._outcome is None:
            self._end(out.Completed())

    def _main_failed(self, error: BaseException) -> None:
        self._failed(error, Kind.MAIN)

    def _handler_failed(self, error: BaseException) -> None:
        if self._outcome is None and self._blueprint.on_user_error == "log":
            self._log.failure("a handler failed, and on_user_error is `log`", failure=Failure(error))
        else:
            self._failed(error, Kind.HANDLER)

    def _failed(self, error: BaseException, kind: Kind) -> None:
        if self._outcome is None:
            self._end(self._blueprint.judge.failed(error, kind))
        elif not isinstance(error, defer.CancelledError):
            self._log.info("what its end led to: {error!r}", error=error)

    def _clean_up_failed(self, error: BaseException) -> None:
        self._log.failure("an error on the way down", failure=Failure(error))

    def _work_done(self) -> None:
        if self._outcome is not None:
            self._wind_down()

    # On the way down.

    def _end(self, outcome: out.Outcome) -> None:
        self._outcome = outcome
        self._go_down()

    def _go_down(self) -> None:
        """Go down by itself, and say so where that takes time."""
        self._wind_down()
        if not self._over and not isinstance(self._outcome, out.Stopped):
            self._report(Ending(attempt=self._number))

    def _wind_down(self) -> None:
        """Take the next step on the way down; called again whenever one is done."""
        self._work.cancel()
        if not self._work:
            self._close()
        self._check_over()

    def _close(self) -> None:
        if self._protocol is None:
            self._cut_off()
        elif self._phase in {Phase.OPENING, Phase.JOINING}:
            self._protocol.transport.abortConnection()
        elif not self._session.is_attached():
            disconnect(self._session)
        elif not said_goodbye(self._session):
            self._session.leave()

    def _cut_off(self) -> None:
        """Drop the transport, or what is to become one."""
        self._work.abandon()
        if self._connecting is not None:
            self._connecting.cancel()
        elif self._protocol is not None:
            self._protocol.transport.abortConnection()
        elif not self._tried and self._component is not None:
            self._component.stop()  # type: ignore[no-untyped-call]
        self._check_over()

    def _component_done(self, result: Any) -> None:
        """Component's own Deferred has fired: it will not try any more."""
        self._tried = True
        error = result.value if isinstance(result, Failure) else None
        self.ended_with(error or RuntimeError("Component ended without a reason"))
        self._check_over()

    def _check_over(self) -> None:
        holding = self._work or self._connecting is not None or self._protocol is not None or not self._tried
        if not self._over and not holding and self._outcome is not None:
            self._over = True
            self._component = self._session = None
            self._report(Ended(attempt=self._number, outcome=self._outcome))


def _did_not_leave(after: float) -> Problem:
    message = f"it did not leave within {after:g} s; its connection was aborted"
    return Problem(kind=Kind.TIMEOUT, type="TimeoutError", message=message)
