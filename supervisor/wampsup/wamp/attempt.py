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

from autobahn.wamp.exception import ApplicationError
from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.failure import Failure

from wampsup.model import outcome as out
from wampsup.model.event import Ended, Ending, Ready
from wampsup.model.state import Joined, Kind, Problem
from wampsup.wamp.adopt import lend_session
from wampsup.wamp.client import SingleTry, disconnect
from wampsup.wamp.context import of_component, within
from wampsup.wamp.endpoints import client_endpoint
from wampsup.wamp.problem import connection_kind, describe, session_kind
from wampsup.wamp.transport import transport_factory
from wampsup.wamp.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.model.event import Event
    from wampsup.wamp.blueprint import Blueprint


class Phase(Enum):
    """How far the attempt has come; the value says what it was at when time ran out."""

    CONNECTING = "no connection"
    OPENING = "connected, but the opening handshake did not finish"
    JOINING = "connected, but the router did not let it join"
    HANDLERS = "joined, but its join handlers did not finish"
    READY = "ready"


GOOD_CLOSE = ("wamp.close.normal", "wamp.close.goodbye_and_out")


class Attempt:
    """One attempt; `report` takes its events and may be called from within any method here."""

    _log = Logger()

    def __init__(
        self, blueprint: Blueprint, number: int, transport: int, reactor: Any, report: Callable[[Event], None]
    ) -> None:
        self.number = number
        self._blueprint = blueprint
        self._transport = blueprint.transports[transport]
        self._reactor = reactor
        self._report = report
        self._context = of_component(blueprint.name)
        self._phase = Phase.CONNECTING
        self._outcome: out.Outcome | None = None
        self._work: set[defer.Deferred[Any]] = set()
        self._component: SingleTry | None = None
        self._tried = False
        self._connecting: defer.Deferred[Any] | None = None
        self._protocol: Any = None
        self._session: Any = None
        self._over = False

    # What the supervisor wants.

    def begin(self) -> None:
        """Start a fresh Component; everything that goes wrong from here on is reported as the outcome."""
        self._component = SingleTry(self._blueprint, "ws://localhost", self)
        within(self._context, self._component.start)(self._reactor).addBoth(self._component_done)

    def leave(self) -> None:
        """End in order; what has not joined yet is cut off."""
        if self._outcome is None:
            self._outcome = out.Stopped()
            self._wind_down()

    def time_out(self, after: float) -> None:
        """It was not ready within `after` seconds."""
        if self._outcome is not None:
            return
        error = TimeoutError(f"{self._phase.value} within {after:g} s")
        problem = describe(error, Kind.TIMEOUT)
        joined = self._phase in {Phase.HANDLERS, Phase.READY}
        ended = out.Failed(problem=problem) if joined else out.Lost(problem=problem)
        self._outcome = judge(self._blueprint.is_fatal, error, lambda: ended, Kind.TIMEOUT)
        self._cut_off()

    def abort(self, after: float | None) -> None:
        """End at once: `after` seconds were not enough to leave, or nobody waits (`None`)."""
        if self._outcome in {None, out.Stopped()}:
            self._outcome = out.Stopped(problem=None if after is None else _did_not_leave(after))
        self._cut_off()

    # What Autobahn tells (`Hooks`).

    def make_session(self, config: Any) -> Any:
        """The user's session, with the calls that Autobahn makes to it under our eyes."""
        try:
            session = self._blueprint.session_factory(config)
        except Exception as error:
            self.ended_with(error)
            raise
        session.onConnect = self._watched(session.onConnect)
        session.onJoin = self._watched(session.onJoin)
        session.onWelcome = self._watching_welcome(session.onWelcome)
        session.onLeave = self._watching_leave(session.onLeave)
        if self._blueprint.original is not None:
            lend_session(self._blueprint.original, session)
        self._session = session
        return session

    def heard(self, event: str, *args: Any) -> defer.Deferred[Any]:
        """One of Component's events."""
        if event == "connect":
            self._phase = Phase.JOINING
        elif event == "join":
            self._phase = Phase.HANDLERS
        elif event == "ready" and self._outcome is None:
            self._ready()
        if self._outcome is not None and event in {"start", "connect", "join", "ready"}:
            return defer.succeed(None)
        listeners = tuple(self._blueprint.listeners.get(event, ()))
        return defer.DeferredList([self._run(Kind.HANDLER, listener, *args) for listener in listeners])

    def connect(self, session_factory: Callable[[], Any]) -> defer.Deferred[Any]:
        """Open the transport, in the component's context."""
        if self._outcome is not None:
            raise defer.CancelledError
        return within(self._context, self._connect)(session_factory)

    def ended_with(self, exception: BaseException) -> None:
        """Autobahn's own reason; here it is only news where nothing else told the cause, as a bad authenticator."""
        if self._outcome is None:
            self._end(
                judge(self._blueprint.is_fatal, exception, lambda: _failed(exception, Kind.SESSION), Kind.SESSION)
            )

    def lost(self, reason: Failure) -> None:
        """The transport is gone: the cause, unless there is one already."""
        protocol, self._protocol = self._protocol, None
        if self._outcome is None:
            self._end(self._connection_lost(reason.value, getattr(protocol, "wasNotCleanReason", None)))
        else:
            self._wind_down()

    # On the way up.

    def _connect(self, session_factory: Callable[[], Any]) -> defer.Deferred[Any]:
        factory = transport_factory(self._transport, session_factory, self._reactor)
        endpoint = client_endpoint(self._transport, self._reactor)
        self._tried = True
        self._connecting = endpoint.connect(factory)
        return self._connecting.addCallbacks(self._connected, self._not_connected)

    def _connected(self, protocol: Any) -> Any:
        self._connecting = None
        self._protocol = protocol
        self._phase = max(self._phase, Phase.OPENING, key=list(Phase).index)
        protocol.dataReceived = within(self._context, protocol.dataReceived)
        return protocol

    def _not_connected(self, failure: Failure) -> Failure:
        self._connecting = None
        if self._outcome is None:
            self._end(self._connection_lost(failure.value, None))
        else:
            self._check_over()
        return failure

    def _ready(self) -> None:
        session = self._session
        self._phase = Phase.READY
        joined = Joined(session_id=session.session_id, realm=session.realm, transport=self._transport.url)
        self._report(Ready(attempt=self.number, joined=joined))
        if self._blueprint.main is not None and self._outcome is None:
            running = self._run(Kind.MAIN, self._blueprint.main, self._reactor, session)
            running.addCallback(lambda completed: self._end(out.Completed()) if completed else None)

    # User code.

    def _run(self, kind: Kind, function: Callable[..., Any], *args: Any) -> defer.Deferred[bool]:
        """Run user code; the result tells whether it succeeded, and never fails."""
        work = defer.maybeDeferred(function, *args)
        self._work.add(work)

        def failed(failure: Failure) -> bool:
            self._work_failed(failure, kind)
            return False

        def over(succeeded: bool) -> bool:  # noqa: FBT001 - a Deferred's result
            if work in self._work:
                self._work.discard(work)
                if self._outcome is not None:
                    self._wind_down()
            return succeeded

        return work.addCallbacks(lambda _: True, failed).addCallback(over)

    def _work_failed(self, failure: Failure, kind: Kind) -> None:
        error = failure.value
        if self._outcome is not None:
            if not failure.check(defer.CancelledError):
                self._log.info("on the way out: {error!r}", error=error)
        elif kind is Kind.HANDLER and self._blueprint.on_user_error == "log":
            self._log.failure("a handler failed, and on_user_error is `log`", failure=failure)
        else:
            self._end(judge(self._blueprint.is_fatal, error, lambda: _failed(error, kind), kind))

    def _watched(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """A session method that Autobahn calls on the way up; an error in it is a failure of the attempt."""

        def call(*args: Any) -> defer.Deferred[Any]:
            return self._run(Kind.HANDLER, method, *args) if self._outcome is None else defer.succeed(None)

        return call

    def _watching_welcome(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(welcome: Any) -> defer.Deferred[Any]:
            return defer.maybeDeferred(method, welcome).addCallbacks(answered, failed)

        def answered(refusal: Any) -> Any:
            if refusal is not None:
                self._refused(ApplicationError("wamp.error.cannot_authenticate", str(refusal)))
            return refusal

        def failed(failure: Failure) -> Failure:
            self._refused(failure.value)
            return failure

        return call

    def _refused(self, error: BaseException) -> None:
        self._end(judge(self._blueprint.is_fatal, error, lambda: _failed(error, Kind.AUTH), Kind.AUTH))

    def _watching_leave(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Take the reason down before the user's code learns of it; see that the transport closes in any case."""

        def call(details: Any) -> defer.Deferred[Any]:
            cause = None if self._outcome is not None else self._reason_to_leave(details)
            if cause is not None:
                self._outcome = cause
            done = defer.maybeDeferred(method, details)
            done.addErrback(lambda failure: self._log.failure("onLeave failed", failure=failure))
            return done.addCallback(lambda _: self._end(cause) if cause is not None else self._wind_down())

        return call

    # On the way down.

    def _reason_to_leave(self, details: Any) -> out.Outcome | None:
        if details.reason == "wamp.close.transport_lost":
            return None  # `lost` tells more
        if self._phase is not Phase.JOINING and self._session._goodbye_sent and details.reason in GOOD_CLOSE:
            return out.Left()
        error = ApplicationError(details.reason, details.message or "")
        kind = session_kind(details.reason)
        if details.reason.startswith("wamp.close.") or self._phase is not Phase.JOINING:
            said = f"the router closed the session ({details.reason})"
            problem = Problem(kind=Kind.CONNECTION, type=describe(error, kind).type, uri=details.reason, message=said)
            return judge(self._blueprint.is_fatal, error, lambda: out.Lost(problem=problem), kind)
        return judge(self._blueprint.is_fatal, error, lambda: _failed(error, kind), kind)

    def _connection_lost(self, error: BaseException, told: str | None) -> out.Outcome:
        kind = connection_kind(error)
        problem = describe(error, kind)
        if told is not None:
            problem = Problem(kind=kind, type=problem.type, message=told, traceback=problem.traceback)
        return judge(self._blueprint.is_fatal, error, lambda: out.Lost(problem=problem), kind)

    def _end(self, outcome: out.Outcome) -> None:
        """The attempt goes down by itself."""
        self._outcome = outcome
        self._wind_down()
        if not self._over:
            self._report(Ending(attempt=self.number))

    def _wind_down(self) -> None:
        """Take the next step on the way down; called again whenever one is done."""
        for work in tuple(self._work):
            work.cancel()
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
        elif not self._session._goodbye_sent:
            self._session.leave()

    def _cut_off(self) -> None:
        """Drop the transport, or what is to become one, and leave user code that won't end to itself."""
        abandoned, self._work = self._work, set()
        for work in abandoned:
            work.cancel()
            if not work.called:
                self._log.warn("code of the component ignored its cancellation and is left to itself")
        if self._connecting is not None:
            self._connecting.cancel()
        elif self._protocol is not None:
            self._protocol.transport.abortConnection()
        elif not self._tried and self._component is not None:
            self._component.stop()
        self._check_over()

    def _component_done(self, result: Any) -> None:
        """Component's own Deferred has fired: it can't try any more."""
        self._tried = True
        if self._outcome is None:
            error = result.value if isinstance(result, Failure) else RuntimeError("Component ended without a reason")
            self._outcome = _failed(error, Kind.SESSION)
        self._check_over()

    def _check_over(self) -> None:
        waiting = self._work or self._connecting is not None or self._protocol is not None or not self._tried
        if self._over or waiting or self._outcome is None:
            return
        self._over = True
        self._component = self._session = None
        self._report(Ended(attempt=self.number, outcome=self._outcome))


def _failed(error: BaseException, kind: Kind) -> out.Outcome:
    return out.Failed(problem=describe(error, kind))


def _did_not_leave(after: float) -> Problem:
    message = f"it did not leave within {after:g} s; its connection was aborted"
    return Problem(kind=Kind.TIMEOUT, type="TimeoutError", message=message)
