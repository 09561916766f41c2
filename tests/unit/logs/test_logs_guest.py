"""In a process of somebody else's, the lines of our components are heard, and the log is as it was."""

from __future__ import annotations

import logging
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from twisted.logger import Logger

from support.listening import context_of
from wampsup.control.twin import FleetTwin
from wampsup.logs.guest import listen
from wampsup.masking import remember

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wampsup.model.record import Record

CLOCK, SUN = context_of("clock"), context_of("sun")


class Guest:
    """Listens for the components `clock` and `kettle`."""

    def __init__(self) -> None:
        self.fleet: Any = FleetTwin(["clock", "kettle"], 0.0)
        self.records: list[Record] = []
        self.stop = listen("info", self.records.append, self.fleet)

    @property
    def said(self) -> list[tuple[str | None, str]]:
        return [(one.component, one.message) for one in self.records]


@pytest.fixture
def guest() -> Iterator[Guest]:
    made = Guest()
    yield made
    made.stop()


def test_lines_of_our_components_are_heard_and_no_others(guest: Guest) -> None:
    log = Logger(namespace="shop")
    CLOCK.run(log.info, "tick")
    CLOCK.run(logging.getLogger("shop").warning, "%s", "tock")
    CLOCK.run(log.debug, "too quiet")
    SUN.run(log.info, "rises")
    SUN.run(logging.getLogger("shop").warning, "sets")
    log.error("the host's own")
    Logger(namespace="wampsup.runtime").error("it fails", component="kettle")
    assert guest.said == [("clock", "tick"), ("clock", "tock"), ("kettle", "it fails")]


def test_components_that_a_reload_brings_are_heard_as_well(guest: Guest) -> None:
    guest.fleet.replace(["sun"], 0.0)
    CLOCK.run(Logger(namespace="shop").info, "tick")
    SUN.run(Logger(namespace="shop").info, "rises")
    assert guest.said == [("sun", "rises")]


def test_no_secret_is_kept(guest: Guest) -> None:
    remember("correct horse")
    CLOCK.run(Logger(namespace="shop").info, "it is {what}", what="correct horse")
    assert guest.said == [("clock", "it is ...")]


def test_once_it_stops_it_hears_nothing_and_others_go_on(guest: Guest) -> None:
    other = Guest()
    guest.stop()
    CLOCK.run(logging.getLogger("shop").warning, "tick")
    other.stop()
    CLOCK.run(logging.getLogger("shop").warning, "tock")
    assert (guest.said, other.said) == ([], [("clock", "tick")])
    guest.stop = lambda: None


def test_a_record_that_is_a_copy_of_another_process_s_is_no_line(guest: Guest) -> None:
    record = CLOCK.run(logging.makeLogRecord, {"msg": "tick", "name": "shop", "levelno": 40})
    assert record.getMessage() == "tick"
    assert guest.said == []


def test_a_call_of_logging_that_is_wrong_does_not_raise(guest: Guest) -> None:
    CLOCK.run(logging.getLogRecordFactory(), "shop", logging.WARNING, "f.py", 1, "%d", ("x",), None)
    assert "a log call cannot be shown" in guest.said[0][1]


HOST = """
    import logging
    from wampsup.control.twin import FleetTwin
    from wampsup.logs.guest import listen

    listen("info", print, FleetTwin([], 0.0))
    logging.getLogger("host").warning("to whom it may concern")
    logging.basicConfig(format="%(name)s: %(message)s")
    logging.getLogger("host").warning("again")
    assert len(logging.getLogger().handlers) == 1
"""


def test_logging_does_what_it_does_in_a_host_without_us() -> None:
    done = subprocess.run([sys.executable, "-c", dedent(HOST)], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("", "to whom it may concern\nhost: again\n")
