"""The life of a supervisor: how it comes up, what it logs, and how it goes; through the real command."""

from __future__ import annotations

import http
import json
import os
import re
import signal
import socket
import time
from contextlib import closing, contextmanager
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from support.command import fleet, wampsup
from support.files import write_fleet, write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.command import Fleet

FLEET = """
    [supervisor]
    name = "edge"
    {supervisor}

    [router]
    listen = "rs://unix:r.sock"
    realms = ["realm1"]

    [defaults]
    realm = "realm1"
    transports = "rs://unix:r.sock"
    stop_timeout = 1
"""

PARTS = """
    import logging
    import os
    import signal
    import sys
    import time
    import warnings
    from pathlib import Path

    import txaio
    from autobahn.twisted.wamp import ApplicationSession
    from twisted.internet.defer import CancelledError, Deferred, fail
    from twisted.logger import Logger
    from twisted.python import log as old_log

    txaio.start_logging(level="info")

    async def clock(reactor, session):
        await Deferred()

    async def talker(reactor, session):
        print("said by print")
        print("said to stderr", file=sys.stderr)
        logging.getLogger("shop").warning("said by %s", "logging")
        logging.getLogger("shop").info("said at info")
        logging.getLogger("shop").debug("never said")
        Logger(namespace="shop").info("said by twisted")
        old_log.msg("said by old twisted")
        txaio.make_logger().info("said by txaio")
        session.log.info("said by the session")
        warnings.warn("said as a warning")
        print("steered\\x1b[2J")
        fail(ValueError("said by nobody"))
        reactor.callLater(0, lambda: 1 / 0)
        await Deferred()

    async def once(reactor, session):
        pass

    async def stubborn(reactor, session):
        signal.signal(signal.SIGUSR1, lambda *_: reactor.callFromThread(reactor.stop))
        while True:
            try:
                await Deferred()
            except CancelledError:
                pass

    class Dry(ApplicationSession):
        def onJoin(self, details):
            raise ValueError("the kettle is dry")

    async def rude(reactor, session):
        reactor.callLater(0.2, reactor.stop)
        await Deferred()

    async def blocker(reactor, session):
        Path(__file__).with_name("blocked").touch()
        time.sleep(60)
"""

CLOCK = """
    [components.clock]
    main = "parts:clock"
"""


@pytest.fixture
def folder(short_path: Path) -> Path:
    write_module(short_path, PARTS)
    return short_path


def write(folder: Path, components: str, supervisor: str = "") -> Path:
    return write_fleet(folder, dedent(FLEET).format(supervisor=supervisor) + dedent(components))


@contextmanager
def detached(folder: Path, components: str, supervisor: str = "") -> Iterator[tuple[Path, dict[str, str | None]]]:
    """A fleet in the background: the folder with its socket, and what leads commands to it."""
    env: dict[str, str | None] = {"XDG_RUNTIME_DIR": str(folder / "run")}
    done = wampsup("start", write(folder, components, supervisor), "--detach", env=env)
    assert (done.code, done.out) == (0, "")
    try:
        pid = wampsup("status", "--json", env=env).json["supervisor"]["pid"]
        assert done.err == f"fleet `edge` runs (pid {pid}); its log is {folder}/run/wampsup/edge.log\n"
        yield folder / "run" / "wampsup", env
    finally:
        assert wampsup("shutdown", env=env).code in {0, 3}


def lines_of(running: Fleet, component: str) -> list[str]:
    return [line for line in running.lines if f" [{component}] " in line]


# How it goes


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_fleet_in_order_and_leaves_nothing(folder: Path, number: signal.Signals) -> None:
    with fleet(write(folder, CLOCK)) as running:
        running.until("clock", "running")
        running.signal(number)
        assert running.wait() == 0
        assert not running.socket.exists()
        assert not (folder / "r.sock").exists()
        assert f"[wampsup] {number.name}: stopping the fleet in order" in running.err
        assert lines_of(running, "clock")[-1].endswith(" [clock] stopped")


def test_a_fleet_that_shuts_down_is_alive_and_not_ready(folder: Path) -> None:
    components = '[components.stubborn]\nmain = "parts:stubborn"\nstop_timeout = 60\n'
    with fleet(write(folder, components)) as running:
        running.until("stubborn", "running")
        assert running.request("GET", "/readyz").status == 200
        running.signal(signal.SIGTERM)
        running.until("stubborn", "stopping")
        refused = running.request("GET", "/readyz")
        assert (refused.status, refused.body["detail"]) == (503, "the fleet shuts down")
        assert running.request("GET", "/livez").status == 200
        running.signal(signal.SIGTERM)
        assert running.wait() == 0


def test_a_second_signal_waits_for_nobody(folder: Path) -> None:
    components = '[components.stubborn]\nmain = "parts:stubborn"\nstop_timeout = 60\n'
    with fleet(write(folder, components)) as running:
        running.until("stubborn", "running")
        running.signal(signal.SIGTERM)
        running.until("stubborn", "stopping")
        begun = time.monotonic()
        running.signal(signal.SIGTERM)
        assert running.wait() == 0
        assert time.monotonic() - begun < 10
        assert "[wampsup] SIGTERM again: waiting for nobody" in running.err


STUBBORN = """
    [components.stubborn]
    main = "parts:stubborn"
    stop_timeout = 60

    [components.dry]
    session_factory = "parts:Dry"
    autostart = false
    critical = true
    restart = { policy = "never" }
"""

WAYS_TO_END: dict[str, tuple[Callable[[Fleet], object], int]] = {
    "SIGTERM": (lambda running: running.signal(signal.SIGTERM), 0),
    "wampsup shutdown": (lambda running: running.wampsup("shutdown"), 0),
    "POST /v1/shutdown": (lambda running: running.request("POST", "/v1/shutdown"), 0),
    "a critical component fails": (lambda running: running.wampsup("start", "dry", "--no-wait"), 1),
    "the reactor is stopped": (lambda running: running.signal(signal.SIGUSR1), 1),
}


@pytest.mark.parametrize(("end", "code"), WAYS_TO_END.values(), ids=WAYS_TO_END)
def test_the_stop_timeout_of_the_supervisor_bounds_every_end(
    folder: Path, end: Callable[[Fleet], object], code: int
) -> None:
    with fleet(write(folder, STUBBORN, "stop_timeout = 1")) as running:
        running.until("stubborn", "running")
        begun = time.monotonic()
        end(running)
        assert running.wait() == code
        assert 0.9 < time.monotonic() - begun < 4
        assert not running.socket.exists()


def test_a_second_signal_ends_at_once_what_a_critical_component_has_begun_to_end(folder: Path) -> None:
    with fleet(write(folder, STUBBORN)) as running:
        running.until("stubborn", "running")
        running.wampsup("start", "dry", "--no-wait")
        running.until("stubborn", "stopping")
        running.signal(signal.SIGTERM)
        wait_until(lambda: "SIGTERM: stopping the fleet in order" in running.err, 10)
        begun = time.monotonic()
        running.signal(signal.SIGTERM)
        assert running.wait() == 1
        assert time.monotonic() - begun < 4


def test_shutdown_returns_when_the_supervisor_is_gone(folder: Path) -> None:
    with fleet(write(folder, CLOCK)) as running:
        running.until("clock", "running")
        done = running.wampsup("shutdown")
        assert (done.code, done.out, done.err) == (0, "", "fleet `edge` has ended\n")
        assert running.wait(1) == 0
        assert not running.socket.exists()


def test_shutdown_that_takes_too_long_is_told(folder: Path) -> None:
    components = '[components.stubborn]\nmain = "parts:stubborn"\nstop_timeout = 60\n'
    with fleet(write(folder, components, "stop_timeout = 3")) as running:
        running.until("stubborn", "running")
        done = running.wampsup("shutdown", "--timeout", "0.3")
        assert done.code == 6
        assert done.err == "error: fleet `edge` is still shutting down after 0.3 s\n"
        assert running.wait() == 0


def test_the_end_of_a_critical_component_ends_the_fleet_with_1(folder: Path) -> None:
    components = '[components.dry]\nsession_factory = "parts:Dry"\ncritical = true\nrestart = { policy = "never" }\n'
    with fleet(write(folder, components + dedent(CLOCK))) as running:
        assert running.wait() == 1
        assert not running.socket.exists()
        assert "error [dry] failed: ValueError: the kettle is dry" in running.err
        assert "`dry` is critical: the fleet ends" in running.err


def test_a_component_that_stops_the_reactor_ends_the_fleet_in_order_and_with_1(folder: Path) -> None:
    components = '[components.rude]\nmain = "parts:rude"\n'
    with fleet(write(folder, components + dedent(CLOCK))) as running:
        assert running.wait() == 1
        assert "component `rude` has stopped the reactor: the fleet ends" in running.err
        assert lines_of(running, "clock")[-1].endswith(" [clock] stopped")
        assert not running.socket.exists()


ONCE = """
    [components.once]
    main = "parts:once"
"""

NEVER = """
    [components.dry]
    session_factory = "parts:Dry"
    restart = { policy = "never" }
"""


def said_of_the_end(running: Fleet) -> list[str]:
    """What a log says of its fleet after it has begun: level and text of each line of the supervisor."""
    lines = [line.split("Z ", 1)[1] for line in lines_of(running, "wampsup")]
    return [re.sub(r" +\[wampsup\]", "", line) for line in lines[2:]]


def test_a_fleet_that_is_all_done_says_so_and_ends_with_0(folder: Path) -> None:
    with fleet(write(folder, ONCE, 'exit_when = "all-done"')) as running:
        assert running.wait() == 0
    assert said_of_the_end(running) == [
        "info all components are done: the fleet ends",
        "info fleet `edge` has ended",
    ]
    assert lines_of(running, "once")[-1].endswith(" [once] completed")


@pytest.mark.parametrize(
    ("names", "named"),
    [("a", "1 of them failed (`a`)"), ("abcdef", "6 of them failed (`a`, `b`, `c`, `d`, `e`, …)")],
)
def test_a_fleet_that_is_done_names_what_failed_and_ends_with_1(folder: Path, names: str, named: str) -> None:
    failing = "".join(NEVER.replace("dry", name) for name in names)
    with fleet(write(folder, ONCE + failing, 'exit_when = "all-done"')) as running:
        assert running.wait() == 1
    assert said_of_the_end(running) == [
        f"error all components are done, {named}: the fleet ends",
        "info fleet `edge` has ended",
    ]


def test_the_end_that_a_person_asked_for_is_told_once(folder: Path) -> None:
    with fleet(write(folder, STUBBORN, "stop_timeout = 1")) as running:
        running.until("stubborn", "running")
        for _ in range(2):
            assert running.request("POST", "/v1/shutdown").status == http.HTTPStatus.ACCEPTED
        assert running.wait() == 0
    said = said_of_the_end(running)
    asked = "info a person asked for the end: stopping the fleet in order"
    assert (said[0], said.count(asked), said[-1]) == (asked, 1, "info fleet `edge` has ended")


def test_the_end_of_a_critical_component_is_told_once(folder: Path) -> None:
    with fleet(write(folder, NEVER + "    critical = true\n")) as running:
        assert running.wait() == 1
    assert lines_of(running, "dry")[-1].endswith("error [dry] `dry` is critical: the fleet ends")
    assert said_of_the_end(running) == ["info fleet `edge` has ended"]


def test_a_component_that_blocks_the_process_does_not_keep_it_alive(folder: Path) -> None:
    components = '[components.blocker]\nmain = "parts:blocker"\n'
    with fleet(write(folder, components, "stop_timeout = 0.1"), wait=False) as running:
        wait_until((folder / "blocked").exists, 20)
        begun = time.monotonic()
        running.signal(signal.SIGTERM)
        assert running.wait() == 1
        assert time.monotonic() - begun < 12
        blocks = "component `blocker` blocks this process at parts.py:57 in blocker"
        assert f"[wampsup] {blocks}: it ends at once" in running.err


def test_sighup_does_not_end_it(folder: Path) -> None:
    with fleet(write(folder, CLOCK)) as running:
        running.until("clock", "running")
        running.signal(signal.SIGHUP)
        wait_until(lambda: "[wampsup] the fleet file has been read again: nothing has changed" in running.err, 10)
        assert running.component("clock")["state"] == "running"


def test_sighup_does_not_end_it_while_it_starts(folder: Path) -> None:
    write_module(folder, "import os, signal\nos.kill(os.getpid(), signal.SIGHUP)\nfrom parts import clock\n", "hasty")
    with fleet(write(folder, '[components.clock]\nmain = "hasty:clock"\n')) as running:
        running.until("clock", "running")


def test_what_a_killed_supervisor_left_is_replaced(folder: Path) -> None:
    path = write(folder, CLOCK)
    with fleet(path) as running:
        running.signal(signal.SIGKILL)
        running.wait()
        assert running.socket.exists()
        done = running.wampsup("status")
        assert (done.code, done.err.splitlines()[0]) == (3, "error: no supervisor is running")
        begun = wampsup("start", path, "--detach", env={"XDG_RUNTIME_DIR": str(running.runtime)})
        assert begun.code == 0
        assert running.wampsup("status").code == 0
        assert running.wampsup("shutdown").code == 0
        assert not running.socket.exists()


# The background


def test_detached_it_lives_on_its_own_and_logs_to_a_file_of_its_owner(folder: Path) -> None:
    with detached(folder, CLOCK) as (place, env):
        supervisor = wampsup("status", "--json", env=env).json["supervisor"]
        pid = supervisor["pid"]
        assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")
        assert os.getsid(pid) == pid
        assert Path(f"/proc/{pid}/fd/0").readlink() == Path("/dev/null")
        log = place / "edge.log"
        assert {Path(f"/proc/{pid}/fd/{number}").readlink() for number in (1, 2)} == {log}
        assert log.stat().st_mode & 0o777 == 0o600
        assert (place / "edge.sock").stat().st_mode & 0o777 == 0o600
        assert place.stat().st_mode & 0o777 == 0o700
        wait_until(lambda: " [clock] joined realm1 as " in log.read_text(encoding="utf-8"), 10)
        assert wampsup("shutdown", env=env).code == 0
        assert sorted(path.name for path in place.iterdir()) == ["edge.log"]


def test_detached_it_takes_a_relative_path(folder: Path) -> None:
    write(folder, CLOCK)
    env: dict[str, str | None] = {"XDG_RUNTIME_DIR": str(folder / "run")}
    assert wampsup("start", "fleet.toml", "--detach", cwd=folder, env=env).code == 0
    told = wampsup("status", "--json", env=env).json["supervisor"]
    assert told["fleet_file"] == str(folder / "fleet.toml")
    assert wampsup("shutdown", "--fleet", "edge", env=env).code == 0


def test_detached_it_tells_a_program_what_it_is(folder: Path) -> None:
    env: dict[str, str | None] = {"XDG_RUNTIME_DIR": str(folder / "run")}
    done = wampsup("start", write(folder, CLOCK), "--detach", "--json", env=env)
    assert (done.code, done.err) == (0, "")
    pid = wampsup("status", "--json", env=env).json["supervisor"]["pid"]
    assert done.json == {"name": "edge", "pid": pid, "log": str(folder / "run" / "wampsup" / "edge.log")}
    again = wampsup("start", folder / "fleet.toml", "--detach", "--json", env=env)
    assert (again.code, again.err) == (1, "")
    assert again.json["error"].startswith("fleet `edge` already runs")
    assert wampsup("shutdown", env=env).code == 0


def test_detached_the_fleet_is_there_when_the_command_returns(folder: Path) -> None:
    with detached(folder, CLOCK) as (place, _), closing(socket.socket(socket.AF_UNIX)) as probe:
        probe.connect(str(place / "edge.sock"))


# The log

TALKER = """
    [components.talker]
    main = "parts:talker"
"""


def test_whatever_a_component_says_is_a_line_with_its_name_and_is_said_once(folder: Path) -> None:
    with fleet(write(folder, TALKER)) as running:
        wait_until(lambda: "ZeroDivisionError: division by zero" in running.err, 10)
    said = {line.partition(" [talker] ")[2]: line.split()[1] for line in lines_of(running, "talker")}
    for text, level in {
        "said by print": "info",
        "said to stderr": "error",
        "said by logging": "warn",
        "said at info": "info",
        "said by twisted": "info",
        "said by old twisted": "info",
        "said by txaio": "info",
        "said by the session": "info",
        "steered\\x1b[2J": "info",
        "unhandled error: ValueError: said by nobody": "critical",
    }.items():
        assert said[text] == level, text
        assert sum(line.endswith(text) for line in running.lines) == 1, text
    assert sum("said as a warning" in line for line in running.lines) == 1
    assert "never said" not in running.err
    assert "\x1b" not in running.err


def test_every_line_of_text_has_time_level_and_name_or_is_indented(folder: Path) -> None:
    with fleet(write(folder, TALKER)) as running:
        running.until("talker", "running")
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (critical|error|warn|info|debug)\s* \[[\w@.-]+\] .*|    .*"
    assert [line for line in running.lines if not re.fullmatch(pattern, line)] == []


def test_libraries_are_quiet(folder: Path) -> None:
    with fleet(write(folder, CLOCK)) as running:
        running.until("clock", "running")
    said = [re.sub(r".*Z ", "", line) for line in running.lines]
    assert [re.sub(r"as \d+", "as N", line) for line in said] == [
        f"info  [wampsup] the embedded router listens on rs://unix:{folder}/r.sock; it is no production router",
        f"info  [wampsup] fleet `edge` answers on {running.socket}",
        f"info  [clock] joined realm1 as N over rs://unix:{folder}/r.sock",
        "info  [wampsup] SIGTERM: stopping the fleet in order",
        "info  [clock] stopped",
        "info  [wampsup] fleet `edge` has ended",
    ]


def test_in_json_each_line_is_an_object(folder: Path) -> None:
    components = '[components.dry]\nsession_factory = "parts:Dry"\nrestart = { policy = "never" }\n'
    with fleet(write(folder, components, 'log_format = "json"')) as running:
        running.until("dry", "failed")
    records = [json.loads(line) for line in running.lines]
    assert all(record.keys() == {"time", "level", "component", "message", "logger", "traceback"} for record in records)
    failed = next(record for record in records if record["message"].startswith("failed: "))
    assert (failed["component"], failed["level"]) == ("dry", "error")
    assert failed["message"] == "failed: ValueError: the kettle is dry; to try again: wampsup start dry"
    assert "in onJoin" in failed["traceback"]


def test_the_threshold_is_kept(folder: Path) -> None:
    with fleet(write(folder, TALKER, 'log_level = "warn"')) as running:
        wait_until(lambda: "ZeroDivisionError: division by zero" in running.err, 10)
    assert " info " not in running.err
    assert " warn  [talker] said by logging" in running.err


def test_an_error_in_a_callback_takes_nothing_down(folder: Path) -> None:
    with fleet(write(folder, TALKER)) as running:
        wait_until(lambda: "ZeroDivisionError: division by zero" in running.err, 10)
        assert running.component("talker")["state"] == "running"
