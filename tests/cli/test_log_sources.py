"""Whatever a component says, in whatever way, is one line of the log with its name: all ways at once, of two."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from support.command import fleet
from support.files import short_folder, write_fleet, write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.command import Fleet

FLEET = """
    [supervisor]
    name = "edge"
    log_format = "json"

    [router]
    listen = "rs://unix:r.sock"

    [defaults]
    transports = "rs://unix:r.sock"

    [components.talks]
    main = "parts:talks"
    extra = { name = "talks" }

    [components.other]
    main = "parts:talks"
    extra = { name = "other" }
"""

PARTS = """
    import gc
    import logging
    import sys
    import threading
    import warnings

    import txaio
    from twisted.internet.defer import Deferred, ensureDeferred
    from twisted.internet.task import deferLater
    from twisted.internet.threads import deferToThread
    from twisted.logger import Logger, globalLogPublisher, textFileLogObserver
    from twisted.python import log as legacy

    txaio.use_twisted()
    log = Logger()

    class Breaks:
        def __init__(self, name):
            self.name = name

        def __del__(self):
            raise ValueError(f"in a finalizer of {self.name}")

    class Knot:
        def __init__(self, held):
            self.held = held
            self.itself = self

    def fails(error):
        deferred = Deferred()
        deferred.errback(error)
        return deferred

    async def raises(error):
        raise error

    def ways(name, session):
        print("print", "of", name)
        sys.stderr.write(f"standard error of {name}\\n")
        warnings.warn(f"warnings of {name}", stacklevel=1)
        logging.getLogger("lib").warning("logging of %s", name)
        own = logging.getLogger(f"own.{name}")
        own.addHandler(logging.StreamHandler())
        own.error("own handler of %s", name)
        log.info("twisted.logger of {name}", name=name)
        legacy.msg(f"log.msg of {name}")
        legacy.err(ValueError(f"log.err of {name}"))
        legacy.startLogging(sys.stdout)
        txaio.start_logging(level="debug")
        txaio.make_logger().info("txaio of {name}", name=name)
        session.log.info("session of {name}", name=name)
        session.log.debug("debug of {name}", name=name)
        try:
            raise ValueError(f"log.failure of {name}")
        except ValueError:
            log.failure("")
        fails(ValueError(f"Deferred of {name}"))
        Knot(fails(ValueError(f"Deferred in a knot of {name}")))
        ensureDeferred(raises(ValueError(f"coroutine of {name}")))
        Breaks(name)

    def elsewhere(reactor, name):
        def breaks(where):
            raise ValueError(f"in {where} of {name}")

        reactor.callLater(0, breaks, "a timer")
        reactor.callInThread(breaks, "the pool")
        reactor.callInThread(reactor.callFromThread, breaks, "a call from a thread")

    async def talks(reactor, session):
        name = session.config.extra["name"]
        ways(name, session)
        for number in range(20):
            print("half", end=" ")
            await deferLater(reactor, 0)
            print(f"{number} of", end=" ")
            await deferLater(reactor, 0)
            print(name)
        gc.collect()
        elsewhere(reactor, name)
        await deferLater(reactor, 0, print, "timer of", name)
        thread = threading.Thread(target=lambda: 1 / 0, name=f"thread of {name}")
        thread.start()
        thread.join()
        await deferToThread(print, "pool of", name)
        observer = textFileLogObserver(sys.stdout)
        globalLogPublisher.addObserver(observer)
        log.info("observed {name}", name=name)
        globalLogPublisher.removeObserver(observer)
        print("not yet the end of", name, end="")
        await Deferred()
"""

NAMES = ("talks", "other")
WAYS = (
    ("info", "print of {}"),
    ("error", "standard error of {}"),
    ("warn", "logging of {}"),
    ("error", "own handler of {}"),
    ("info", "twisted.logger of {}"),
    ("info", "log.msg of {}"),
    ("critical", "unhandled error: ValueError: log.err of {}"),
    ("info", "txaio of {}"),
    ("info", "session of {}"),
    ("critical", "unhandled error: ValueError: log.failure of {}"),
    ("critical", "unhandled error: ValueError: Deferred of {}"),
    ("critical", "unhandled error: ValueError: Deferred in a knot of {}"),
    ("critical", "unhandled error: ValueError: coroutine of {}"),
    ("info", "timer of {}"),
    ("critical", "while handling timed call: ValueError: in a timer of {}"),
    ("critical", "unhandled error: ValueError: in the pool of {}"),
    ("critical", "while calling from thread: ValueError: in a call from a thread of {}"),
    ("info", "pool of {}"),
    ("info", "observed {}"),
)


@pytest.fixture
def edge() -> Iterator[Fleet]:
    with short_folder() as folder:
        write_module(folder, PARTS)
        with fleet(write_fleet(folder, FLEET)) as running:
            all_of_it = [message.format(name) for name in NAMES for _, message in WAYS]
            wait_until(lambda: all(message in running.err for message in all_of_it), 30, "the last line")
            yield running


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_each_way_gives_one_line_with_the_component_s_name(edge: Fleet) -> None:
    said = lines(edge.err)
    counted = Counter((one["component"], one["level"], one["message"]) for one in said)
    for name in NAMES:
        for level, message in WAYS:
            assert counted.pop((name, level, message.format(name))) == 1
        for number in range(20):
            assert counted.pop((name, "info", f"half {number} of {name}")) == 1
        (finalizer,) = (one for one in said if f"ValueError: in a finalizer of {name}" in one["message"])
        (warning,) = (one for one in said if f"UserWarning: warnings of {name}" in one["message"])
        (thread,) = (one for one in said if f"thread `thread of {name}` failed: ZeroDivisionError" in one["message"])
        assert [one["component"] for one in (finalizer, warning, thread)] == [name] * 3
        for one in (finalizer, warning, thread):
            del counted[one["component"], one["level"], one["message"]]
        (joined,) = (one for one in said if one["component"] == name and one["message"].startswith("joined "))
        del counted[name, "info", joined["message"]]
    assert [message for component, _, message in counted if component is not None] == []
    assert sum(counted.values()) == 2, counted  # where the router listens, and the control socket


def test_the_lines_that_are_kept_are_those_of_the_log(edge: Fleet) -> None:
    kept = edge.wampsup("logs", "--json", "-n", "all").out.splitlines()
    assert sorted(kept) == sorted(edge.lines)  # two threads may be told in another order


def test_a_line_that_has_no_end_is_said_at_the_end(edge: Fleet) -> None:
    assert "not yet the end" not in edge.err
    assert edge.stop() == 0
    said = [(one["component"], one["message"]) for one in lines(edge.err)]
    for name in NAMES:
        assert said.count((name, f"not yet the end of {name}")) == 1
