from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import CallDetails, CallResult, RegisterOptions

from integration.router.router_peers import (
    CALL,
    ERROR,
    INVOCATION,
    REGISTER,
    REGISTERED,
    RESULT,
    YIELD,
    House,
    error_of,
    uri_of,
)
from support.reactor import until

if TYPE_CHECKING:
    from integration.router.router_peers import InHouse

PROCEDURE = "com.example.procedure"


def test_a_call_reaches_the_callee_and_its_result_the_caller(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        for callee_url, caller_url in ((house.raw_url, house.web_url), (house.web_url, house.raw_url)):
            callee, caller = await house.client(callee_url), await house.client(caller_url)
            registration = await callee.register(lambda a, b=0: CallResult(a, b, sum=a + b), PROCEDURE)
            result = await caller.call(PROCEDURE, 1, b=2)
            assert (result.results, result.kwresults) == ((1, 2), {"sum": 3})
            await registration.unregister()

    in_house(scenario)


def test_an_application_error_is_forwarded_with_its_arguments(in_house: InHouse) -> None:
    def fails() -> None:
        raise ApplicationError("com.example.error.dry", "the kettle", "is dry", litres=0)

    async def scenario(house: House) -> None:
        callee, caller = await house.client(), await house.client()
        await callee.register(fails, PROCEDURE)
        error = await error_of(caller.call(PROCEDURE))
        assert (error.error, error.args, error.kwargs) == (
            "com.example.error.dry",
            ("the kettle", "is dry"),
            {"litres": 0},
        )

    in_house(scenario)


def test_a_procedure_that_nobody_has_registered_is_refused(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        error = await error_of((await house.client()).call(PROCEDURE))
        assert error.error == "wamp.error.no_such_procedure"
        assert error.args == ("no callee for procedure `com.example.procedure`",)

    in_house(scenario)


def test_a_second_registration_is_refused(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        first, second = await house.client(), await house.client()
        await first.register(lambda: 1, PROCEDURE)
        for client in (first, second):
            error = await error_of(client.register(lambda: 2, PROCEDURE))
            assert error.error == "wamp.error.procedure_already_exists"
            assert error.args == ("procedure `com.example.procedure` is registered already",)
        assert await second.call(PROCEDURE) == 1

    in_house(scenario)


def test_a_registration_ends_once_and_only_by_its_own_session(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, peer = await house.client(), await house.peer()
        registration = await callee.register(lambda: 1, PROCEDURE)
        peer.tell(66, 3, registration.id)
        code, kind, request, _, uri, _ = await peer.read()
        assert (code, kind, request, uri) == (ERROR, 66, 3, "wamp.error.no_such_registration")
        assert await callee.call(PROCEDURE) == 1
        await registration.unregister()
        assert await uri_of(callee.call(PROCEDURE)) == "wamp.error.no_such_procedure"

    in_house(scenario)


def test_registrations_are_freed_on_leave_and_on_drop(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        for url in house.router.urls:
            for end in ("leave", "drop"):
                callee = await house.client(url)
                await callee.register(list, PROCEDURE)
                await callee.register(list, "com.", RegisterOptions(match="prefix", invoke="roundrobin"))
                getattr(callee, end)()
                await until(lambda: house.router.session_count == 0)

    in_house(scenario)


def test_procedures_of_the_router_can_not_be_taken_over(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        client = await house.client()
        assert await uri_of(client.register(lambda: 7, "wamp.session.count")) == "wamp.error.invalid_uri"
        await client.register(lambda: 7, "", RegisterOptions(match="prefix"))
        assert await client.call("wamp.session.count") == 1
        assert await client.call("com.anything") == 7

    in_house(scenario)


def test_the_best_pattern_answers_and_learns_the_procedure(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await house.client(), await house.client()
        for match, uri in (
            ("exact", "com.example.a"),
            ("prefix", "com.example."),
            ("prefix", "com.example.b."),
            ("wildcard", "com..a"),
            ("wildcard", "..a"),
            ("wildcard", "org..a"),
            ("wildcard", "org.example."),
        ):

            def answer(details: CallDetails, uri: str = uri) -> list[Any]:
                return [uri, details.procedure]

            await callee.register(answer, uri, RegisterOptions(match=match, details_arg="details"))
        for procedure, uri in (
            ("com.example.a", "com.example.a"),
            ("com.example.c", "com.example."),
            ("com.example.b.c", "com.example.b."),
            ("com.other.a", "com..a"),
            ("net.other.a", "..a"),
            ("org.example.a", "org.example."),
            ("org.other.a", "org..a"),
        ):
            assert await caller.call(procedure) == [uri, procedure]
        assert await uri_of(caller.call("org.other.b")) == "wamp.error.no_such_procedure"

    in_house(scenario)


def test_shared_registrations_choose_by_their_policy(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callees = [await house.client() for _ in range(3)]
        caller = await house.client()

        async def answers(policy: str, calls: int = 6) -> list[int]:
            uri = f"{PROCEDURE}.{policy}"
            for number, callee in enumerate(callees):
                await callee.register(lambda number=number: number, uri, RegisterOptions(invoke=policy))
            return [await caller.call(uri) for _ in range(calls)]

        assert await answers("first") == [0] * 6
        assert await answers("last") == [2] * 6
        assert await answers("roundrobin") == [0, 1, 2, 0, 1, 2]
        assert set(await answers("random", 100)) == {0, 1, 2}

    in_house(scenario)


def test_a_shared_registration_lasts_until_its_last_callee_is_gone(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callees = [await house.client() for _ in range(3)]
        caller = await house.client()
        for number, callee in enumerate(callees):
            await callee.register(lambda number=number: number, PROCEDURE, RegisterOptions(invoke="roundrobin"))
        assert await caller.call(PROCEDURE) == 0
        callees[1].drop()
        await until(lambda: house.router.session_count == 3)
        assert {await caller.call(PROCEDURE) for _ in range(4)} == {0, 2}
        callees[0].drop()
        callees[2].leave()
        await until(lambda: house.router.session_count == 1)
        assert await uri_of(caller.call(PROCEDURE)) == "wamp.error.no_such_procedure"

    in_house(scenario)


def test_another_policy_or_the_same_callee_again_is_refused(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        one, two = await house.client(), await house.client()
        shared = RegisterOptions(invoke="roundrobin")
        await one.register(lambda: 1, PROCEDURE, shared)
        refused = two.register(lambda: 2, PROCEDURE, RegisterOptions(invoke="first"))
        assert await uri_of(refused) == "wamp.error.procedure_exists_with_different_invocation_policy"
        assert await uri_of(one.register(lambda: 1, PROCEDURE, shared)) == "wamp.error.procedure_already_exists"

    in_house(scenario)


def test_the_caller_is_disclosed(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await house.client(), await house.client()

        def who(details: CallDetails) -> list[Any]:
            return [details.caller, details.caller_authid, details.caller_authrole]

        await callee.register(who, PROCEDURE, RegisterOptions(details_arg="details"))
        assert await caller.call(PROCEDURE) == [caller.session_id, caller.details.authid, "anonymous"]

    in_house(scenario)


def test_invocation_ids_count_from_one_in_each_session(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peers = [await house.peer(), await house.peer()]
        caller = await house.peer()
        for number, peer in enumerate(peers):
            peer.tell(REGISTER, 1, {}, f"{PROCEDURE}.p{number}")
            assert (await peer.read())[0] == REGISTERED
        for request, number in enumerate((0, 1, 0, 0, 1), start=100):
            caller.tell(CALL, request, {}, f"{PROCEDURE}.p{number}")
        ids = [[(await peer.read())[1] for _ in range(count)] for peer, count in zip(peers, (3, 2), strict=True)]
        assert ids == [[1, 2, 3], [1, 2]]
        peers[0].tell(YIELD, 2, {}, ["second"])
        assert await caller.read() == [RESULT, 102, {}, ["second"]]

    in_house(scenario)


def test_an_invocation_carries_what_the_call_carried(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        callee, caller = await house.peer(), await house.peer()
        callee.tell(REGISTER, 1, {}, PROCEDURE)
        await callee.read()
        caller.tell(CALL, 1, {}, PROCEDURE, [1, None], {"a": {"b": []}})
        code, _, _, details, args, kwargs = await callee.read()
        assert (code, args, kwargs) == (INVOCATION, [1, None], {"a": {"b": []}})
        assert "procedure" not in details

    in_house(scenario)
