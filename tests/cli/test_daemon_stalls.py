"""A component that blocks the reactor among a hundred: who is blamed, when, for what, and what comes of it."""

from __future__ import annotations

import re
import signal
import time
from datetime import datetime
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from support.command import fleet
from support.files import write_fleet, write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from support.command import Fleet

PARTS = """
    import re
    import time

    from twisted.internet.defer import Deferred
    from twisted.internet.task import LoopingCall, deferLater
    from twisted.internet.threads import deferToThread

    TURN = []  # the names of those that have had it

    async def idle(reactor, session):
        await Deferred()

    async def turn(reactor, number):
        while len(TURN) < number:
            await deferLater(reactor, 0.02)
        await deferLater(reactor, 0.1)

    def block(how=time.sleep):
        print(f"begins {time.time():.3f}")
        how(1)  # here it blocks
        print("ends")
        TURN.append(how)

    def spin(seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pass

    def backtrack(_):
        re.match(r"(a+)+b", "a" * 26)

    async def coroutine(reactor, session):
        await turn(reactor, 0)
        block()
        await Deferred()

    async def timer(reactor, session):
        await turn(reactor, 1)
        reactor.callLater(0.01, block)
        await Deferred()

    async def busy(reactor, session):
        await turn(reactor, 2)
        block(spin)
        await Deferred()

    async def thread(reactor, session):
        await turn(reactor, 3)
        deferToThread(int).addCallback(lambda _: block())
        await Deferred()

    async def handler(reactor, session):
        await session.register(block, "com.example.block")
        await Deferred()

    async def caller(reactor, session):
        await turn(reactor, 4)
        await session.call("com.example.block")
        await Deferred()

    async def looping(reactor, session):
        await turn(reactor, 5)
        LoopingCall(block).start(3600)
        await Deferred()

    async def gil(reactor, session):
        await turn(reactor, 0)
        await deferLater(reactor, 1)
        block(backtrack)
        await Deferred()

    async def once(reactor, session):
        await turn(reactor, 0)
        if not TURN:
            block()
        await Deferred()

    async def leftover(reactor, session):
        if TURN:
            await Deferred()
        TURN.append("first")
        reactor.callLater(1.5, block)
        raise ValueError("the kettle is dry")

    async def endless(reactor, session):
        await deferLater(reactor, 0.5)
        block(lambda _: time.sleep(1000))

    async def endless_alone(reactor, session):
        await deferLater(reactor, 0.5)
        re.match(r"(a+)+b", "a" * 60)

    async def short(reactor, session):
        while True:
            await deferLater(reactor, 0.05)
            time.sleep(0.1)

    async def litters(reactor, session):
        import gc
        gc.disable()  # the supervisor's thresholds would have it happen at some other point
        rings = [[] for _ in range(3_000_000)]
        for ring in rings:
            ring.append(ring)
        del rings, ring
        await deferLater(reactor, 1)
        gc.enable()
        gc.collect()
        print("collected")
        await Deferred()

    def slow_is_fatal(error):
        block()
        return False

    async def fails(reactor, session):
        await deferLater(reactor, 0.2)
        raise ValueError("the kettle is dry")
"""

WAYS = ("coroutine", "timer", "busy", "thread", "handler", "looping")
LINE = re.compile(r"(\S+Z) (\w+) +\[(\S+)\] (.*)")


class Line:
    """One line of a log, with what is indented under it."""

    def __init__(self, match: re.Match[str]) -> None:
        self.at = datetime.fromisoformat(match[1]).timestamp()
        self.level, self.component, self.message = match[2], match[3], match[4]
        self.more: list[str] = []

    def __repr__(self) -> str:
        return f"{self.at:.3f} {self.level} [{self.component}] {self.message}"


def lines_of(running: Fleet) -> list[Line]:
    lines: list[Line] = []
    for text in running.lines:
        if match := LINE.fullmatch(text):
            lines.append(Line(match))
        elif lines:
            lines[-1].more.append(text)
    return lines


def blamed(running: Fleet) -> list[Line]:
    return [line for line in lines_of(running) if "blocked the reactor for" in line.message and line.level == "warn"]


@pytest.fixture
def folder(short_path: Path) -> Path:
    write_module(short_path, PARTS)
    return short_path


def write(folder: Path, *parts: str, supervisor: str = "", component: str = "", idle: int = 94) -> Path:
    text = f"""
        [supervisor]
        name = "edge"
        {supervisor}

        [router]
        listen = "rs://unix:r.sock"

        [defaults]
        transports = "rs://unix:r.sock"

        [components.idle]
        main = "parts:idle"
        instances = {idle}
    """
    more = "".join(f'[components.{part}]\nmain = "parts:{part}"\n{component}\n' for part in parts)
    return write_fleet(folder, dedent(text) + more)


def test_a_component_that_blocks_among_a_hundred_is_blamed_by_name_with_its_line_and_nobody_else_is(
    folder: Path,
) -> None:
    here = PARTS.splitlines().index("        how(1)  # here it blocks")
    with fleet(write(folder, *WAYS, "caller")) as running:
        wait_until(lambda: sum(line.message == "ends" for line in lines_of(running)) == len(WAYS), 40)
        wait_until(lambda: len(blamed(running)) >= 2 * len(WAYS), 5)
        shown = running.request("GET", "/v1/components").body["components"]
        events = running.wampsup("events", "--json").out
        told = running.wampsup("events").out
    words = ("begins", "ends", "has blocked the reactor", "blocked the reactor")
    lines = [line for line in lines_of(running) if line.message.startswith(words)]
    assert [line.component for line in lines] == [way for way in WAYS for _ in range(4)]
    for way, begins, stuck, ends, over in zip(WAYS, *(lines[at::4] for at in range(4)), strict=True):
        assert [line.message.split()[0] for line in (begins, stuck, ends, over)] == ["begins", "has", "ends", "blocked"]
        assert 0.2 < stuck.at - float(begins.message.split()[1]) < 0.5, (begins, stuck)
        place = (
            r"parts.py:\d+ in spin" if way == "busy" else rf"parts.py:{here} in block \(how\(1\)  # here it blocks\)"
        )
        assert re.fullmatch(rf"has blocked the reactor for 0\.\d\d s at {place}.*", stuck.message), stuck
        assert stuck.more[0] == "    Stack (most recent call last):"
        assert "/twisted/" not in "".join(stuck.more[:3])
        assert re.match(r"blocked the reactor for (1\.\d\d|0\.9\d) s at parts\.py:\d+ in \w+$", over.message), over
    stalled = {one["name"]: one for one in shown if one["stalls"]}
    assert sorted(stalled) == sorted(WAYS)
    assert all(one["stalls"] == 1 and 900 < one["longest_stall_ms"] < 5000 for one in stalled.values())
    assert re.match(r"has blocked the reactor once, for [\d.]+ s, at parts\.py:\d+ in \w+", stalled["timer"]["note"])
    assert events.count('"event":"stall"') == len(WAYS)
    assert len(
        re.findall(r"^\S+ \w+ stalled  blocked the reactor for (?:1\.\d\d|0\.9\d) s at parts.py", told, re.MULTILINE)
    ) == len(WAYS)


def test_code_that_lets_no_other_thread_run_is_blamed_when_it_is_over(folder: Path) -> None:
    with fleet(write(folder, "gil")) as running:
        wait_until(lambda: blamed(running), 40)
        shown = running.until("gil", "running", also=lambda one: one["stalls"] == 1)
    assert {line.component for line in blamed(running)} == {"gil"}
    assert shown["longest_stall_ms"] > 250


def test_a_component_that_blocks_longer_than_it_may_is_restarted(folder: Path) -> None:
    path = write(folder, "once", component="max_stall = 0.6\nrestart.initial_delay = 0.1")
    with fleet(path) as running:
        shown = running.until("once", "running", also=lambda one: one["restarts"] == 1)
        error = shown["last_error"]
        assert error["kind"] == "stall"
        assert re.fullmatch(
            r"blocked the reactor for 1\.\d\d s at parts.py:\d+ in block, longer than max_stall = 0.6 s",
            error["message"],
        )
        assert "how(1)  # here it blocks" in error["traceback"]
        assert [line.component for line in blamed(running)] == ["once"] * 3  # while, after, and in `backoff`
        page = running.wampsup("show", "once").out
        assert "  max stall       0.6 s; a longer one is a failure" in page
        assert re.search(r"  stalls          1, the longest 1\.\d\d s", page)


def test_what_an_earlier_attempt_has_left_behind_is_blamed_but_does_not_end_the_new_one(folder: Path) -> None:
    path = write(folder, "leftover", component="cleanup = false\nmax_stall = 0.6\nrestart.initial_delay = 0.1")
    with fleet(path) as running:
        shown = running.until("leftover", "running", also=lambda one: one["stalls"] == 1)
        assert shown["restarts"] == 1
        assert shown["last_error"]["kind"] == "main"
        wait_until(lambda: len(blamed(running)) == 2, 5)
        assert running.component("leftover")["attempts"] == 2


def test_a_loop_that_is_stuck_ends_the_process_with_its_own_exit_code_and_the_stack(folder: Path) -> None:
    with fleet(write(folder, "endless", supervisor="fatal_stall = 1")) as running:
        assert running.wait() == 7
    last = next(line for line in reversed(lines_of(running)) if line.level == "critical")
    assert last.component == "endless"
    assert re.match(
        r"has blocked the reactor for \d\.\d\d s at parts.py:\d+ in <lambda> \(block\(lambda _: time.sleep\(1000\)\)\),"
        r" longer than fatal_stall = 1 s: the process ends$",
        last.message,
    ), last
    assert any("time.sleep(1000)" in line for line in last.more)


def test_a_loop_that_is_stuck_in_code_that_lets_no_other_thread_run_ends_the_process_as_well(folder: Path) -> None:
    with fleet(write(folder, "endless_alone", supervisor="fatal_stall = 1"), wait=False) as running:
        assert running.wait(60) == 1
        assert "in endless_alone" in running.err


def test_nobody_is_blamed_for_the_time_for_which_the_process_was_stopped(folder: Path) -> None:
    with fleet(write(folder, "short", supervisor="fatal_stall = 5")) as running:
        running.until("short", "running")
        for _ in range(4):
            running.signal(signal.SIGSTOP)
            time.sleep(1)  # what is tested
            running.signal(signal.SIGCONT)
            assert running.component("short")["stalls"] == 0
        assert blamed(running) == []
        assert not running.ended


def test_the_garbage_collector_is_told_of_and_no_component_is_blamed_for_it(folder: Path) -> None:
    with fleet(write(folder, "litters", supervisor="stall_after = 0.1"), wait=False) as running:
        wait_until(lambda: any("to collect garbage" in line.message for line in blamed(running)), 30)
        told = [line for line in blamed(running) if "to collect garbage" in line.message]
        assert {line.component for line in told} == {"wampsup"}
        assert not any("gc.collect" in line.message for line in blamed(running))


def test_the_code_that_judges_errors_is_blamed_on_its_component(folder: Path) -> None:
    path = write(folder, "fails", component='is_fatal = "parts:slow_is_fatal"\nrestart.max_restarts = 0')
    with fleet(path) as running:
        shown = running.until("fails", "failed")
        assert shown["stalls"] == 1
        assert {line.component for line in blamed(running)} == {"fails"}


def reload(running: Fleet, path: Path, *changes: tuple[str, str]) -> dict[str, Any]:
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    result = running.wampsup("reload", "--json")
    assert result.code == 0, result
    changed: dict[str, Any] = result.json
    return changed


def test_a_reload_changes_what_a_stall_is_at_once(folder: Path) -> None:
    path = write(folder, "short", supervisor="stall_after = 0")
    with fleet(path) as running:
        running.until("short", "running", also=lambda one: one["usage"]["longest_event_ms"] > 90)
        assert running.component("short")["stalls"] == 0
        assert reload(running, path, ("stall_after = 0", "stall_after = 0.05"))["settings"] == [
            "supervisor.stall_after"
        ]
        running.until("short", "running", also=lambda one: one["stalls"] > 1)
        changes = reload(
            running, path, ("stall_after = 0.05", "stall_after = 0"), ('short"\n', 'short"\nmax_stall = 0.05\n')
        )
        assert changes["updated"] == ["short"]
        wait_until(lambda: running.component("short")["restarts"] > 0, 10)


def test_a_slow_import_at_a_reload_is_blamed_on_the_supervisor_with_the_line_of_the_module(folder: Path) -> None:
    write_module(folder, "import time\ntime.sleep(0.6)\nasync def main(reactor, session): ...\n", "lazy")
    path = write(folder)
    with fleet(path) as running:
        path.write_text(path.read_text() + '\n[components.lazy]\nmain = "lazy:main"\n')
        assert running.wampsup("reload").code == 0
        wait_until(lambda: len(blamed(running)) == 2, 5)
    stuck = blamed(running)[0]
    assert stuck.component == "wampsup"
    assert "the supervisor itself has blocked the reactor for 0." in stuck.message
    assert "at lazy.py:2 in <module> (time.sleep(0.6))" in stuck.message
