"""Answers `/v1/reload`: what a reload has changed, or the mistakes that kept it from changing anything."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from twisted.internet.defer import Deferred, fail

from wampsup.control.messages import Answer, Refusal, Reload, Reply, Request, parse
from wampsup.errors import FleetFileError, WampsupError

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from wampsup.core.reload import Plan


class ReloadFleet(Protocol):
    """Reads the fleet file again."""

    def __call__(self, *, dry_run: bool) -> Deferred[Plan]:
        """Change what has changed in it, unless this is a `dry_run`; fires with what that is.

        It fails with FleetFileError where the file is wrong, and with WampsupError where that can't be done now.
        """


def no_file(*, dry_run: bool) -> Deferred[Plan]:  # noqa: ARG001 - it changes nothing in any case
    """The `ReloadFleet` of a fleet that no file describes."""
    return fail(WampsupError("this fleet has no file to read again: a program has made it"))


def reload_fleet(request: Request, reload: ReloadFleet) -> Deferred[Answer]:
    """Reload the fleet as the request says.

    Raises:
        Refusal: the request is wrong.
    """
    wanted = parse(Reload, request.body)
    return reload(dry_run=wanted.dry_run).addCallbacks(_done, _refused)


def _done(plan: Plan) -> Answer:
    return Reply(content=asdict(plan))


def _refused(failure: Failure) -> Answer:
    failure.trap(WampsupError)
    error: WampsupError = failure.value  # type: ignore[assignment]  # as it was trapped
    if not isinstance(error, FleetFileError):
        return Refusal(HTTPStatus.CONFLICT, error.message, hint=error.hint).reply()
    mistakes = [mistake.facts for mistake in error.mistakes or (error,)]
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, error.message, hint=error.hint, more={"errors": mistakes}).reply()
