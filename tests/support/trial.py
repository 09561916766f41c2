"""A single attempt over a wire in memory: a test moves every byte, and sees all that the attempt reports."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession
from twisted.internet.defer import Deferred

from support.peer import Wire
from support.reactor import reactor, sleep
from support.supervised import component, prepared, transport
from wampsup.model.event import Ended, Event
from wampsup.reactor.account import Account
from wampsup.reactor.scope import Scope
from wampsup.wamp.attempt import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.model.outcome import Outcome

TURNS = 8
"""So many turns of the reactor are more than anything in an attempt takes without time passing."""


class Trial:
    """An attempt of its own; `events` are its reports, and `then` is called with each."""

    def __init__(self, wire: Wire | None = None, then: Callable[[Event], object] | None = None, **spec: Any) -> None:
        self.wire = wire or Wire()
        self.events: list[Event] = []
        self._then = then
        over = transport("rs://127.0.0.1:1", endpoint=self.wire)
        self.attempt = Attempt(
            prepared(component(over, **spec))["c"], 1, 0, reactor, self._report, scope=Scope(Account("c"))
        )

    @property
    def names(self) -> list[str]:
        """What it reported, by name."""
        return [type(event).__name__ for event in self.events]

    @property
    def outcome(self) -> Outcome:
        """How it ended; raises AssertionError unless it reported exactly one end."""
        ends = [event for event in self.events if isinstance(event, Ended)]
        assert len(ends) == 1, self.names
        return ends[0].outcome

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Let bytes flow until it is so."""

        deadline = time.monotonic() + 2
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not come about: {self.names}"
            self.wire.pump()
            await sleep(0)

    async def ready(self) -> None:
        """Begin, and wait until it is ready."""
        self.attempt.begin()
        await self.until(lambda: "Ready" in self.names, "the attempt's readiness")

    async def ended(self) -> Outcome:
        """Wait for its end, and see that nothing comes after it."""
        await self.until(lambda: "Ended" in self.names, "the attempt's end")
        await self.turns()
        return self.outcome

    async def turns(self) -> None:
        """Let the reactor turn, and bytes flow, as often as anything takes."""
        for _ in range(TURNS):
            self.wire.pump()
            await sleep(0)

    def _report(self, event: Event) -> None:
        self.events.append(event)
        if self._then is not None:
            self._then(event)


UP = ("start", "connect", "onConnect", "onChallenge", "onWelcome", "join", "onJoin", "ready", "main")
DOWN = ("onLeave", "leave", "onDisconnect", "disconnect", "connectfailure")


class Code:
    """A user's Component with code in every place that there is: `ran` says what of it has run.

    At `hold` it waits until it is cancelled (`stubborn`: for ever). `at` is called wherever it is.
    """

    def __init__(self, hold: str = "main", *, stubborn: bool = False) -> None:
        self.ran: list[str] = []
        self.at: Callable[[str], object] = lambda _: None
        self._hold = hold
        self._stubborn = stubborn
        code = self

        class Session(ApplicationSession):
            def onConnect(self) -> Any:
                held = code.run("onConnect")
                if held is None:
                    super().onConnect()
                return held

            def onChallenge(self, challenge: Any) -> Any:
                return code.run("onChallenge", "signature")

            def onWelcome(self, welcome: Any) -> Any:
                return code.run("onWelcome")

            def onJoin(self, details: Any) -> Any:
                return code.run("onJoin")

            def onLeave(self, details: Any) -> Any:
                super().onLeave(details)
                return code.run("onLeave")

            def onDisconnect(self) -> Any:
                super().onDisconnect()
                return code.run("onDisconnect")

        self.component = Component(main=lambda _reactor, _session: self.run("main"), session_factory=Session)
        for event in ("start", "connect", "join", "ready", "leave", "disconnect", "connectfailure"):
            self.component.on(event, lambda *_args, event=event, **_kwargs: self.run(event))

    def run(self, name: str, result: Any = None) -> Any:
        """The user's code in this place."""
        self.ran.append(name)
        self.at(name)
        if name != self._hold and not (name == "main" and self._hold == "ready"):
            return result
        waiting: Deferred[Any] = Deferred()
        return self._outlive(waiting) if self._stubborn else waiting

    async def _outlive(self, waiting: Deferred[Any]) -> None:
        while True:
            try:
                await waiting
            except BaseException as error:
                if isinstance(error, GeneratorExit):
                    raise
                waiting = Deferred()
