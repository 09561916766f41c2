"""One attempt to run a component over one transport, from the first byte to the last.

An attempt reports `Ready` once at most, `Ending` when it goes down by itself and needs time for it, and `Ended` exactly
once, when it holds nothing any more: no connection, no half-made connection, no running user code. The first cause of
its end is its outcome; whatever follows from that (a call that fails because the router is gone) is not.

The way down is the same for all: user code that still runs is cancelled, and may still use the session; then the
session leaves; then the transport is closed. `abort` cuts it short at any point.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.failure import Failure

from wampsup.model import outcome as out
from wampsup.model.event import Ended, Ending, Event, Ready
from wampsup.model.state import Joined, Kind, Problem
from wampsup.reactor.scope import outside, within
from wampsup.wamp.adopt import lend_stop, take_stop_back
from wampsup.wamp.client import SingleTry, disconnect, said_goodbye, say_goodbye
from wampsup.wamp.connection import Connection
from wampsup.wamp.health import HealthCheck
from wampsup.wamp.phase import GOING_UP, Phase
from wampsup.wamp.problem import loggable
from wampsup.wamp.user_code import UserCode
from wampsup.wamp.watched import watch_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.reactor.scope import Scope
    from wampsup.reactor.stall import Stall
    from wampsup.wamp.blueprint import Blueprint

_log = Logger()


class Attempt:
    """One attempt; `report` takes its events and may be called from within any method here."""

    def __init__(  # noqa: PLR0913 - all that it is made of
        self,
        blueprint: Blueprint,
        number: int,
        transport: int,
        reactor: Any,
        report: Callable[[Event], None],
        *,
        scope: Scope,
    ) -> None:
        self._number = number
        self._blueprint = blueprint
        self._reactor = reactor
        self._report_to = report
        self._scope = scope
        self._code = UserCode(blueprint.name, scope, reactor, self._code_done)
        self._context = self._code.context
        self._connection = Connection(blueprint.transports[transport], reactor, self._context)
        self._phase = Phase.CONNECTING
        self._outcome: out.Outcome | None = None
        self._told_ending = False
        self._over = False
        self._trying = True
        self._session: Any = None
        self._health = HealthCheck(self._call, reactor, self._unhealthy)

    # What the supervisor wants.

    def begin(self) -> None:
        """Begin to connect; everything that goes wrong from here on is reported as the outcome."""
        if self._blueprint.original is not None:
            lend_stop(self._blueprint.original, self.finish)
        within(self._context, SingleTry(self._blueprint, self, self._reactor, self._context).start)()

    def leave(self) -> None:
        """End in order; what has not joined yet is cut off."""
        if self._outcome is None:
            self._outcome = out.Stopped()
            self._wind_down()

    def time_out(self, after: float) -> None:
        """It was not ready within `after` seconds.

        A join handler that runs for ever is no error where `on_user_error` is `log`: then the component runs.
        """
        if self._outcome is None and self._phase is Phase.HANDLERS and self._blueprint.on_user_error == "log":
            said = "a join handler has not returned within {after:g} s, and on_user_error is `log`"
            _log.warn(said, after=after, component=self._blueprint.name)
            self._ready()
            return
        if self._outcome is None:
            self._outcome = self._ask(
                self._blueprint.judge.timed_out, self._phase.value.format(seconds=after), joined=self._phase.joined
            )
        self._cut_off()

    def abort(self, after: float | None) -> None:
        """End at once: `after` seconds were not enough to leave, or nobody waits (`None`)."""
        if self._outcome in {None, out.Stopped()}:
            self._outcome = out.Stopped(problem=None if after is None else _did_not_leave(after))
        self._cut_off()

    def adopt(self, blueprint: Blueprint) -> None:
        """Take the policy of a new blueprint; the session, and what it is made of, is not touched."""
        before = self._blueprint
        self._blueprint = replace(
            before,
            judge=blueprint.judge,
            on_user_error=blueprint.on_user_error,
            health=blueprint.health,
            max_stall=blueprint.max_stall,
        )
        if blueprint.health != before.health and self._phase is Phase.READY and self._outcome is None:
            self._health.begin(self._blueprint.health)

    def stalled(self, stall: Stall) -> None:
        """An event of its component has blocked the reactor: where it was its own, that may be a failure."""
        longest = self._blueprint.max_stall
        if self._outcome is None and stall.scope is self._scope and 0 < longest < stall.seconds:
            error = TimeoutError(f"{stall.words}, longer than max_stall = {longest:g} s")
            stack = stall.stack and stall.stack.text()
            self._end(self._ask(self._blueprint.judge.failed, error, Kind.STALL, traceback=stack))

    # What the user's Component wants.

    def finish(self) -> None:
        """It is to end well, also where it has just lost its connection: its own code has called `stop()`."""
        if self._outcome is None:
            self._end(out.Left())
        elif isinstance(self._outcome, out.Lost) and not self._over:
            self._outcome = out.Left()

    # What its only try tells (`client.Hooks`).

    def make_session(self, config: Any) -> Any:
        """The user's session, under our eyes."""
        if self._outcome is not None:  # an endpoint that could not be cancelled
            raise defer.CancelledError
        try:
            session = within(self._context, self._blueprint.session_factory)(config)
            watch_session(session, self)
        except BaseException as error:
            self.ended_with(error)
            raise defer.CancelledError from error
        self._session = session
        self._scope.account.count(self._connection.serializer)
        return session

    def heard(self, event: str, *args: Any, **kwargs: Any) -> defer.Deferred[Any]:
        """One of Component's events; the user's listeners run."""
        if event in GOING_UP:
            self._go_up(event)
            run, wanted = self.run_handler, self._outcome is None
        else:
            run, wanted = self.run_farewell, event != "connectfailure" or not isinstance(self._outcome, out.Stopped)
        listeners = tuple(self._blueprint.listeners.get(event, ())) if wanted else ()
        if not listeners:
            return defer.succeed(None)
        return defer.DeferredList([run(listener, *args, **kwargs) for listener in listeners])

    def connect(self, session_factory: Callable[[], Any]) -> defer.Deferred[Any]:
        """Open the transport."""
        if self._outcome is not None:
            raise defer.CancelledError
        return self._connection.open(session_factory).addCallbacks(self._connected, self._not_connected)

    def ended_with(self, error: BaseException) -> None:
        """Autobahn's own reason: news only where nothing else told the cause."""
        if self._outcome is None:
            self._end(self._ask(self._blueprint.judge.failed, error, Kind.SESSION))

    def tried(self) -> None:
        """Its only try is over."""
        self._trying = False
        self.ended_with(RuntimeError("it ended without a reason"))
        self._check_over()

    def losing(self, reason: Failure) -> None:
        """The transport is gone; the session does not know yet."""
        self._connection.broke()
        if self._outcome is None and reason.value is not None:
            self._outcome = self._ask(self._blueprint.judge.lost, reason.value, self._connection.told(reason.value))

    def lost(self) -> None:
        """The session knows as well."""
        self._connection.done()
        self._go_down()

    # What the session tells (`watched.Watcher`).

    def run_handler(self, handler: Callable[..., Any], *args: Any, **kwargs: Any) -> defer.Deferred[Any]:
        """Run a handler of the way up; an error in it is a failure of the attempt."""
        if self._outcome is not None:
            return defer.succeed(None)
        return self._code.run(handler, *args, **kwargs).addErrback(self._handler_failed)

    def run_answer(self, handler: Callable[..., Any], *args: Any) -> defer.Deferred[Any]:
        """Run a handler that decides whether it joins; the result does not come any more once it goes down."""

        def done(value: Any) -> Any:
            if self._outcome is not None:
                return defer.Deferred()
            if isinstance(value, Failure) and value.value is not None:
                self.refused(value.value)
            return value

        return self._code.run(handler, *args).addBoth(done)

    def run_farewell(self, handler: Callable[..., Any], *args: Any, **kwargs: Any) -> defer.Deferred[Any]:
        """Run a handler of the way out, which is not cancelled but where time runs out."""
        running = self._code.run_farewell(handler, *args, **kwargs)
        self._tell()
        return running

    def refused(self, error: BaseException) -> None:
        """The component did not accept the router's welcome."""
        if self._outcome is None:
            self._end(self._ask(self._blueprint.judge.failed, error, Kind.AUTH))

    def leaving(self, details: Any, on_leave: Callable[[Any], Any]) -> defer.Deferred[Any]:
        """The session is over. Where its transport was lost, `losing` has told why."""
        if self._outcome is None:
            asked = said_goodbye(self._session)
            self._outcome = self._ask(self._blueprint.judge.left, details, joined=self._phase.joined, asked=asked)
        told = self.run_farewell(on_leave, details)
        self._go_down()
        return told

    def disconnecting(self) -> None:
        """The component's own code closes the transport, unless it goes down anyway."""
        if self._outcome is None and not self._phase.joined:
            self.ended_with(RuntimeError("its own code closed the connection before it had joined"))
        elif self._outcome is None:
            self._end(out.Left())

    # On the way up.

    def _go_up(self, event: str) -> None:
        if GOING_UP[event] is not Phase.READY:
            self._phase = GOING_UP[event]
        elif self._phase is not Phase.READY and self._outcome is None:
            self._ready()

    def _ready(self) -> None:
        self._phase = Phase.READY
        session = self._session
        joined = Joined(session_id=session.session_id, realm=session.realm, transport=self._connection.url)
        self._report(Ready(attempt=self._number, joined=joined))
        if self._outcome is not None:
            return
        self._health.begin(self._blueprint.health)
        if self._blueprint.main is not None:
            running = self._code.run(self._blueprint.main, self._reactor, session)
            running.addCallbacks(self._main_done, self._main_failed)

    def _connected(self, protocol: Any) -> Any:
        self._phase = Phase.OPENING
        return protocol

    def _not_connected(self, failure: Failure) -> Failure:
        self.losing(failure)
        self._go_down()
        return failure

    # What the user's code comes to.

    def _main_done(self, _result: Any) -> None:
        if self._outcome is None:
            self._end(out.Completed())

    def _main_failed(self, failure: Failure) -> None:
        self._failed(failure, Kind.MAIN)

    def _handler_failed(self, failure: Failure) -> None:
        if self._outcome is None and self._blueprint.on_user_error == "log":
            said = "a handler failed, and on_user_error is `log`"
            _log.failure(said, failure=loggable(failure), component=self._blueprint.name)
        else:
            self._failed(failure, Kind.HANDLER)

    def _failed(self, failure: Failure, kind: Kind) -> None:
        if self._outcome is None and failure.value is not None:
            self._end(self._ask(self._blueprint.judge.failed, failure.value, kind))
        elif not failure.check(defer.CancelledError):
            _log.info("on the way out: {error!r}", error=loggable(failure).value, component=self._blueprint.name)

    def _code_done(self) -> None:
        if self._outcome is not None:
            self._wind_down()

    def _report(self, event: Event) -> None:
        outside(self._report_to, event)

    # Whether it works.

    def _call(self, procedure: str) -> Any:
        return within(self._context, self._session.call)(procedure)

    def _unhealthy(self, error: BaseException, message: str) -> None:
        if self._outcome is None:
            self._end(self._ask(self._blueprint.judge.failed, error, Kind.HEALTH, message))

    def _ask(self, judge: Callable[..., out.Outcome], *about: Any, **more: Any) -> out.Outcome:
        """The judge's verdict, in the component's own context: it may ask code of the user's."""
        return within(self._context, judge)(*about, **more)

    # On the way down.

    def _end(self, outcome: out.Outcome) -> None:
        self._outcome = outcome
        self._go_down()

    def _go_down(self) -> None:
        """Go down by itself."""
        self._wind_down()
        self._tell()

    def _tell(self) -> None:
        """Say that it goes down by itself, where that takes time."""
        takes_time = self._connection.takes_time or self._code
        if takes_time and not self._told_ending and not isinstance(self._outcome, out.Stopped | None):
            self._told_ending = True
            self._report(Ending(attempt=self._number, problem=getattr(self._outcome, "problem", None)))

    def _wind_down(self) -> None:
        """Take the next step on the way down; called again whenever one is done."""
        self._health.stop()
        self._code.cancel(at_once=isinstance(self._outcome, out.Lost))
        if not self._code:
            self._close()
        self._check_over()

    def _close(self) -> None:
        if not self._connection.held:
            return
        if not self._phase.joined:
            self._connection.cut_off()
        elif not self._session.is_attached():
            disconnect(self._session)
        elif not said_goodbye(self._session):
            say_goodbye(self._session)

    def _cut_off(self) -> None:
        """Drop the connection, and leave user code that does not end to itself."""
        self._health.stop()
        self._code.abandon()
        self._connection.cut_off()
        self._check_over()

    def _check_over(self) -> None:
        holding = self._connection.held or self._trying or self._code
        if self._over or holding or self._outcome is None:
            return
        self._over = True
        self._session = None
        self._scope.account.count(None)
        if self._blueprint.original is not None:
            take_stop_back(self._blueprint.original, self.finish)
        self._report(Ended(attempt=self._number, outcome=self._outcome))


def _did_not_leave(after: float) -> Problem:
    message = f"it did not leave within {after:g} s; its connection was aborted"
    return Problem(kind=Kind.TIMEOUT, type="TimeoutError", message=message)
