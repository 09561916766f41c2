"""Calls under way, from INVOCATION to the last RESULT or ERROR.

A call is known to its caller by the caller's request and to its callee by an invocation id of the callee's session: so
only the callee that was invoked can answer, and what comes for a call that is over (a late YIELD) is nobody's and is
ignored. A call ends once: by its answer, its timeout, a CANCEL, or when one of the two vanishes. Timeouts are
milliseconds, as WAMP has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autobahn.wamp.exception import ApplicationError, ProtocolError
from autobahn.wamp.message import Call as CallMessage
from autobahn.wamp.message import Cancel, Error, Interrupt, Invocation, Result, Yield

from wampsup.router.content import content

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.base import DelayedCall

    from wampsup.router.session import Session

MILLISECONDS = 1000


class Call:
    """One call that is not over."""

    __slots__ = ("callee", "caller", "invocation", "progressive", "request", "timer")

    def __init__(self, caller: Session, call: CallMessage, callee: Session, invocation: int) -> None:
        self.caller = caller
        self.request: int = call.request
        self.callee = callee
        self.invocation = invocation
        self.progressive: bool = bool(call.receive_progress)
        self.timer: DelayedCall | None = None

    def end(self) -> None:
        """Forget the call on both sides."""
        self.caller.calls.pop(self.request, None)
        self.callee.invocations.pop(self.invocation, None)
        if self.timer is not None and self.timer.active():
            self.timer.cancel()

    def fail(self, uri: str, text: str) -> None:
        """End the call and tell its caller why."""
        self.end()
        self.caller.send(Error(CallMessage.MESSAGE_TYPE, self.request, uri, args=[text]))

    def interrupt(self, mode: str, reason: str) -> None:
        """Ask the callee to stop working on it, if it can."""
        if self.callee.takes_interrupts:
            self.callee.send(Interrupt(self.invocation, mode, reason=reason))


class Calls:
    """The calls of a realm; each is kept by the two sessions that it concerns."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def handlers(self) -> dict[type, Callable[[Session, Any], None]]:
        """What handles which message."""
        return {Cancel: self._cancel, Yield: self._yield, Error: self._error}

    def begin(
        self, caller: Session, message: CallMessage, callee: Session, registration: int, named: str | None
    ) -> None:
        """Invoke `callee`; `named` is the procedure where the registration's URI does not say it.

        Raises:
            ProtocolError: the caller waits for a call of this request id already.
        """
        if message.request in caller.calls:
            raise ProtocolError(f"request {message.request} is under way already")
        callee.last_invocation += 1
        call = Call(caller, message, callee, callee.last_invocation)
        caller.calls[call.request] = callee.invocations[call.invocation] = call
        if message.timeout:
            call.timer = self._reactor.callLater(message.timeout / MILLISECONDS, _time_out, call)
        refusal = callee.send(
            Invocation(
                call.invocation,
                registration,
                procedure=named,
                receive_progress=message.receive_progress,
                caller=caller.id,
                caller_authid=caller.identity.authid,
                caller_authrole=caller.identity.role,
                **content(message),
            )
        )
        if refusal is not None:
            call.fail(refusal, "the callee can't take this call's arguments")

    def leave(self, session: Session) -> None:
        """`session` is over: its callers get an ERROR, its callees an INTERRUPT."""
        for call in list(session.invocations.values()):
            call.fail(ApplicationError.CANCELED, "the callee has left")
        for call in list(session.calls.values()):
            call.end()
            call.interrupt(Interrupt.KILLNOWAIT, ApplicationError.CANCELED)

    def _cancel(self, caller: Session, cancel: Cancel) -> None:
        call = caller.calls.get(cancel.request)
        if call is None:
            return
        mode = cancel.mode or Cancel.KILLNOWAIT
        if mode == Cancel.KILL and call.callee.takes_interrupts:
            call.interrupt(Interrupt.KILL, ApplicationError.CANCELED)
            return
        call.fail(ApplicationError.CANCELED, "the call was canceled")
        if mode == Cancel.KILLNOWAIT:
            call.interrupt(Interrupt.KILLNOWAIT, ApplicationError.CANCELED)

    def _yield(self, callee: Session, answer: Yield) -> None:
        call = callee.invocations.get(answer.request)
        if call is None or (answer.progress and not call.progressive):
            return
        if not answer.progress:
            call.end()
        refusal = call.caller.send(Result(call.request, progress=answer.progress, **content(answer)))
        if refusal is not None:
            call.fail(refusal, "the caller can't take this call's result")

    def _error(self, callee: Session, answer: Error) -> None:
        if answer.request_type != Invocation.MESSAGE_TYPE:
            raise ProtocolError(f"unexpected ERROR for request type {answer.request_type}")
        call = callee.invocations.get(answer.request)
        if call is None:
            return
        call.end()
        refusal = call.caller.send(
            Error(CallMessage.MESSAGE_TYPE, call.request, answer.error, **content(answer)),
        )
        if refusal is not None:
            call.fail(refusal, f"the caller can't take the arguments of error `{answer.error}`")


def _time_out(call: Call) -> None:
    call.fail(ApplicationError.TIMEOUT, "the call took too long")
    call.interrupt(Interrupt.KILLNOWAIT, ApplicationError.TIMEOUT)
