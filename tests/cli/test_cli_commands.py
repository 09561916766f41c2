"""The commands against a real fleet on the embedded router: what they print, and how they end."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from support.command import EXECUTABLE, environment, fleet, wampsup
from support.files import short_folder, write_fleet, write_module
from support.terminal import seen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.command import Fleet

FLEET = """
    [supervisor]
    name = "edge"

    [router]
    listen = "rs://unix:r.sock"
    realms = ["realm1"]

    [defaults]
    realm = "realm1"
    transports = "rs://unix:r.sock"

    [components.clock]
    main = "parts:for_ever"

    [components.sensor-1]
    main = "parts:for_ever"

    [components.sensor-2]
    main = "parts:for_ever"

    [components.once]
    main = "parts:once"

    [components.kettle]
    session_factory = "parts:Dry"
    autostart = false
    restart = { policy = "never" }

    [components.billing]
    session_factory = "parts:Unlicensed"
    autostart = false
    is_fatal = ["com.example.*"]

    [components.lost]
    main = "parts:for_ever"
    transports = "rs://unix:nobody.sock"
    autostart = false
"""

PARTS = """
    from autobahn.twisted.wamp import ApplicationSession
    from autobahn.wamp.exception import ApplicationError
    from twisted.internet.defer import Deferred

    async def for_ever(reactor, session):
        await Deferred()

    async def once(reactor, session):
        pass

    class Dry(ApplicationSession):
        def onJoin(self, details):
            raise ValueError("the kettle is \\x1b[31mdry")

    class Unlicensed(ApplicationSession):
        def onJoin(self, details):
            raise ApplicationError("com.example.no_licence", "the licence ran out")
"""


@pytest.fixture(scope="module")
def edge() -> Iterator[Fleet]:
    with short_folder() as folder:
        write_module(folder, PARTS)
        with fleet(write_fleet(folder, FLEET)) as running:
            running.until("once", "completed")
            yield running


@pytest.fixture(autouse=True)
def as_it_was(edge: Fleet) -> Iterator[None]:
    yield
    assert edge.wampsup("start", "clock", "sensor-*").code == 0
    assert edge.wampsup("stop", "kettle", "billing", "lost").code == 0


def test_status_shows_every_component_in_the_order_of_the_file(edge: Fleet) -> None:
    shown = edge.wampsup("status")
    summary, heading, *rows = shown.out.splitlines()
    assert shown.code == 0
    assert summary.startswith("edge · up ")
    assert summary.endswith(" s · 7 components: 3 running, 3 stopped, 1 completed")
    assert heading.split() == ["NAME", "STATE", "SINCE", "RESTARTS", "NOTE"]
    names = ["clock", "sensor-1", "sensor-2", "once", "kettle", "billing", "lost"]
    assert [row.split()[0] for row in rows] == names
    assert rows[3].endswith("  ended by itself")


def test_status_takes_names_and_patterns(edge: Fleet) -> None:
    shown = edge.wampsup("status", "sensor-*", "once", "--json")
    assert [one["name"] for one in shown.json["components"]] == ["sensor-1", "sensor-2", "once"]
    assert shown.json["supervisor"]["name"] == "edge"
    assert shown.err == ""


def test_stop_start_and_restart_wait_until_it_is_done(edge: Fleet) -> None:
    stopped = edge.wampsup("stop", "clock")
    assert (stopped.code, stopped.out, stopped.err) == (0, "clock: stopped\n", "")
    assert edge.component("clock")["note"] == "stopped by a person"
    started = edge.wampsup("start", "clock", "sensor-1")
    assert (started.code, started.out) == (0, "clock: running\nsensor-1: running\n")
    before = edge.component("clock")["session_id"]
    assert edge.wampsup("restart", "clock").out == "clock: running\n"
    assert edge.component("clock")["session_id"] != before


def test_all_takes_every_component(edge: Fleet) -> None:
    stopped = edge.wampsup("stop", "--all", "--json")
    assert stopped.code == 0
    assert {result["state"] for result in stopped.json["results"]} == {"stopped"}
    edge.wampsup("start", "once")
    edge.until("once", "completed")


def test_without_waiting_a_command_returns_at_once(edge: Fleet) -> None:
    assert edge.wampsup("restart", "clock", "--no-wait").code == 0
    edge.until("clock", "running")


def test_a_start_that_fails_says_why_and_shows_nothing_that_a_terminal_obeys(edge: Fleet) -> None:
    done = edge.wampsup("start", "kettle", "clock")
    assert (done.code, done.out) == (1, "clock: running\n")
    why = "ValueError: the kettle is \\x1b[31mdry; to try again: wampsup start kettle"
    assert done.err == f"error: `kettle` has failed: {why}\n"


def test_a_start_that_ends_fatal_says_why(edge: Fleet) -> None:
    done = edge.wampsup("start", "billing")
    assert done.code == 1
    assert done.err.startswith("error: `billing` is fatal: ")
    assert "the licence ran out" in done.err
    note = "the licence ran out (com.example.no_licence); after the fix: wampsup start billing"
    assert edge.component("billing")["note"] == note


def test_waiting_ends_with_the_time_that_it_was_given(edge: Fleet) -> None:
    done = edge.wampsup("start", "lost", "--timeout", "0.5")
    assert done.code == 6
    assert done.err.startswith("error: `lost` is still reconnecting after 0.5 s: ")


def test_an_unknown_component_is_told(edge: Fleet) -> None:
    for arguments in (("start", "nope"), ("stop", "clock", "nope"), ("status", "nope")):
        done = edge.wampsup(*arguments)
        assert (done.code, done.out) == (4, "")
        assert done.err.startswith("error: no component `nope` in fleet `edge`\n")
    assert edge.wampsup("show", "nope").err == "error: no component `nope` in fleet `edge`\n"
    assert edge.wampsup("show", "nope").code == 4
    assert edge.component("clock")["state"] == "running"


def test_show_tells_everything_with_the_traceback(edge: Fleet) -> None:
    edge.wampsup("start", "kettle")
    shown = edge.wampsup("show", "kettle")
    assert shown.code == 0
    name, _, outlook, *_ = shown.out.splitlines()
    assert name == "kettle"
    assert outlook == "  its restart policy `never` leaves it; a person has to start it: wampsup start kettle"
    assert "  last error      ValueError: the kettle is \\x1b[31mdry" in shown.out
    assert "in onJoin" in shown.out
    as_json = edge.wampsup("show", "kettle", "--json").json
    assert (as_json["last_error"]["type"], as_json["last_error"]["kind"]) == ("ValueError", "handler")
    assert "Traceback" in as_json["last_error"]["traceback"]
    assert as_json["policy"]["restart"]["policy"] == "never"
    assert outlook.strip() == as_json["next"]
    assert "latest" not in as_json


def test_show_tells_what_has_happened_and_what_was_logged_of_late(edge: Fleet) -> None:
    edge.wampsup("start", "kettle")
    edge.wampsup("start", "kettle")
    shown = edge.wampsup("show", "kettle").out
    events, lines = (
        part.splitlines() for part in shown.partition("\nlatest events\n")[2].split("\n\nlatest lines of its log\n")
    )
    assert len(events) == 5
    assert [line.split()[2:5] for line in events[-3:]] == [
        ["waiting", "->", "connecting"],
        ["connecting", "->", "stopping"],
        ["stopping", "->", "failed"],
    ]
    assert 1 <= len(lines) <= 5
    assert " [kettle] failed: ValueError: the kettle is \\x1b[31mdry; to try again: wampsup start kettle" in lines[-1]


def test_show_tells_which_rule_made_it_fatal(edge: Fleet) -> None:
    edge.wampsup("start", "billing")
    assert edge.wampsup("show", "billing", "--json").json["next"] == (
        "`com.example.*` in its `is_fatal` says that no retry can mend this;"
        " after the fix, a person has to start it: wampsup start billing"
    )


def test_check_and_a_probe_are_content_when_all_that_should_run_does(edge: Fleet) -> None:
    assert edge.wampsup("status", "--check").code == 0
    assert edge.request("GET", "/readyz").status == 200
    edge.wampsup("start", "kettle")
    assert edge.wampsup("status", "--check").code == 1
    assert edge.request("GET", "/readyz").status == 503
    assert edge.request("GET", "/livez").status == 200
    assert edge.wampsup("status", "--check", "clock").code == 0
    edge.wampsup("stop", "kettle")
    assert edge.wampsup("status", "--check").code == 0


def on_a_terminal(edge: Fleet, *arguments: str, **env: str) -> str:
    """What the command writes to a terminal of 60 columns."""
    return "\n".join(seen(*arguments, env={**edge.env, **env}, width=60))


def test_on_a_terminal_states_have_colours_and_notes_go_on_below(edge: Fleet) -> None:
    edge.wampsup("start", "billing")
    shown = on_a_terminal(edge, "status")
    assert "\x1b[32mrunning" in shown
    assert "\x1b[31mfatal" in shown
    assert "\n    the licence ran out (com.example.no_licence);\n    after the fix: wampsup start billing\n" in shown
    assert "(com.example.no_licence); after the fix: " in edge.wampsup("status").out


def test_no_color_means_none_and_neither_has_a_dumb_terminal(edge: Fleet) -> None:
    assert "\x1b" not in on_a_terminal(edge, "status", NO_COLOR="1")
    assert "\x1b" not in on_a_terminal(edge, "status", TERM="dumb")


def test_who_reads_the_output_may_leave(edge: Fleet) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [EXECUTABLE, "status"], env=environment(edge.env), stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_interrupted_command_ends_quietly_and_nobody_waits_for_it_any_more(edge: Fleet) -> None:
    process = subprocess.Popen(
        [EXECUTABLE, "start", "lost"], env=environment(edge.env), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    edge.until("lost", "reconnecting")
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=10) == (b"", b"")
    assert process.returncode == 130
    assert edge.wampsup("status").code == 0


def test_the_fleet_may_be_named_in_every_way(edge: Fleet) -> None:
    elsewhere: dict[str, str | None] = {"XDG_RUNTIME_DIR": "/nonexistent"}
    assert edge.wampsup("status", "--fleet", "edge").code == 0
    assert wampsup("status", "--socket", edge.socket, env=elsewhere).code == 0
    assert wampsup("status", env={**elsewhere, "WAMPSUP_SOCKET": str(edge.socket)}).code == 0
    assert wampsup("--socket", edge.socket, "status", env=elsewhere).code == 0


def test_a_stale_socket_is_not_taken_for_a_fleet(edge: Fleet) -> None:
    stale = edge.socket.with_name("stale.sock")
    stale.with_suffix(".lock").touch()
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(stale))
    try:
        assert edge.wampsup("status").code == 0
    finally:
        stale.unlink()
        stale.with_suffix(".lock").unlink()


def test_where_several_fleets_run_the_error_lists_them(edge: Fleet, tmp_path: Path) -> None:
    write_module(tmp_path, PARTS)
    text = f"""
        supervisor = {{ socket = "{edge.runtime}/elsewhere.sock" }}

        [components.once]
        main = "parts:once"
        transports = "rs://unix:nobody.sock"
    """
    with fleet(write_fleet(tmp_path, text, "yard.toml"), env=edge.env):
        done = edge.wampsup("status")
        assert (done.code, done.out) == (2, "")
        assert done.err == "error: several fleets run: `edge`, `yard`\nhint: choose one with `--fleet NAME`\n"
        assert edge.wampsup("status", "--fleet", "yard", "--json").json["supervisor"]["name"] == "yard"
        as_json = edge.wampsup("status", "--json")
        assert as_json.json["hint"] == "choose one with `--fleet NAME`"


def test_curl_can_do_all_that_the_command_does(edge: Fleet) -> None:
    reply = edge.request("POST", "/v1/restart", {"select": ["sensor-*"]})
    assert reply.status == http.HTTPStatus.OK
    assert [(one["name"], one["ok"], one["state"]) for one in reply.body["results"]] == [
        ("sensor-1", True, "running"),
        ("sensor-2", True, "running"),
    ]
    assert edge.request("POST", "/v1/stop", {}).status == 422
    refused = edge.request("POST", "/v1/stop", {"select": ["x"]})
    assert (refused.status, refused.headers["Content-Type"]) == (404, "application/problem+json")


def test_the_client_half_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [EXECUTABLE.with_name("python"), "-X", "importtime", "-c", "import wampsup.cli.main"],
        # Coverage, which the test may run under, imports what it likes.
        env=environment({"COVERAGE_PROCESS_START": None, "COVERAGE_PROCESS_CONFIG": None}),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    heavy = {"twisted", "autobahn", "txaio", "pydantic", "psutil", "asyncio", "http.client", "pathlib", "tomli"}
    assert "wampsup.cli.main" in imported
    assert imported & heavy == set()


NOBODY: dict[str, str | None] = {"XDG_RUNTIME_DIR": "/nonexistent"}
START = "hint: start it with `wampsup start FLEET.toml`\n"


def test_no_supervisor_there_is_told() -> None:
    for command in (["status"], ["show", "x"], ["stop", "x"], ["shutdown"], ["start", "x"]):
        done = wampsup(*command, env=NOBODY)
        assert (done.code, done.out) == (3, "")
        assert done.err == "error: no supervisor is running\nhint: start one with `wampsup start FLEET.toml`\n"
    named = wampsup("status", "--fleet", "edge", env=NOBODY)
    assert (named.code, named.err) == (3, "error: the supervisor of fleet `edge` does not answer\n" + START)
    placed = wampsup("status", "--socket", "/nonexistent/x.sock", env=NOBODY)
    assert placed.code == 3
    assert placed.err == "error: the supervisor on `/nonexistent/x.sock` does not answer\n" + START


def test_without_a_supervisor_json_is_still_one_document() -> None:
    done = wampsup("status", "--json", env=NOBODY)
    assert (done.code, done.err) == (3, "")
    assert json.loads(done.out) == {
        "error": "no supervisor is running",
        "hint": "start one with `wampsup start FLEET.toml`",
    }


def test_wrong_usage_ends_with_2() -> None:
    done = wampsup("stop")
    assert (done.code, done.err) == (2, "error: `stop` needs a component or `--all`\n")


def test_help_goes_to_stdout() -> None:
    done = wampsup("--help")
    assert (done.code, done.err) == (0, "")
    assert "status" in done.out
