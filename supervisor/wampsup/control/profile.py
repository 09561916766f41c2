"""Answers `/v1/profile`: what one component does, sampled for a while."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import Field
from twisted.internet.defer import Deferred, fail

from wampsup.control.bounds import (
    LEAST_RATE,
    LEAST_SECONDS,
    MOST_RATE,
    MOST_SECONDS,
    USUAL_RATE,
    USUAL_SECONDS,
)
from wampsup.control.messages import LONGEST_PATTERN, Answer, Body, Refusal, Reply, Request, parse
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twisted.python.failure import Failure

    from wampsup.control.fleet import UnitView
    from wampsup.reactor.account import Account
    from wampsup.reactor.profile import Profile
    from wampsup.reactor.samples import Function, Seen


class Sampling(Body):
    """The body of `profile`: of whom, for how many seconds, and how many samples a second."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_PATTERN)]
    seconds: float = Field(default=USUAL_SECONDS, ge=LEAST_SECONDS, le=MOST_SECONDS, allow_inf_nan=False)
    rate: float = Field(default=USUAL_RATE, ge=LEAST_RATE, le=MOST_RATE, allow_inf_nan=False)


class TakeProfile(Protocol):
    """Takes profiles."""

    def __call__(self, account: Account, seconds: float, rate: float) -> Deferred[Profile]:
        """Take one of the component with that account, and fire with it; see `reactor.profile`.

        It fails with WampsupError where none can be taken now.
        """


def cannot_profile(account: Account, seconds: float, rate: float) -> Deferred[Profile]:  # noqa: ARG001 - see there
    """The `TakeProfile` of a process that has none."""
    return fail(WampsupError("components of this fleet can't be profiled"))


def profile_component(
    request: Request, select: Callable[[Sequence[str]], Sequence[UnitView]], take: TakeProfile
) -> Deferred[Answer]:
    """Take the profile that the request wants.

    Raises:
        Refusal: the request is wrong, or names no component, or several.
    """
    wanted = parse(Sampling, request.body)
    unit, *others = select([wanted.name])
    if others:
        count = 1 + len(others)
        raise Refusal(
            HTTPStatus.CONFLICT,
            f"`{wanted.name}` means {count} components, and one can be profiled at a time",
            hint=f"name one of them, as `{unit.name}`",
        )

    def told(profile: Profile) -> Answer:
        return Reply(content={"name": unit.name, "rate": wanted.rate, **_content(profile)})

    return take(unit.account, wanted.seconds, wanted.rate).addCallbacks(told, _refused)


def _refused(failure: Failure) -> Answer:
    failure.trap(WampsupError)
    error: WampsupError = failure.value  # type: ignore[assignment]  # as it was trapped
    return Refusal(HTTPStatus.CONFLICT, error.message, hint=error.hint).reply()


def _content(profile: Profile) -> dict[str, object]:
    return {
        "seconds": profile.seconds,
        "looks": profile.looks,
        "busy_seconds": profile.busy_seconds,
        "functions": [_function(one) for one in profile.functions],
        "reactor": _seen(profile.in_reactor),
        "threads": _seen(profile.in_threads),
    }


def _function(one: Function) -> dict[str, object]:
    return {"name": one.name, "module": one.module, "file": one.file, "line": one.line}


def _seen(seen: Seen) -> dict[str, object]:
    stacks = [
        {"functions": one.functions, "line": one.line, "samples": one.samples, "seconds": one.seconds}
        for one in seen.stacks
    ]
    return {"samples": seen.samples, "seconds": seen.seconds, "stacks": stacks}
