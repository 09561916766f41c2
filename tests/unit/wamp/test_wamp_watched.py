"""A watched session stays what its author made it: its class, and whatever methods its instance has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autobahn.twisted.wamp import ApplicationSession

from support.trial import Trial
from wampsup.model import outcome as out

if TYPE_CHECKING:
    from support.reactor import Run


def test_its_class_is_left_alone(run: Run) -> None:
    async def scenario() -> None:
        made: list[ApplicationSession] = []
        joined: list[int] = []

        class Kettle(ApplicationSession):
            def __init__(self, config: Any) -> None:
                super().__init__(config)
                made.append(self)

            def onJoin(self, details: Any) -> None:
                super(self.__class__, self).onJoin(details)  # as in the days of Python 2
                joined.append(details.session)

        before = dict(vars(Kettle))
        trial = Trial(session_factory=Kettle)
        await trial.ready()
        assert len(joined) == 1
        assert type(made[0]) is Kettle
        assert dict(vars(Kettle)) == before
        trial.attempt.leave()
        assert await trial.ended() == out.Stopped()

    run(scenario)


def test_methods_that_its_instance_alone_has_are_called(run: Run) -> None:
    async def scenario() -> None:
        called: list[str] = []

        def make(config: Any) -> ApplicationSession:
            session: Any = ApplicationSession(config)
            disconnect = session.disconnect

            def on_leave(_details: Any) -> None:
                called.append("onLeave")
                disconnect()

            session.onJoin = lambda _details: called.append("onJoin")
            session.onLeave = on_leave
            return session  # type: ignore[no-any-return]

        trial = Trial(session_factory=make)
        await trial.ready()
        trial.attempt.leave()
        assert await trial.ended() == out.Stopped()
        assert called == ["onJoin", "onLeave"]

    run(scenario)


def test_a_static_method_is_called_as_one(run: Run) -> None:
    async def scenario() -> None:
        joined: list[int] = []

        class Kettle(ApplicationSession):
            @staticmethod
            def onJoin(details: Any) -> None:
                joined.append(details.session)

        trial = Trial(session_factory=Kettle)
        await trial.ready()
        assert len(joined) == 1
        trial.attempt.leave()
        await trial.ended()

    run(scenario)
