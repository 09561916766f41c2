from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from autobahn.exception import PayloadExceededError
from autobahn.wamp.exception import ApplicationError, SerializationError
from autobahn.wamp.serializer import JsonSerializer
from autobahn.wamp.types import CallDetails, CallOptions, RegisterOptions
from twisted.internet.defer import Deferred

from integration.router.router_peers import (
    ABORT,
    ALL_ROLES,
    CALL,
    CANCEL,
    ERROR,
    INTERRUPT,
    INVOCATION,
    REGISTER,
    RESULT,
    YIELD,
    House,
    RawPeer,
    error_of,
    uri_of,
)
from support.reactor import Usage, until

if TYPE_CHECKING:
    from integration.router.router_peers import InHouse

PROCEDURE = "com.example.procedure"
CANCELED, TIMED_OUT = "wamp.error.canceled", "wamp.error.timeout"
CAN_NOT_CANCEL: dict[str, Any] = {"callee": {}, "caller": {}}


def never() -> Deferred[None]:
    """A procedure that does not end by itself."""
    return Deferred()


async def under_way(house: House, options: dict[str, Any] | None = None) -> tuple[RawPeer, RawPeer]:
    """A caller whose request 7 is the callee's invocation 1, both raw."""
    callee, caller = await house.peer(), await house.peer()
    callee.tell(REGISTER, 1, {}, PROCEDURE)
    await callee.read()
    caller.tell(CALL, 7, options or {}, PROCEDURE)
    code, invocation, *_ = await callee.read()
    assert (code, invocation) == (INVOCATION, 1)
    return callee, caller


def test_a_callee_that_vanishes_fails_its_callers(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        for end in ("drop", "leave"):
            callee, one, two = [await house.client() for _ in range(3)]
            await callee.register(never, PROCEDURE)
            calls = [caller.call(PROCEDURE) for caller in (one, two, two)]
            await one.call("wamp.session.count")
            await two.call("wamp.session.count")
            getattr(callee, end)()
            for call in calls:
                error = await error_of(call)
                assert (error.error, error.args) == (CANCELED, ("the callee has left",))
            one.leave()
            two.leave()
            await until(lambda: house.router.session_count == 0)

    in_house(scenario)


def test_a_callee_whose_caller_vanishes_is_interrupted(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await under_way(house)
        caller.transport.abortConnection()
        assert await callee.read() == [INTERRUPT, 1, {"mode": "killnowait", "reason": CANCELED}]
        callee.tell(YIELD, 1, {}, ["too late"])
        callee.tell(CALL, 2, {}, "wamp.session.count")
        assert await callee.read() == [RESULT, 2, {}, [1]]

    in_house(scenario)


def test_an_autobahn_callee_whose_caller_vanishes_is_canceled(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await house.client(), await house.client()
        work: list[Deferred[None]] = []
        canceled: list[bool] = []

        def begin() -> Deferred[None]:
            work.append(Deferred(lambda _: canceled.append(True)))
            return work[0]

        await callee.register(begin, PROCEDURE)
        caller.call(PROCEDURE).addErrback(lambda _: None)
        await until(lambda: work)
        caller.drop()
        await until(lambda: canceled)

    in_house(scenario)


def test_only_the_callee_that_was_invoked_can_answer(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await under_way(house)
        stranger = await house.peer()
        stranger.tell(YIELD, 1, {}, ["forged"])
        stranger.tell(ERROR, INVOCATION, 1, {}, "com.example.forged")
        caller.tell(YIELD, 1, {}, ["forged"])
        await caller.hears_nothing()
        callee.tell(YIELD, 1, {}, ["true"])
        assert await caller.read() == [RESULT, 7, {}, ["true"]]
        callee.tell(YIELD, 1, {}, ["again"])
        await caller.hears_nothing()
        assert not stranger.closed

    in_house(scenario)


def test_skip_answers_the_caller_and_leaves_the_callee_alone(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await under_way(house)
        caller.tell(CANCEL, 7, {"mode": "skip"})
        assert await caller.read() == [ERROR, CALL, 7, {}, CANCELED, ["the call was canceled"]]
        await callee.hears_nothing()
        callee.tell(YIELD, 1, {}, ["late"])
        await caller.hears_nothing()

    in_house(scenario)


def test_killnowait_answers_the_caller_and_interrupts_the_callee(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        for options in ({"mode": "killnowait"}, {}):
            callee, caller = await under_way(house)
            caller.tell(CANCEL, 7, options)
            assert (await caller.read())[:5] == [ERROR, CALL, 7, {}, CANCELED]
            assert await callee.read() == [INTERRUPT, 1, {"mode": "killnowait", "reason": CANCELED}]
            callee.tell(ERROR, INVOCATION, 1, {}, CANCELED)
            await caller.hears_nothing()
            callee.transport.abortConnection()
            caller.transport.abortConnection()
            await until(lambda: house.router.session_count == 0)

    in_house(scenario)


def test_kill_interrupts_the_callee_and_waits_for_its_answer(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await under_way(house)
        caller.tell(CANCEL, 7, {"mode": "kill"})
        assert await callee.read() == [INTERRUPT, 1, {"mode": "kill", "reason": CANCELED}]
        await caller.hears_nothing()
        callee.tell(ERROR, INVOCATION, 1, {}, "com.example.cleaned_up", ["all"])
        assert await caller.read() == [ERROR, CALL, 7, {}, "com.example.cleaned_up", ["all"]]

    in_house(scenario)


def test_a_callee_that_does_not_know_interrupt_gets_none(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await house.peer(joined=False), await house.peer()
        await callee.join(roles=CAN_NOT_CANCEL)
        callee.tell(REGISTER, 1, {}, PROCEDURE)
        await callee.read()
        for request, mode in enumerate(("kill", "killnowait", "skip"), start=1):
            caller.tell(CALL, request, {}, PROCEDURE)
            assert (await callee.read())[0] == INVOCATION
            caller.tell(CANCEL, request, {"mode": mode})
            assert (await caller.read())[:5] == [ERROR, CALL, request, {}, CANCELED]
        await callee.hears_nothing()

    in_house(scenario)


def test_canceling_an_autobahn_call_interrupts_the_callee(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await house.client(), await house.client()
        begun: list[Deferred[None]] = []

        def begin() -> Deferred[None]:
            begun.append(Deferred(lambda _: begun.clear()))
            return begun[0]

        await callee.register(begin, PROCEDURE)
        call = caller.call(PROCEDURE)
        await until(lambda: begun)
        call.addErrback(lambda _: None)
        call.cancel()
        await until(lambda: not begun)

    in_house(scenario)


def test_canceling_what_is_over_or_never_was_does_nothing(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await under_way(house)
        callee.tell(YIELD, 1, {}, ["done"])
        assert (await caller.read())[0] == RESULT
        caller.tell(CANCEL, 7, {"mode": "kill"})
        caller.tell(CANCEL, 99, {})
        await caller.hears_nothing()
        await callee.hears_nothing()

    in_house(scenario)


def test_a_call_that_takes_longer_than_its_timeout_fails(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await under_way(house, {"timeout": 30})
        assert await caller.read() == [ERROR, CALL, 7, {}, TIMED_OUT, ["the call took too long"]]
        assert await callee.read() == [INTERRUPT, 1, {"mode": "killnowait", "reason": TIMED_OUT}]
        callee.tell(YIELD, 1, {}, ["late"])
        await caller.hears_nothing()
        assert not callee.closed

    in_house(scenario)


def test_a_call_that_ends_in_time_leaves_no_timer(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await house.client(), await house.client()
        await callee.register(lambda: 1, PROCEDURE)
        usage = Usage.now()
        assert await caller.call(PROCEDURE, options=CallOptions(timeout=60_000)) == 1
        await usage.again()
        await callee.register(never, f"{PROCEDURE}.long")
        call = caller.call(f"{PROCEDURE}.long", options=CallOptions(timeout=60_000))
        await caller.call("wamp.session.count")
        callee.drop()
        assert await uri_of(call) == CANCELED
        await usage.again()

    in_house(scenario)


def test_progressive_results_come_one_by_one_and_then_the_last(in_house: InHouse) -> None:
    def count(details: CallDetails) -> str:
        for number in range(3):
            assert details.progress is not None
            details.progress(number)
        return "end"

    async def scenario(house: House) -> None:
        callee, caller = await house.client(), await house.client()
        await callee.register(count, PROCEDURE, RegisterOptions(details_arg="details"))
        progress: list[int] = []
        assert await caller.call(PROCEDURE, options=CallOptions(on_progress=progress.append)) == "end"
        assert progress == [0, 1, 2]

    in_house(scenario)


def test_progress_that_nobody_asked_for_is_ignored(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await under_way(house)
        callee.tell(YIELD, 1, {"progress": True}, [1])
        callee.tell(YIELD, 1, {}, ["end"])
        assert await caller.read() == [RESULT, 7, {}, ["end"]]

    in_house(scenario)


def test_a_request_id_that_is_under_way_can_not_be_used_again(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await under_way(house)
        caller.tell(CALL, 7, {}, PROCEDURE)
        code, details, reason = await caller.read()
        assert (code, reason) == (ABORT, "wamp.error.protocol_violation")
        assert details == {"message": "request 7 is under way already"}
        assert (await callee.read())[0] == INTERRUPT

    in_house(scenario)


def test_a_call_in_progress_outlives_its_registration(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await house.client(), await house.client()
        answer: Deferred[str] = Deferred()
        registration = await callee.register(lambda: answer, PROCEDURE)
        call = caller.call(PROCEDURE)
        await caller.call("wamp.session.count")
        await registration.unregister()
        answer.callback("still here")
        assert await call == "still here"

    in_house(scenario)


@pytest.mark.parametrize(("value", "error"), [({1, 2}, SerializationError), ("x" * 5000, PayloadExceededError)])
def test_what_the_other_side_can_not_take_fails_the_call(in_house: InHouse, value: Any, error: type[Exception]) -> None:
    """A set has no place in JSON, and a RawSocket peer may say how little it takes."""

    def fails() -> None:
        raise ApplicationError("com.example.error", value)

    async def scenario(house: House) -> None:
        generous, strict = await house.client(), await house.client(serializer=JsonSerializer(), longest=4096)
        await strict.register(lambda _: 1, f"{PROCEDURE}.strict")
        await generous.register(lambda: value, f"{PROCEDURE}.value")
        await generous.register(fails, f"{PROCEDURE}.error")
        with pytest.raises(error, match="the callee can't take this call's arguments"):
            await generous.call(f"{PROCEDURE}.strict", value)
        with pytest.raises(error, match="the caller can't take this call's result"):
            await strict.call(f"{PROCEDURE}.value")
        with pytest.raises(error, match=r"the caller can't take the arguments of error `com.example.error`"):
            await strict.call(f"{PROCEDURE}.error")
        assert strict.is_attached()

    in_house(scenario)


def test_a_session_may_call_itself(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer = await house.peer(joined=False)
        await peer.join(roles=ALL_ROLES)
        peer.tell(REGISTER, 1, {}, PROCEDURE)
        await peer.read()
        peer.tell(CALL, 2, {}, PROCEDURE)
        assert (await peer.read())[:2] == [INVOCATION, 1]
        peer.transport.abortConnection()
        await until(lambda: house.router.session_count == 0)

    in_house(scenario)
