"""`wampsup profile` of components that do known things, in a real fleet."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.command import EXECUTABLE, environment, fleet
from support.files import short_folder, write_fleet, write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

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

    [components.burner]
    main = "parts:burner"

    [components.noisy]
    main = "parts:noisy"

    [components.idle]
    main = "parts:idle"

    [components.idle-2]
    main = "parts:idle"
"""

PARTS = """
    from twisted.internet.defer import Deferred
    from twisted.internet.task import LoopingCall, deferLater

    def spin(times):
        for _ in range(times):
            pass

    def slow():
        spin(70_000)

    def fast():
        spin(30_000)

    def work():
        slow()
        fast()

    async def burner(reactor, session):
        while True:
            work()
            await deferLater(reactor, 0.003)

    async def noisy(reactor, session):
        def noise():
            spin(100_000)

        await LoopingCall(noise).start(0.005)

    async def idle(reactor, session):
        await Deferred()
"""

MACHINERY = ("charge", "mainLoop", "doPoll", "runUntilCurrent", "serve", "_interrupted", "look")


@pytest.fixture(scope="module")
def edge() -> Iterator[Fleet]:
    with started() as running:
        yield running


@contextmanager
def started() -> Iterator[Fleet]:
    with short_folder() as folder:
        write_module(folder, PARTS)
        with fleet(write_fleet(folder, FLEET)) as running:
            for name in ("burner", "noisy", "idle"):
                running.until(name, "running")
            yield running


def share(shown: str, pattern: str) -> float:
    """The share in the line of `shown` in which the pattern is found."""
    line = next(line for line in shown.splitlines() if re.search(pattern, line))
    return float(line.split("%", maxsplit=1)[0])


def test_a_person_sees_where_the_time_goes(edge: Fleet) -> None:
    done = edge.wampsup("profile", "burner", "--seconds", "1", "--rate", "400")
    assert (done.code, done.err) == (0, "")
    assert re.match(r"burner · in the reactor for [\d.]+ of 1[\d.]* s \(\d+\.\d %\), \d+ samples · ", done.out)
    assert share(done.out, r"spin  parts.py:4, most at line \d+$") > 70
    assert not re.search("|".join([*MACHINERY, "noise"]), done.out)


def test_the_shares_are_what_the_functions_take(edge: Fleet) -> None:
    def as_they_are() -> bool:  # wall time: what else runs on the machine may stretch any of them, but not always
        tree = edge.wampsup("profile", "burner", "--seconds", "3", "--rate", "400").out.partition("CALLS")[2]
        slow, fast = share(tree, r" slow  parts.py:8$"), share(tree, r" fast  parts.py:11$")
        return slow / (slow + fast) == pytest.approx(0.7, abs=0.07)

    wait_until(as_they_are, 60, "a profile with the shares 70 % and 30 %")


def test_speedscope_gets_the_same(edge: Fleet, tmp_path: Path) -> None:
    path = tmp_path / "burner.json"
    done = edge.wampsup("profile", "burn*", "--seconds", "1", "--format", "speedscope", "--output", path)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"hint: open `{path}` at https://www.speedscope.app, which keeps it in your browser\n"
    made = json.loads(path.read_text())
    (taken,) = made["profiles"]
    assert (taken["type"], taken["unit"], taken["name"]) == ("sampled", "seconds", "burner")
    assert len(taken["samples"]) == len(taken["weights"]) > 0
    frames = made["shared"]["frames"]
    assert {frames[stack[0]]["name"] for stack in taken["samples"]} & set(MACHINERY) == set()
    assert {"slow", "fast", "work"} <= {frame["name"] for frame in frames}


def test_one_that_does_nothing_is_told_to(edge: Fleet) -> None:
    done = edge.wampsup("profile", "idle", "--seconds", "0.2")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "`idle` did not run in that time"
    drawn = edge.wampsup("profile", "idle", "--seconds", "0.2", "--format", "speedscope")
    assert (drawn.code, drawn.json["profiles"][0]["samples"]) == (0, [])
    assert drawn.err == "`idle` did not run in that time\n"


def test_json_is_the_supervisors_own(edge: Fleet) -> None:
    told = edge.wampsup("profile", "burner", "--seconds", "0.5", "--json").json
    assert set(told) == {"name", "rate", "seconds", "looks", "busy_seconds", "functions", "reactor", "threads"}
    assert told["reactor"]["samples"] <= told["looks"]


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["clokc"], 4, "error: no component `clokc` in fleet `edge`"),
        (["idle*"], 1, "error: `idle*` means 2 components, and one can be profiled at a time"),
        (["idle", "--seconds", "0"], 2, "error: argument --seconds: `0` is no number from 0.1 to 300"),
        (["idle", "--seconds", "nan"], 2, "error: argument --seconds: `nan` is no number from 0.1 to 300"),
        (["idle", "--rate", "5000"], 2, "error: argument --rate: `5000` is no number from 1 to 1000"),
        (["idle", "--format", "svg"], 2, "error: unknown format `svg`"),
        (["idle", "--output", "/no/such/file"], 1, "error: cannot write `/no/such/file`: no such file or directory"),
    ],
)
def test_what_can_not_be_is_told_in_a_sentence(edge: Fleet, arguments: list[str], code: int, error: str) -> None:
    done = edge.wampsup("profile", *arguments)
    assert (done.code, done.out) == (code, "")
    assert done.err.splitlines()[0] == error


@pytest.fixture
def fresh() -> Iterator[Fleet]:
    """A fleet of which no profile has been taken yet."""
    with started() as running:
        yield running


@contextmanager
def begun(running: Fleet) -> Iterator[subprocess.Popen[str]]:
    """A command that takes a long profile of a fresh fleet, and has begun to."""
    process = subprocess.Popen(
        [EXECUTABLE, "profile", "idle", "--seconds", "200"],
        env=environment(running.env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        wait_until(lambda: handles_alarms(running.pid), 20, "the profile")
        yield process
    finally:
        process.kill()
        process.communicate()


def handles_alarms(pid: int) -> bool:
    """Whether the process has a handler for SIGALRM, which the first profile installs."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGALRM - 1))


def test_while_one_is_taken_another_is_refused_until_ctrl_c_ends_it(fresh: Fleet) -> None:
    def another() -> Any:
        return fresh.request("POST", "/v1/profile", {"name": "idle", "seconds": 0.1})

    with begun(fresh) as process:
        refused = fresh.wampsup("profile", "burner")
        assert (refused.code, refused.out) == (1, "")
        assert refused.err == "error: a profile is being taken already, and there can be one at a time\n"
        assert another().status == 409
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == ("", "")
        assert process.returncode == 130
    wait_until(lambda: another().status == 200, 20, "the end of the profile")


def test_a_fleet_that_ends_waits_for_no_profile(fresh: Fleet) -> None:
    with begun(fresh) as process:
        assert fresh.stop() == 0
        _, err = process.communicate(timeout=20)
        assert err == "error: the supervisor of fleet `edge` hung up before it had answered\n"
