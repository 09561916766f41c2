from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest
from twisted.internet.defer import Deferred, fail

from support.logged import LoggedErrors
from support.reactor import Usage, reactor, sleep, until

if TYPE_CHECKING:
    from support.reactor import ReactorThread, Run


def test_a_scenario_gives_its_result(run: Run) -> None:
    async def scenario() -> int:
        await sleep(0.001)
        return 42

    assert run(scenario) == 42
    assert run(lambda: 43) == 43


def test_an_exception_of_a_scenario_keeps_its_traceback(run: Run) -> None:
    async def the_culprit() -> None:
        await sleep(0.001)
        raise KeyError("kettle")

    with pytest.raises(KeyError, match="kettle") as caught:
        run(the_culprit)
    assert "the_culprit" in "".join(traceback.format_tb(caught.tb))


def test_a_scenario_that_hangs_is_ended_and_shows_where_it_was(run: Run) -> None:
    async def waits_for_nothing() -> None:
        await Deferred[None]()

    with pytest.raises(AssertionError, match=r"did not end within 0.05 s") as caught:
        run(waits_for_nothing, timeout=0.05)
    assert caught.value.__cause__ is not None
    assert "waits_for_nothing" in "".join(traceback.format_tb(caught.value.__cause__.__traceback__))


def test_until_gives_the_answer_or_says_what_did_not_come(run: Run) -> None:
    answers = iter([None, 0, "yes"])
    assert run(lambda: until(lambda: next(answers))) == "yes"
    with pytest.raises(AssertionError, match=r"^rain did not come about within 0.02 s"):
        run(lambda: until(lambda: False, 0.02, "rain"))


def test_a_timer_that_is_left_shows_as_usage(run: Run) -> None:
    async def scenario() -> None:
        before = Usage.now()
        await before.again()
        timer = reactor.callLater(60, lambda: None)
        with pytest.raises(AssertionError, match="has become"):
            await before.again(timeout=0.02)
        timer.cancel()
        await before.again()

    run(scenario)


def test_an_unhandled_error_in_a_deferred_is_collected(run: Run, logged_errors: LoggedErrors) -> None:
    def forget_a_failure() -> None:
        fail(ValueError("the kettle is dry"))

    run(forget_a_failure)
    assert len(logged_errors.take("kettle is dry")) == 1
    with pytest.raises(AssertionError, match="no error was logged"):
        logged_errors.take("kettle is dry")


def test_an_error_that_nobody_expected_fails_the_test(reactor_thread: ReactorThread) -> None:
    logged = LoggedErrors()

    def forget_a_failure() -> None:
        fail(ValueError("the kettle is dry"))

    reactor_thread.run(forget_a_failure)
    with pytest.raises(AssertionError, match="the kettle is dry"):
        logged.close()
