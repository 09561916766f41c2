"""A line of the log holds no secret, and in what Autobahn writes out of its messages nobody's name."""

from __future__ import annotations

import io
import json
import logging
from pprint import pformat
from typing import Any

import pytest
from twisted.logger import LogLevel
from twisted.python.failure import Failure

from wampsup.logs.secrets import without_secrets
from wampsup.logs.sink import Sink, in_lines, to_stream
from wampsup.masking import remember, remember_name
from wampsup.model.record import Record

SECRET = 'a "sécret"\nof two lines'
WIRE = "autobahn.twisted.websocket.WebSocketClientProtocol"


def on_the_wire(message: str) -> str:
    return without_secrets(Record(at=0.0, level="trace", message=message, logger=WIRE)).message


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_line_of_the_log_holds_a_secret(form: Any) -> None:
    remember(SECRET)
    stream = io.StringIO()
    sink = Sink("trace", in_lines(form, to_stream(stream)))
    event: dict[str, Any] = {"log_time": 0.0, "log_level": LogLevel.info, "log_namespace": "shop"}
    for value in (SECRET, repr(SECRET), SECRET.encode(), [SECRET], json.dumps(SECRET)):
        sink(event | {"log_format": "it is {value}", "value": value})
        sink.emit(logging.LogRecord("shop", logging.DEBUG, "f.py", 1, "it is %s", (value,), None))
    sink(event | {"log_format": "", "log_failure": Failure(ValueError(SECRET))})
    sink(event | {"log_format": f"{{missing.{SECRET}}}"})
    said = stream.getvalue()
    assert said.count("it is ") >= 10
    assert not any(part in said for part in ("cret", "two lines", "s\\u00e9", "s\\xc3"))


def test_a_line_without_secrets_is_as_it_was() -> None:
    record = Record(at=0.0, level="info", message="tick", traceback="tock")
    assert without_secrets(record) is record


def test_a_name_is_masked_in_messages_on_the_wire_alone() -> None:
    remember_name("joe")
    hello = "\x1b[34mjoe\x1b[0m: {'authid': 'joe', 'door': 'joey'}"
    assert on_the_wire(hello) == "...: {'authid': '...', 'door': 'joey'}"
    own = Record(at=0.0, level="info", message=hello, logger="autobahn.twisted.wamp.Session")
    assert without_secrets(own) is own


def test_octets_are_left_out_and_ids_are_not() -> None:
    assert on_the_wire("TX 8305667365637265740a6a6f65 octets") == "TX ... octets"
    assert on_the_wire("session 6537004315997506") == "session 6537004315997506"


def test_a_long_secret_is_found_where_it_goes_over_several_lines() -> None:
    secret = "it's " + "correct horse battery staple " * 6
    remember(secret)
    picture = pformat([5, secret, {"x": secret.encode()}])
    assert "\n" in picture
    assert "horse" not in on_the_wire(picture)
