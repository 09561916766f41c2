"""What follows from the end of a connection is its component's own, whoever has cut it off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from support.trial import Trial
from wampsup.model import outcome as out
from wampsup.reactor.scope import component_name

if TYPE_CHECKING:
    from support.reactor import Run


def test_a_listener_of_the_session_hears_of_it_as_the_component(run: Run) -> None:
    async def scenario() -> None:
        told: list[str | None] = []

        def main(_reactor: Any, session: Any) -> Deferred[None]:
            session.on("disconnect", lambda _session, **_kwargs: told.append(component_name()))
            return Deferred()

        trial = Trial(main=main)
        await trial.ready()
        assert component_name() is None
        trial.attempt.abort(None)
        assert await trial.ended() == out.Stopped()
        assert told == ["c"]

    run(scenario)
