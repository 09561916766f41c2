"""What components write to standard output and standard error: whole lines, whosever turn it is, and no line twice."""

from __future__ import annotations

import logging
import subprocess
import sys
from textwrap import dedent
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest
from twisted.logger import (
    FilteringLogObserver,
    LegacyLogObserverWrapper,
    Logger,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogPublisher,
    textFileLogObserver,
)
from twisted.python import log as legacy

from support.listening import context_of, listening
from wampsup.logs.standard import LONGEST, Standard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from twisted.logger import LogEvent

    from support.listening import Listener

CLOCK, SUN = context_of("clock"), context_of("sun")


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as made:
        yield made


@pytest.fixture
def out(listener: Listener) -> Standard:
    return Standard("stdout", LogLevel.info, "utf-8", listener.sink)


def messages(listener: Listener) -> list[tuple[str | None, str]]:
    return [(component, message) for component, _, message in listener.said]


def test_print_is_one_line_of_the_component_whose_code_it_is(listener: Listener, out: Standard) -> None:
    CLOCK.run(print, "tick", 5, file=out)
    Standard("stderr", LogLevel.error, None, listener.sink).write("oh\n")
    assert listener.said == [("clock", "info", "tick 5"), (None, "error", "oh")]
    assert [record.logger for record in listener.records] == ["stdout", "stderr"]


def test_components_that_print_halves_in_turn_do_not_mix(listener: Listener, out: Standard) -> None:
    CLOCK.run(print, "ti", end="", file=out)
    SUN.run(print, "ri", end="", file=out)
    print("the supervisor ", end="", file=out)
    CLOCK.run(print, "ck\nto", end="", file=out)
    SUN.run(print, "ses", file=out)
    print("as well", file=out)
    CLOCK.run(print, "ck", file=out)
    assert messages(listener) == [
        ("clock", "tick"),
        ("sun", "rises"),
        (None, "the supervisor as well"),
        ("clock", "tock"),
    ]


def test_threads_that_print_halves_in_turn_do_not_mix(listener: Listener, out: Standard) -> None:
    turn = Barrier(2)

    def work(name: str) -> None:
        for number in range(50):
            out.write(name)
            turn.wait(10)
            out.write(f" {number}\n")
            turn.wait(10)

    threads = [Thread(target=work, args=(name,)) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    for name in ("left", "right"):
        assert [one for _, one in messages(listener) if name in one] == [f"{name} {number}" for number in range(50)]


def test_a_line_without_an_end_is_cut(listener: Listener, out: Standard) -> None:
    for _ in range(3):
        CLOCK.run(out.write, "." * (LONGEST // 2))
    assert [len(message) for _, message in messages(listener)] == [LONGEST + LONGEST // 2]
    assert messages(listener)[0][0] == "clock"


def test_what_waits_for_the_end_of_its_line_is_said_at_the_end(listener: Listener, out: Standard) -> None:
    CLOCK.run(print, "Password: ", end="", file=out)
    print("...", end="", file=out)
    out.end_lines()
    out.end_lines()
    assert messages(listener) == [("clock", "Password: "), (None, "...")]


def test_a_component_that_closes_it_takes_it_from_nobody(listener: Listener, out: Standard) -> None:
    CLOCK.run(out.close)
    SUN.run(print, "rises", file=out)
    assert (messages(listener), out.closed) == ([("sun", "rises")], False)


def test_empty_lines_say_nothing(listener: Listener, out: Standard) -> None:
    print("\n", file=out)
    print(file=out)
    assert messages(listener) == []


def test_it_is_a_file_as_others_are(listener: Listener, out: Standard) -> None:
    assert out.write("tick\n") == 5
    assert out.buffer.write("h\N{LATIN SMALL LETTER O WITH DIAERESIS}\n".encode()) == 4
    out.buffer.write(b"\xff\n")
    out.writelines(["a", "b\n"])
    out.flush()
    assert not out.isatty()
    assert [message for _, message in messages(listener)] == ["tick", "hö", "\\xff", "ab"]
    with pytest.raises(TypeError):
        out.write(5)  # type: ignore[type-var]


@pytest.fixture
def logger(out: Standard) -> Iterator[logging.Logger]:
    """A logger of `logging` with a handler of its own, which writes to standard output."""
    made = logging.getLogger("shop.kettle")
    handler = logging.StreamHandler(out)
    made.addHandler(handler)
    yield made
    made.propagate = True
    made.setLevel(logging.NOTSET)
    made.removeHandler(handler)


def test_a_handler_of_its_own_does_not_say_a_second_time_what_the_log_has(
    listener: Listener, logger: logging.Logger
) -> None:
    CLOCK.run(logger.error, "dry")
    logger.setLevel(logging.DEBUG)
    CLOCK.run(logger.debug, "still dry")
    assert listener.said == [("clock", "error", "dry")]


def test_a_handler_that_keeps_it_from_the_log_is_heard(listener: Listener, logger: logging.Logger) -> None:
    logger.propagate = False
    CLOCK.run(logger.error, "dry")
    assert listener.said == [("clock", "info", "dry")]


def _new(out: Any) -> Any:
    return textFileLogObserver(out)


def _filtered(out: Any) -> Any:
    anything: Any = LogLevelFilterPredicate()
    return FilteringLogObserver(_new(out), [anything])


def _legacy(out: Any) -> Any:
    observer: Any = legacy.FileLogObserver(out)
    return LegacyLogObserverWrapper(observer.emit)


@pytest.mark.parametrize("observer_of", [_new, _filtered, _legacy])
def test_an_observer_on_standard_output_says_nothing_a_second_time(
    listener: Listener, out: Standard, observer_of: Callable[[Any], Any]
) -> None:
    observer = observer_of(out)
    globalLogPublisher.addObserver(observer)
    try:
        CLOCK.run(Logger(namespace="shop").info, "tick")
        CLOCK.run(legacy.msg, "tock")
        CLOCK.run(print, "ticks", file=out)
        CLOCK.run(Logger(namespace="shop").debug, "too quiet")
    finally:
        globalLogPublisher.removeObserver(observer)
    assert messages(listener) == [("clock", "tick"), ("clock", "tock"), ("clock", "ticks")]


def test_it_says_nothing_a_second_time_where_another_thread_speaks_meanwhile(listener: Listener, out: Standard) -> None:
    def interrupted(event: LogEvent) -> None:
        if event["log_format"] == "tick":
            other = Thread(target=Logger(namespace="shop").info, args=("meanwhile",))
            other.start()
            other.join()

    observers: list[Any] = [interrupted, _new(out)]
    for observer in observers:
        globalLogPublisher.addObserver(observer)
    try:
        CLOCK.run(Logger(namespace="shop").info, "tick")
    finally:
        for observer in observers:
            globalLogPublisher.removeObserver(observer)
    assert messages(listener) == [("clock", "tick"), ("clock", "meanwhile")]


def test_an_observer_of_ones_own_log_is_heard(listener: Listener, out: Standard) -> None:
    Logger(namespace="other").info("before")
    CLOCK.run(Logger(namespace="shop", observer=_new(out)).info, "tick")
    (_, before), (component, tick) = messages(listener)
    assert (before, component) == ("before", "clock")
    assert tick.endswith("[shop#info] tick")


def test_what_twisted_hands_to_logging_is_not_told_a_second_time(listener: Listener) -> None:
    bridge: Any = legacy.PythonLoggingObserver("shop.bridge")
    bridge.start()
    try:
        CLOCK.run(Logger(namespace="shop").warn, "dry")
    finally:
        bridge.stop()
    assert listener.said == [("clock", "warn", "dry")]


PROGRAM = """
    import sys
    from wampsup.logs.install import install
    from wampsup.logs.sink import in_lines, to_stream

    install("info", in_lines("text", to_stream(sys.stdout)))
    raise LookupError("nobody is there")
"""


def test_what_python_itself_writes_is_logged_as_well() -> None:
    done = subprocess.run(
        [sys.executable, "-c", dedent(PROGRAM)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert [line[25:] for line in done.stdout.splitlines()][-1] == "error [wampsup] LookupError: nobody is there"


def test_python_s_own_streams_are_as_they_were() -> None:
    assert not isinstance(sys.stdout, Standard)
