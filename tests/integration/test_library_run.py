"""`wampsup.run` in programs of their own, with real Components and a real Crossbar.io."""

from __future__ import annotations

import re
import signal
import time
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from support.command import wampsup
from support.files import write_fleet, write_module
from support.programs import program
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from support.command import Fleet
    from support.crossbar import Crossbar

LEVELS = "`critical`, `error`, `warn`, `info`, `debug`, `trace`"
NOWHERE = "ws://127.0.0.1:1/ws"

HEAD = """
import sys
from autobahn.twisted.component import Component
from autobahn.twisted.wamp import Session
from twisted.internet.defer import Deferred
from wampsup import Backoff, RestartPolicy, run

QUICK = Backoff(initial_delay=0.1, max_delay=1, growth=2, jitter=0)

class Farewell(Session):
    def onLeave(self, details):
        print("left:", details.reason)
        super().onLeave(details)

async def once(reactor, session):
    print("once was here")

async def stays(reactor, session):
    print("stays was here")
    await Deferred()

def component(main, **more):
    return Component(main=main, session_factory=Farewell, **{{"transports": "{url}", "realm": "realm1", **more}})
"""


def source(url: str, text: str) -> str:
    return HEAD.format(url=url) + dedent(text)


def plain(host: Fleet) -> list[str]:
    """Its lines without their times, and without what differs from run to run."""
    lines = (re.sub(r"^\S+Z (\S+) +", r"\1 ", line) for line in host.lines)
    return [re.sub(r" as \d+ over \S+", "", line) for line in lines]


def said(host: Fleet, line: str, timeout: float = 15) -> None:
    try:
        wait_until(lambda: line in plain(host) or host.ended, timeout, repr(line))
        assert line in plain(host)
    except AssertionError:
        raise AssertionError(f"never said {line!r}, but:\n{host.err}") from None


def ended(host: Fleet, timeout: float = 15) -> int:
    return host.wait(timeout)


@pytest.mark.parametrize("log_level", ["'info'", "None"])
def test_a_named_one_shows_what_its_components_log_whoever_has_the_log(
    crossbar: Crossbar, tmp_path: Path, log_level: str
) -> None:
    text = f"""
        import logging

        class Kettle(Farewell):
            def onJoin(self, details):
                self.log.info("boils")
                logging.getLogger("kettle").warning("nearly dry")

        kettle = Component(session_factory=Kettle, transports="{crossbar.websocket_url}", realm="realm1")
        run({{"kettle": kettle}}, name="edge", log_level={log_level})
    """
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        wait_until(lambda: host.ended or "joined" in host.wampsup("logs", "kettle", "-n1").out, 20)
        lines = [line[25:] for line in host.wampsup("logs", "kettle").out.splitlines()]
        assert lines[:2] == ["info  [kettle] boils", "warn  [kettle] nearly dry"]
        assert lines[2].startswith("info  [kettle] joined realm1 as ")
        host.signal(signal.SIGTERM)
        assert ended(host) == 0


def test_a_component_that_crashes_is_restarted_with_growing_delays_until_it_completes(
    crossbar: Crossbar, tmp_path: Path
) -> None:
    text = """
        tries = []

        async def kettle(reactor, session):
            tries.append(1)
            if len(tries) < 3:
                raise ValueError("the kettle is dry")

        run([component(kettle)], restart=RestartPolicy(backoff=QUICK))
    """
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        assert ended(host) == 0
        told = [line for line in plain(host) if not line.startswith(" ") and "left: " not in line]
        assert told == [
            "info [kettle] joined realm1",
            "warn [kettle] ValueError: the kettle is dry; next try in 0.1 s (1 of 5)",
            "info [kettle] joined realm1",
            "warn [kettle] ValueError: the kettle is dry; next try in 0.2 s (2 of 5)",
            "info [kettle] joined realm1",
            "info [kettle] completed",
            "info [wampsup] all components are done: the fleet ends",
            "info [wampsup] fleet `fleet` has ended",
        ]


def test_the_process_fails_where_a_component_is_given_up_though_others_completed(
    crossbar: Crossbar, tmp_path: Path
) -> None:
    text = """
        async def kettle(reactor, session):
            raise ValueError("the kettle is dry")

        run([component(kettle), component(once)], restart=RestartPolicy(backoff=QUICK, max_restarts=1))
    """
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        assert ended(host) == 1
        assert "info [once] completed" in plain(host)
        assert "error [kettle] failed: gave up after 1 restart in 300 s: ValueError: the kettle is dry" in plain(host)


def test_an_error_that_no_retry_mends_ends_its_component_at_once(crossbar: Crossbar, tmp_path: Path) -> None:
    text = 'run([component(once, realm="nirvana")])'
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        assert ended(host) == 1
        assert "wamp.error.no_such_realm" in host.err
        assert len([line for line in plain(host) if line.startswith("error [once] fatal: ")]) == 1
        assert "wampsup start" not in host.err


def test_a_components_own_retries_are_kept_and_their_end_is_a_failure(tmp_path: Path) -> None:
    text = """
        transport = {"type": "rawsocket", "url": "rs://127.0.0.1:1", "max_retries": 1, "initial_retry_delay": 0.05}
        run(Component(main=once, transports=[transport]))
    """
    with program(tmp_path, source(NOWHERE, text)) as host:
        assert ended(host) == 1
        assert "error [once] failed: gave up after 2 tries: connection refused" in host.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_the_components_leave_and_ends_the_process_with_success(
    crossbar: Crossbar, tmp_path: Path, number: signal.Signals
) -> None:
    with program(tmp_path, source(crossbar.websocket_url, "run([component(stays)])")) as host:
        said(host, "info [stays] stays was here")
        host.signal(number)
        assert ended(host) == 0
        assert plain(host)[-4:] == [
            f"info [wampsup] {number.name}: stopping the fleet in order",
            "info [stays] left: wamp.close.normal",
            "info [stays] stopped",
            "info [wampsup] fleet `fleet` has ended",
        ]


def test_a_second_signal_waits_for_nobody(crossbar: Crossbar, tmp_path: Path) -> None:
    text = """
        from twisted.internet.defer import CancelledError

        async def stubborn(reactor, session):
            while True:
                try:
                    print("waits")
                    await Deferred()
                except CancelledError:
                    print("does not care")

        run([component(stubborn)])
    """
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        said(host, "info [stubborn] waits")
        host.signal(signal.SIGTERM)
        said(host, "info [stubborn] does not care")
        began = time.monotonic()
        host.signal(signal.SIGTERM)
        ended(host)
        assert time.monotonic() - began < 5


def test_a_component_that_stops_the_reactor_ends_the_process_in_order(crossbar: Crossbar, tmp_path: Path) -> None:
    text = """
        async def quits(reactor, session):
            reactor.stop()
            await Deferred()

        run([component(stays), component(quits)])
    """
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        assert ended(host) == 0
        assert "info [wampsup] component `quits` has stopped the reactor: stopping the fleet in order" in plain(host)
        assert host.err.count("left: wamp.close.normal") == 2


@pytest.mark.parametrize("module", ["autobahn.twisted.component", "wampsup"])
@pytest.mark.parametrize("arguments", ["[c]", "c", "[c], 'debug'", "[c], log_level=None, stop_at_close=False", "[]"])
def test_a_program_switches_from_autobahn_with_one_import(
    crossbar: Crossbar, tmp_path: Path, module: str, arguments: str
) -> None:
    text = f"""
        from {module} import run

        c = component(once)
        try:
            run({arguments})
        except SystemExit as end:
            print("exit", end.code, file=sys.stderr)
    """
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        assert ended(host) == 0
        assert "exit 0" in host.err
        assert ("once was here" in host.err) == (arguments != "[]")


def test_what_comes_after_the_end_is_not_cut_short(crossbar: Crossbar, tmp_path: Path) -> None:
    text = """
        import threading
        try:
            run([component(stays)])
        except SystemExit as end:
            timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
            armed = [timer for timer in timers if not timer.finished.is_set()]  # a cancelled one takes a moment to go
            sys.__stderr__.write(f"exit {end.code}, {armed}\\n")
    """
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        said(host, "info [stays] stays was here")
        host.signal(signal.SIGTERM)
        assert ended(host) == 0
        assert host.lines[-1] == "exit 0, []"


def test_with_a_name_the_commands_find_it(crossbar: Crossbar, tmp_path: Path) -> None:
    text = 'run({"a": component(stays), "b": component(stays)}, name="edge")'
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        wait_until(host.socket.exists, 15)
        host.until("a", "running")
        host.until("b", "running")
        assert host.wampsup("restart", "a").code == 0
        assert host.wampsup("stop", "b").code == 0
        assert host.component("b")["state"] == "stopped"
        status = host.wampsup("status", "--json").json
        assert status["supervisor"]["fleet_file"] == str(tmp_path / "program.py")
        reload = host.wampsup("reload")
        assert (reload.code, reload.out) == (1, "")
        assert reload.err == "error: this fleet has no file to read again: a program has made it\n"
        assert host.wampsup("shutdown").code == 0
        assert ended(host) == 0
        assert list(host.socket.parent.iterdir()) == []


def test_a_name_that_is_taken_is_told_without_a_traceback(crossbar: Crossbar, tmp_path: Path) -> None:
    text = source(crossbar.websocket_url, 'run(component(stays), name="edge")')
    with program(tmp_path, text) as host:
        wait_until(host.socket.exists, 15)
        same = f"import os; os.environ['XDG_RUNTIME_DIR'] = {str(host.runtime)!r}\n"
        with program(tmp_path, same + text, "second.py") as second:
            assert ended(second) == 1
            assert second.err == (
                f"error: fleet `edge` already runs (pid {host.pid})\n"
                f"hint: stop it with `wampsup shutdown --socket {host.socket}`"
            )


def test_a_program_may_go_on_after_an_error_of_a_join_handler(crossbar: Crossbar, tmp_path: Path) -> None:
    text = """
        c = component(once)

        @c.on_join
        def kettle(session, details):
            raise ValueError("the kettle is dry")

        run(c, on_user_error="log")
    """
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        assert ended(host) == 0
        said(host, "critical [once] a handler failed, and on_user_error is `log`: ValueError: the kettle is dry")
        assert "info [once] once was here" in plain(host)


def test_a_program_that_logs_already_keeps_its_log(crossbar: Crossbar, tmp_path: Path) -> None:
    text = """
        import txaio
        txaio.start_logging(level="info")
        run([component(once)])
    """
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        assert ended(host) == 0
        assert len([line for line in host.lines if line.endswith(" once: completed")]) == 1
        assert len([line for line in host.lines if line.endswith(" once was here")]) == 1


def test_without_a_log_level_nothing_is_logged(crossbar: Crossbar, tmp_path: Path) -> None:
    text = f"run(Component(main=once, realm='realm1', transports={crossbar.websocket_url!r}), log_level=None)"
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        assert ended(host) == 0
        assert host.lines == ("once was here",)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("run([once])", r"ValueError: <function once at 0x\w+> is no Component of autobahn.twisted.component"),
        ("run([component(once)], 'loud')", f"ValueError: `log_level` must be one of {LEVELS}, not `loud`"),
        ("run([component(once)], ['info'])", f"TypeError: `log_level` must be one of {LEVELS}, not a list"),
        ("run([component(once)], name='x y')", 'ValueError: `name` must be made of letters, digits, .*, not `"x y"`'),
        (
            "run([component(once)], restart=RestartPolicy(policy='nver'))",
            "ValueError: `policy` must be one of `on-failure`, `always`, `never`, not `nver`",
        ),
        (
            "run([component(once)], on_user_error='logg')",
            "ValueError: `on_user_error` must be one of `fail`, `log`, not `logg`",
        ),
        ("run([component(once)], restart='always')", "TypeError: `restart` must be a RestartPolicy such as .*"),
        (
            "c = component(once); run([c, c])",
            "ValueError: `once` and `once-2` are the same Component: make one for each",
        ),
        (
            "run(component(once, transports=[{'type': 'websocket', 'url': 'ws://[::1]', 'options': {'fail': 1}}]))",
            r"ValueError: unknown option `fail` in transport `ws://\[::1\]` of component `once`",
        ),
    ],
)
def test_what_cannot_be_supervised_is_refused_before_anything_starts(tmp_path: Path, call: str, message: str) -> None:
    with program(tmp_path, source(NOWHERE, call)) as host:
        assert ended(host) == 1
        assert re.fullmatch(message, host.lines[-1]), host.err
        assert "joined" not in host.err


@pytest.mark.parametrize("name", ["None", "'edge'"])
def test_a_module_that_runs_its_components_when_it_is_imported_is_refused_by_a_fleet(tmp_path: Path, name: str) -> None:
    write_module(tmp_path, source(NOWHERE, f"run([component(once)], name={name})"))
    path = write_fleet(tmp_path, "[components.a]\nmain = 'parts:once'\n")
    done = wampsup("start", path, env={"XDG_RUNTIME_DIR": str(tmp_path)})
    assert done.code == 5
    assert (
        "error: `main` of component `a`: module `parts` runs the reactor when it is imported: "
        'put `run(...)` under `if __name__ == "__main__":`\n' in done.err
    )


def test_a_reactor_that_runs_already_is_left_alone(tmp_path: Path) -> None:
    text = """
        from twisted.internet import reactor
        from twisted.internet.error import ReactorAlreadyRunning

        def within():
            try:
                run([component(once)], name="edge")
            except ReactorAlreadyRunning:
                print("refused")
                reactor.stop()

        reactor.callWhenRunning(within)
        reactor.run()
    """
    with program(tmp_path, source(NOWHERE, text)) as host:
        assert ended(host) == 0
        assert host.lines == ("refused",)


def test_it_runs_on_a_reactor_that_knows_of_components_unless_the_program_has_installed_one(
    crossbar: Crossbar, tmp_path: Path
) -> None:
    text = """
        async def tells(reactor, session):
            print("on", type(reactor).__name__)

        run([component(tells)])
    """
    other = "from twisted.internet import selectreactor\nselectreactor.install()\n"
    with program(tmp_path, source(crossbar.websocket_url, text)) as host:
        assert ended(host) == 0
        assert re.search("on Aware[A-Z]", host.err)
    with program(tmp_path, other + source(crossbar.websocket_url, text)) as host:
        assert ended(host) == 0
        assert "on SelectReactor" in host.err
