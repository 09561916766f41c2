"""Runs a supervisor on the reactor of this process until its end: signals, the way out, and the exit code.

There is one way out: the reactor's stop. Whoever asks for it (a signal, a request, the fleet's own end), the supervisor
is closed first, in order.
"""

from __future__ import annotations

import signal
from contextvars import Context
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from wampsup.ending import HardEnd, announce, end_blocked, end_without_threads
from wampsup.errors import WampsupError
from wampsup.supervisor import GRACE, longest_end

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.supervisor import Supervisor

_log = Logger()


class Process:
    """The life of this process with one supervisor.

    `ready` is called once it is open, `stopping` when its end begins, and `flush` where that is cut short. A `guest`
    lives in a program of somebody else's: there the code of a component may stop the reactor, which is an end like
    others, and what comes after the end is not ours to cut short.
    """

    def __init__(  # noqa: PLR0913 - all but two by name
        self,
        supervisor: Supervisor,
        reactor: Any,
        *,
        ready: Callable[[], None] = lambda: None,
        stopping: Callable[[], None] = lambda: None,
        flush: Callable[[], None] = lambda: None,
        guest: bool = False,
    ) -> None:
        self._reactor = reactor
        self._ready = ready
        self._stopping = stopping
        self._flush = flush
        self._guest = guest
        self._supervisor = supervisor
        supervisor.asked_to_end = self._shut_down
        self._asked = False
        self._signals = 0
        self._closed = False
        self._who = "something in this process"
        self._hard_end = HardEnd()
        self._exit_code = 0
        self._error: WampsupError | None = None

    def run(self) -> int:
        """Run until the end; the exit code.

        Raises:
            WampsupError: the router or the control socket can't be opened.
        """
        for method in ("stop", "crash"):
            announce(self._reactor, method, self._blame)
        self._reactor.callWhenRunning(lambda: Deferred.fromCoroutine(self._open()))
        self._reactor.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromCoroutine(self._close()))
        self._reactor.run()
        if not self._closed:
            _log.error("{who} has crashed the reactor: the fleet ends at once", who=self._who)
            self._exit_code = 1
            self._let_go()
        if self._error is not None:
            raise self._error
        _log.info("fleet `{name}` has ended", name=self._supervisor.spec.name)
        return self._exit_code

    async def _open(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):  # in place of the reactor's own, which it has just installed
            signal.signal(number, self._on_signal)
        self._supervisor.fleet.wait_ended().addCallback(self._ended)
        try:
            await self._supervisor.open()
            self._ready()
        except WampsupError as error:
            self._error = error
            self._shut_down()
        except Exception:  # noqa: BLE001 - a bug of ours: say so and end, rather than hang
            _log.failure("a bug of wampsup: the fleet can't start")
            self._exit_code = 1
            self._shut_down()

    async def _close(self) -> None:
        if not self._asked:
            self._stopped_by_others()
        self._bound()
        self._stopping()
        if not await self._supervisor.close():
            self._exit_code = 1
        self._let_go()

    def _stopped_by_others(self) -> None:
        self._asked = True
        if self._guest:
            _log.info("{who} has stopped the reactor: stopping the fleet in order", who=self._who)
        else:
            _log.error("{who} has stopped the reactor: the fleet ends", who=self._who)
            self._exit_code = 1

    def _let_go(self) -> None:
        """All has ended but for threads that components began: they get a grace, and keep the exit code."""
        self._closed = True
        if self._guest:
            self._hard_end.cancel()
            return
        code = self._exit_code if self._error is None else self._error.exit_code
        self._hard_end.after(GRACE, partial(end_without_threads, code, self._flush))

    def _ended(self, exit_code: int) -> None:
        self._exit_code = max(self._exit_code, exit_code)
        self._shut_down()

    def _shut_down(self) -> None:
        if not self._asked:
            self._asked = True
            self._reactor.callLater(0, self._reactor.stop)

    def _blame(self, component: str | None) -> None:
        if component is not None:
            self._who = f"component `{component}`"

    def _bound(self) -> None:
        """End the process also where a component blocks it for ever."""
        if not self._hard_end.armed:
            self._hard_end.after(longest_end(self._supervisor.spec), partial(end_blocked, self._flush))

    def _on_signal(self, number: int, _frame: object) -> None:
        """A signal may come at any point of any code, also a component's: what comes of it is not the component's."""
        Context().run(self._take_signal, number)

    def _take_signal(self, number: int) -> None:
        self._signals += 1
        if self._signals == 2 and not self._closed:  # noqa: PLR2004 - the second one waits for nobody
            self._hard_end.after(GRACE, partial(end_blocked, self._flush))
        self._bound()
        self._reactor.callFromThread(self._heed, signal.Signals(number).name, self._signals)

    def _heed(self, name: str, count: int) -> None:
        if count == 1:
            _log.info("{name}: stopping the fleet in order", name=name)
            self._shut_down()
        else:
            _log.info("{name} again: waiting for nobody", name=name)
            self._supervisor.fleet.shutdown(at_once=True)
