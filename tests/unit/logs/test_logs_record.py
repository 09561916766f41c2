"""What becomes a line of the log, at which level, of which component; and how the line reads."""

from __future__ import annotations

import io
import json
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

from wampsup.logs.record import from_event, from_logging
from wampsup.logs.render import as_json, as_text
from wampsup.logs.sink import Sink, in_lines, to_stream
from wampsup.model.record import Record
from wampsup.reactor.account import Account
from wampsup.reactor.scope import Scope, component_name, context_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.model.spec import LogFormat
    from wampsup.model.spec import LogLevel as Threshold

AT = 1_700_000_000.123


def event(**fields: Any) -> dict[str, Any]:
    said = {"log_time": AT, "log_level": LogLevel.info, "log_namespace": "shop.clock", "log_format": "{text}"}
    return said | {"text": "tick"} | fields


def record(**fields: Any) -> Record:
    made = from_event(event(**fields))
    assert made is not None
    return made


def failure() -> Failure:
    return Failure(ValueError("the kettle is dry"))


def test_an_event_belongs_to_the_component_whose_code_runs() -> None:
    assert record().component is None
    assert context_of(Scope(Account("clock"))).run(record).component == "clock"
    assert component_name() is None


def test_an_event_of_the_supervisor_may_name_its_component_itself() -> None:
    told = context_of(Scope(Account("clock"))).run(
        lambda: record(component="pricing", log_namespace="wampsup.runtime.fleet.Fleet")
    )
    assert told.component == "pricing"


@pytest.mark.parametrize("value", ["pricing", 5])
def test_an_event_of_a_component_is_its_own_whatever_it_calls_component(value: object) -> None:
    told = context_of(Scope(Account("clock"))).run(
        lambda: record(log_format="on {component}", component=value, own_traceback=value)
    )
    assert (told.component, told.message, told.traceback) == ("clock", f"on {value}", None)
    said = logging.LogRecord("shop", logging.WARNING, "f.py", 1, "dry", (), None)
    said.component = value
    assert context_of(Scope(Account("clock"))).run(from_logging, said).component == "clock"


def test_a_record_of_logging_belongs_to_the_component_whose_code_runs() -> None:
    said = logging.LogRecord("shop", logging.WARNING, "f.py", 1, "%s is dry", ("the kettle",), None)
    made = context_of(Scope(Account("clock"))).run(from_logging, said)
    assert (made.component, made.level, made.message, made.logger) == ("clock", "warn", "the kettle is dry", "shop")


@pytest.mark.parametrize(
    ("number", "level"), [(50, "critical"), (40, "error"), (35, "warn"), (30, "warn"), (20, "info"), (10, "debug")]
)
def test_levels_of_logging_have_their_counterparts(number: int, level: str) -> None:
    assert from_logging(logging.LogRecord("shop", number, "f.py", 1, "x", (), None)).level == level


def test_an_exception_in_a_record_of_logging_keeps_its_traceback() -> None:
    error = ValueError("dry")
    said = logging.LogRecord("shop", 40, "f.py", 1, "x", (), (type(error), error, None))
    assert "ValueError: dry" in (from_logging(said).traceback or "")


def test_a_failure_is_told_with_its_type_message_and_traceback() -> None:
    told = record(log_failure=failure(), log_level=LogLevel.critical, text="it broke")
    assert told.message == "it broke: ValueError: the kettle is dry"
    assert "Traceback" in (told.traceback or "")


def test_an_unhandled_error_of_a_deferred_is_one_line() -> None:
    said: list[Any] = []
    log = Logger(namespace="twisted.internet.defer", observer=said.append)  # type: ignore[arg-type]  # takes any callable
    log.critical("Unhandled error in Deferred:", isError=True)
    log.failure("", failure())
    records = [made for one in said if (made := from_event(one)) is not None]
    assert [one.message for one in records] == ["unhandled error: ValueError: the kettle is dry"]


NOISE = {
    "a connection's factory": {"log_format": "Starting factory {factory!r}", "factory": "<X>"},
    "a listening port": {"text": "ControlSite (Bounded) starting on '/run/x.sock'", "log_namespace": "log_legacy"},
    "a closed port": {"text": "(UNIX Port '/run/x.sock' Closed)", "log_namespace": "log_legacy"},
    "a library's info": {"log_namespace": "autobahn.wamp.protocol"},
    "Autobahn's Component": {"log_namespace": "autobahn.twisted.component.Component", "log_level": LogLevel.error},
    "a session's farewell": {
        "log_format": "session closed with reason {reason} [{message}]",
        "reason": "wamp.close.normal",
        "message": None,
        "log_level": LogLevel.warn,
    },
}


@pytest.mark.parametrize("fields", NOISE.values(), ids=NOISE)
def test_noise_of_libraries_is_for_debugging(fields: dict[str, Any]) -> None:
    assert record(**fields).level == "debug"


SPEECH = {
    "a session's logger": ({"log_namespace": "autobahn.twisted.wamp.Session"}, "info"),
    "a user's logger": ({}, "info"),
    "a library's warning": ({"log_namespace": "twisted.web", "log_level": LogLevel.warn}, "warn"),
    "a trace": ({"txaio_trace": True, "log_level": LogLevel.debug}, "trace"),
    "print, whatever it says": ({"text": "(TCP Port 5 Closed)", "log_namespace": "stdout"}, "info"),
    "a factory of the user's": ({"text": "Starting factory robots"}, "info"),
    "an old message of the user's": (
        {"text": "it is starting on monday", "log_namespace": "log_legacy"},
        "info",
    ),
}


@pytest.mark.parametrize(("fields", "level"), SPEECH.values(), ids=SPEECH)
def test_what_a_component_says_keeps_its_level(fields: dict[str, Any], level: str) -> None:
    assert record(**fields).level == level


@pytest.mark.parametrize("at", [None, "yesterday", -1, float("nan"), float("inf"), 1e15])
def test_a_line_of_a_time_that_there_is_not_is_said_now(at: Any) -> None:
    said = logging.LogRecord("shop", logging.WARNING, "f.py", 1, "dry", (), None)
    said.created = at
    for line in (record(log_time=at), from_logging(said)):
        assert abs(line.at - time.time()) < 60
        assert as_json(line)


def test_a_line_of_text_names_time_level_and_component() -> None:
    line = Record(at=AT, level="info", component="clock", message="joined realm1 as 7")
    assert as_text(line) == "2023-11-14T22:13:20.123Z info  [clock] joined realm1 as 7"
    mine = Record(at=AT, level="error", message="no")
    assert as_text(mine) == "2023-11-14T22:13:20.123Z error [wampsup] no"


def test_in_text_no_message_can_steer_the_terminal_or_forge_a_line() -> None:
    line = Record(at=AT, level="info", component="a", message="x\x1b[2J\n2023 info [b] y\rz", traceback="T\n  f\x07\n")
    assert as_text(line).split("\n")[0] == "2023-11-14T22:13:20.123Z info  [a] x\\x1b[2J"
    assert as_text(line).split("\n")[1:] == ["    2023 info [b] y", "    z", "    T", "      f\\x07"]


def test_a_line_of_json_is_one_object_on_one_line() -> None:
    line = as_json(Record(at=AT, level="warn", component="a", message="x\n\x1b", logger="shop", traceback="T\n"))
    assert "\n" not in line
    assert "\x1b" not in line
    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.123Z",
        "level": "warn",
        "component": "a",
        "message": "x\n\x1b",
        "logger": "shop",
        "traceback": "T\n",
    }


def written(threshold: Threshold, form: LogFormat, write: Callable[[Sink], None]) -> list[str]:
    stream = io.StringIO()
    write(Sink(threshold, in_lines(form, to_stream(stream))))
    return stream.getvalue().splitlines()


def test_the_threshold_keeps_what_is_less_urgent_out() -> None:
    def write(sink: Sink) -> None:
        sink(event(text="info"))
        sink(event(text="warn", log_level=LogLevel.warn))
        sink.emit(logging.LogRecord("x", logging.DEBUG, "f.py", 1, "debug", (), None))

    assert [line.split("] ")[1] for line in written("warn", "text", write)] == ["warn"]
    assert [json.loads(line)["message"] for line in written("debug", "json", write)] == ["info", "warn", "debug"]


class Speechless:
    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


WRONG: dict[str, tuple[Callable[[Sink], None], str]] = {
    "arguments of logging that don't fit": (
        lambda sink: sink.emit(logging.LogRecord("x", 30, "f.py", 1, "bad %d", ("x",), None)),
        "TypeError: %d format: a real number is required, not str; it is ('bad %d', ('x',))",
    ),
    "a message that has no text": (
        lambda sink: sink.emit(logging.LogRecord("x", 30, "f.py", 1, Speechless(), (), None)),
        "RuntimeError: no words; it is <tuple instance at 0x",
    ),
    "a level that is none": (
        lambda sink: sink(event(log_level="info")),
        "AttributeError: 'str' object has no attribute 'name'; it is '{text}'",
    ),
    "a failure that is none": (
        lambda sink: sink(event(log_failure=ValueError("x"))),
        "AttributeError: 'ValueError' object has no attribute 'type'; it is '{text}'",
    ),
}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(("write", "told"), WRONG.values(), ids=WRONG)
def test_a_log_call_that_is_wrong_is_told_and_never_raises(
    write: Callable[[Sink], None], told: str, form: LogFormat
) -> None:
    line = context_of(Scope(Account("clock"))).run(written, "info", form, write)[0]
    assert f"a log call cannot be shown: {told}" in line
    assert "[clock]" in line if form == "text" else json.loads(line)["component"] == "clock"


def test_a_stream_that_is_gone_takes_nothing_down() -> None:
    stream = io.StringIO()
    sink = Sink("info", in_lines("text", to_stream(stream)))
    stream.close()
    sink(event())
