"""Errors that nobody takes: each is one line, of the component that it came from, or of nobody, and never another's."""

from __future__ import annotations

import gc
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet import defer
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python import log as legacy
from twisted.python.failure import Failure

from support.listening import context_of, listening
from wampsup.logs.unhandled import watch_deferreds, watch_threads_and_finalizers
from wampsup.logs.whose import watch_collector
from wampsup.reactor.scope import outside, within

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from support.listening import Listener

CLOCK, SUN = context_of("clock"), context_of("sun")


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Listens in a process in which errors are watched."""
    usual = defer.DebugInfo, threading.excepthook, sys.unraisablehook, tuple(gc.callbacks)
    threading.excepthook, sys.unraisablehook = threading.__excepthook__, sys.__unraisablehook__
    watch_deferreds()
    watch_threads_and_finalizers()
    watch_collector()
    try:
        with listening() as made:
            yield made
    finally:
        defer.DebugInfo, threading.excepthook, sys.unraisablehook, callbacks = usual  # type: ignore[misc]
        gc.callbacks[:] = callbacks


class Knot:
    """Keeps what it holds until garbage is collected."""

    def __init__(self, *held: Any) -> None:
        self.held = held
        self.itself = self


def one_line(listener: Listener) -> tuple[str | None, str, str]:
    """The line that is said once nothing is left, in somebody else's context."""
    context_of("moon").run(gc.collect)
    (line,) = listener.said
    return line


def fails() -> None:
    deferred: Deferred[None] = Deferred()
    deferred.errback(ValueError("dry"))


def test_an_unhandled_error_is_a_line_of_the_component_in_which_it_came_about(listener: Listener) -> None:
    CLOCK.run(fails)
    assert one_line(listener) == ("clock", "critical", "unhandled error: ValueError: dry")


def test_an_unhandled_error_of_nobody_stays_nobody_s(listener: Listener) -> None:
    fails()
    assert one_line(listener)[0] is None


def test_an_unhandled_error_is_not_that_of_whose_code_runs_when_its_deferred_goes(listener: Listener) -> None:
    deferreds: list[Deferred[None]] = []

    def fails_later() -> None:
        deferreds.append(Deferred())
        deferreds[0].errback(ValueError("dry"))

    CLOCK.run(fails_later)
    SUN.run(deferreds.clear)
    assert one_line(listener)[0] == "clock"


def test_nor_of_whose_code_runs_when_garbage_is_collected(listener: Listener) -> None:
    def fails_in_a_knot() -> None:
        deferred: Deferred[None] = Deferred()
        deferred.errback(ValueError("dry"))
        Knot(deferred)

    CLOCK.run(fails_in_a_knot)
    assert listener.said == []
    SUN.run(gc.collect)
    assert one_line(listener)[0] == "clock"


@pytest.mark.parametrize("begin", [Deferred.fromCoroutine, defer.ensureDeferred])
def test_an_error_of_a_coroutine_is_its_component_s_whoever_had_it_go_on(
    listener: Listener, begin: Callable[[Coroutine[Any, Any, None]], Deferred[None]]
) -> None:
    shared: Deferred[None] = Deferred()

    async def waits() -> None:
        await shared
        raise ValueError("dry")

    CLOCK.run(lambda: begin(waits()))
    SUN.run(shared.callback, None)
    assert one_line(listener)[0] == "clock"


def test_so_is_one_of_an_inline_callback(listener: Listener) -> None:
    shared: Deferred[None] = Deferred()

    @defer.inlineCallbacks
    def waits() -> Any:
        yield shared

    CLOCK.run(waits)
    SUN.run(shared.errback, ValueError("dry"))
    assert one_line(listener)[0] == "clock"


def test_an_error_that_is_taken_after_all_is_told_by_nobody(listener: Listener) -> None:
    def fails_and_takes_it() -> None:
        deferred: Deferred[None] = Deferred()
        deferred.errback(ValueError("dry"))
        deferred.addErrback(lambda _: None)

    CLOCK.run(fails_and_takes_it)
    CLOCK.run(lambda: defer.maybeDeferred(fails_and_takes_it).addErrback(lambda _: None))
    gc.collect()
    assert listener.said == []


def test_an_error_in_place_of_one_that_was_taken_is_that_of_who_has_put_it_there(listener: Listener) -> None:
    deferred: list[Deferred[None]] = [Deferred()]
    CLOCK.run(deferred[0].errback, KeyError("dry"))

    def mends() -> None:
        def worse(_failure: Failure) -> None:
            raise ValueError("broken")

        deferred.pop().addErrback(worse)

    SUN.run(mends)
    assert one_line(listener) == ("sun", "critical", "unhandled error: ValueError: broken")


def test_what_a_finalizer_says_while_garbage_is_collected_is_nobody_s(listener: Listener) -> None:
    class Talks(Knot):
        def __del__(self) -> None:
            Logger(namespace="shop").info("gone")
            legacy.msg("for good")

    CLOCK.run(Talks)
    SUN.run(gc.collect)
    assert [(component, message) for component, _, message in listener.said] == [(None, "gone"), (None, "for good")]


def test_what_it_says_elsewhere_is_its_component_s(listener: Listener) -> None:
    class Talks:
        def __del__(self) -> None:
            Logger(namespace="shop").info("gone")

    CLOCK.run(lambda: bool(Talks()))
    assert one_line(listener)[0] == "clock"


class Breaks:
    def __del__(self) -> None:
        raise ValueError("dry")


def test_an_error_of_a_finalizer_is_one_line(listener: Listener) -> None:
    CLOCK.run(lambda: bool(Breaks()))
    component, level, message = one_line(listener)
    assert (component, level) == ("clock", "critical")
    assert message.startswith("an exception was ignored in <function Breaks.__del__ at ")
    assert message.endswith(": ValueError: dry")
    assert "in __del__" in (listener.records[0].traceback or "")


def test_and_nobody_s_while_garbage_is_collected(listener: Listener) -> None:
    CLOCK.run(lambda: Knot(Breaks()))
    SUN.run(gc.collect)
    assert one_line(listener)[0] is None


def test_an_error_of_a_thread_is_one_line(listener: Listener) -> None:
    def work() -> None:
        raise ValueError("dry")

    thread = threading.Thread(target=lambda: CLOCK.run(work), name="kettle")
    thread.start()
    thread.join(10)
    assert one_line(listener)[1:] == ("critical", "thread `kettle` failed: ValueError: dry")
    assert "in work" in (listener.records[0].traceback or "")


def test_a_thread_that_ends_itself_says_nothing(listener: Listener) -> None:
    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join(10)
    assert listener.said == []


def test_an_exception_that_comes_out_of_a_component_is_the_component_s_whoever_logs_it(listener: Listener) -> None:
    def breaks() -> None:
        raise ValueError("dry")

    try:
        within(CLOCK, breaks)()
    except ValueError:
        legacy.err(None, "while it was called")
        Logger(namespace="twisted.internet.base").failure("while it was called")
        SUN.run(Logger(namespace="shop").failure, "it was told so")
    assert listener.said == [
        ("clock", "critical", "while it was called: ValueError: dry"),
        ("clock", "critical", "while it was called: ValueError: dry"),
        ("sun", "critical", "it was told so: ValueError: dry"),
    ]


def test_it_is_that_of_the_innermost_one(listener: Listener) -> None:
    def breaks() -> None:
        raise ValueError("dry")

    for inner in (within(SUN, breaks), lambda: outside(breaks)):
        try:
            within(CLOCK, inner)()
        except ValueError:
            legacy.err(None, "while it was called")
    assert [component for component, _, _ in listener.said] == ["sun", None]


def test_an_exception_that_comes_out_of_nobody_s_context_is_nobody_s(listener: Listener) -> None:
    legacy.err(ValueError("dry"))
    Logger(namespace="shop").failure("", Failure(ValueError("dry")))
    assert [component for component, _, _ in listener.said] == [None, None]
