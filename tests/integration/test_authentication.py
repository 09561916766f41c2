"""Every method of authentication joins a router that demands it, and is refused for good with what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.authenticated import AUTHENTICATION, AUTHID, METHODS, ROLE
from support.reactor import until
from support.supervised import Supervised, component, stays
from wampsup.model.secret import Secret
from wampsup.model.state import Kind

if TYPE_CHECKING:
    from autobahn.wamp.types import SessionDetails

    from support.crossbar import Crossbar
    from support.reactor import Run
    from wampsup.model.state import Problem

each_method = pytest.mark.parametrize("method", METHODS)
each_way = pytest.mark.parametrize("way", ["websocket", "rawsocket"])


def secretly(authentication: dict[str, Any]) -> dict[str, Any]:
    """As a fleet file has it."""
    keys = ("ticket", "secret", "privkey", "password")
    return {
        method: {key: Secret(value) if key in keys else value for key, value in table.items()}
        for method, table in authentication.items()
    }


async def joined(where: str, authentication: dict[str, Any], **code: Any) -> SessionDetails:
    """How the router took a component."""
    details: list[SessionDetails] = []

    async def main(reactor: Any, session: Any) -> None:
        details.append(session.session_details)
        await stays(reactor, session)

    spec = component(where, **{"main": main, **code, "authentication": authentication})
    fleet = Supervised(spec).start()
    await fleet.until("running")
    await until(lambda: details)
    await fleet.stop()
    return details[0]


async def refused(where: str, authentication: dict[str, Any], **code: Any) -> Problem:
    """Why a component is `fatal`, at its first attempt."""
    spec = component(where, **{"main": stays, **code, "authentication": authentication})
    fleet = Supervised(spec).start()
    await fleet.until("fatal")
    problem = fleet.problem()
    assert fleet.core().attempts == 1
    assert problem.kind is Kind.AUTH
    await fleet.gone()
    return problem


@each_way
@each_method
def test_each_method_joins_a_router_that_demands_it(run: Run, crossbar: Crossbar, method: str, way: str) -> None:
    where = crossbar.demanding(method) if way == "websocket" else crossbar.demanding_rawsocket_url
    details = run(lambda: joined(where, secretly(AUTHENTICATION[method])))
    assert details.authmethod == next(iter(AUTHENTICATION[method]))
    assert details.authrole == ROLE
    assert method == "anonymous" or details.authid == AUTHID
