"""Asks a running component whether it works, by a call through the router, and tells when it does not.

The first call comes `interval` seconds after the component is ready, and each further one `interval` seconds after the
one before is over, so that there are never two at once. Whatever the procedure returns is an answer; an error, or none
within `timeout` seconds, is a miss. A call that takes too long is cancelled.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from twisted.internet import defer

from wampsup.model.state import Kind
from wampsup.wamp.problem import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

    from wampsup.model.spec import HealthPolicy


class HealthCheck:
    """Checks by a policy, from `begin` until `stop`; `call` calls a procedure.

    After `failures` misses in a row it stops, and `unhealthy` is called with the error of the last one and a sentence.
    """

    __slots__ = ("_call", "_calling", "_clock", "_misses", "_policy", "_timer", "_unhealthy")

    _policy: HealthPolicy

    def __init__(self, call: Callable[[str], Any], clock: Any, unhealthy: Callable[[BaseException, str], None]) -> None:
        self._call = call
        self._clock = clock
        self._unhealthy = unhealthy
        self._misses = 0
        self._calling: defer.Deferred[Any] | None = None
        self._timer: Any = None

    def begin(self, policy: HealthPolicy | None) -> None:
        """Check by this policy from now on, and no more by the one before; `None` checks nothing."""
        self.stop()
        self._misses = 0
        if policy is not None:
            self._policy = policy
            self._check_later()

    def stop(self) -> None:
        """Check no more; a call that is under way is cancelled."""
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()
        self._cancel_call()

    def _check(self) -> None:
        self._timer = self._clock.callLater(self._policy.timeout, self._timed_out)
        calling = defer.maybeDeferred(self._call, self._policy.procedure)
        if self._timer is not None:
            self._calling = calling
        calling.addCallbacks(self._answered, self._failed, callbackArgs=(calling,), errbackArgs=(calling,))
        if self._timer is None:  # its own code was called, and has ended it
            _cancel(calling)

    def _answered(self, _result: Any, calling: defer.Deferred[Any]) -> None:
        if calling is self._calling:
            self._misses = 0
            self._check_later()

    def _failed(self, failure: Failure, calling: defer.Deferred[Any]) -> None:
        error = failure.value
        if calling is self._calling and error is not None:
            told = describe(error, Kind.HEALTH)
            self._missed(error, f"failed: {told.message or told.uri or told.type}")

    def _timed_out(self) -> None:
        self._missed(TimeoutError(), f"did not answer within {self._policy.timeout:g} s")

    def _missed(self, error: BaseException, how: str) -> None:
        self._misses += 1
        if self._misses < self._policy.failures:
            self._check_later()
            return
        self.stop()
        missed = "a health check" if self._misses == 1 else f"{self._misses} health checks in a row"
        self._unhealthy(error, f"missed {missed}: `{self._policy.procedure}` {how}")

    def _check_later(self) -> None:
        self.stop()
        self._timer = self._clock.callLater(self._policy.interval, self._check)

    def _cancel_call(self) -> None:
        calling, self._calling = self._calling, None
        if calling is not None:
            _cancel(calling)


def _cancel(calling: defer.Deferred[Any]) -> None:
    with contextlib.suppress(Exception):  # Autobahn tells the router, which it may have lost by now
        calling.cancel()
