"""The log as files: one for all or one a component, which rotate, and cost no component anything when they fail."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.command import fleet, wampsup
from support.files import write_fleet, write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.command import Fleet

PARTS = """
    import os
    import sys
    import threading
    import time

    from twisted.internet.defer import Deferred
    from twisted.internet.task import deferLater

    async def clock(reactor, session):
        print("ticks")
        await Deferred()

    async def talker(reactor, session):
        for number in range(session.config.extra["lines"]):
            print(f"line {number:06d}")
            if number % 50 == 49:
                await deferLater(reactor, 0)
        print("has said all")
        await Deferred()

    async def teller(reactor, session):
        await session.register(lambda text: print(text), "com.example.say")
        number = 0
        while True:
            print(f"line {number:06d}")
            number += 1
            await deferLater(reactor, 0.05)

    async def shouter(reactor, session):
        os.write(2, b"said beside the log\\n")
        print("said in the log")
        await Deferred()

    async def blocker(reactor, session):
        print("blocks")
        while True:
            time.sleep(0.1)

    async def threaded(reactor, session):
        threading.Thread(target=time.sleep, args=(60,)).start()
        await Deferred()
"""

FLEET = """
    [supervisor]
    name = "edge"
    {supervisor}
    [router]
    listen = "rs://unix:r.sock"
    [defaults]
    transports = "rs://unix:r.sock"
    stop_timeout = 1
"""

LOST = "lines are lost until it can be written again"
CLOCK = '\n[components.clock]\nmain = "parts:clock"\n'
SUN = CLOCK.replace("clock]", "sun]")
TELLER = '\n[components.teller]\nmain = "parts:teller"\n'


@pytest.fixture
def folder(short_path: Path) -> Path:
    write_module(short_path, PARTS)
    return short_path


def write(folder: Path, supervisor: str, components: str = CLOCK) -> Path:
    return write_fleet(folder, FLEET.format(supervisor=supervisor) + components.replace("\n", "\n    "))


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def said(path: Path) -> list[int]:
    """The numbers of the lines `line N` in a log file and in those that it was before, the oldest first."""
    older = sorted(path.parent.glob(f"{path.name}.*"), key=lambda each: -int(each.name.rpartition(".")[2]))
    lines = [line for each in (*older, path) for line in text(each).splitlines()]
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z \w+ +\[[\w@]+\] ", line) for line in lines)
    return [int(line.rpartition(" ")[2]) for line in lines if "] line " in line]


@contextmanager
def detached(path: Path) -> Iterator[tuple[int, str]]:
    """A fleet in the background: its pid, and what the command that started it has said."""
    env: dict[str, str | None] = {"XDG_RUNTIME_DIR": str(path.parent / "run")}
    done = wampsup("start", path, "--detach", env=env)
    assert done.code == 0, done.err
    try:
        yield wampsup("status", "--json", env=env).json["supervisor"]["pid"], done.err
    finally:
        assert wampsup("shutdown", env=env).code in {0, 3}


def test_one_file_holds_what_the_stream_shows_and_is_complete_at_the_end(folder: Path) -> None:
    with fleet(write(folder, 'log_file = "edge.log"', CLOCK + SUN)) as running:
        running.until("sun", "running")
        assert running.stop() == 0
        assert text(folder / "edge.log").splitlines() == list(running.lines)
    assert "] fleet `edge` has ended" in running.lines[-1]
    assert (folder / "edge.log").stat().st_mode & 0o777 == 0o600


def test_each_component_has_a_file_of_its_own_and_so_has_the_supervisor(folder: Path) -> None:
    with fleet(write(folder, 'log_file = "log/{component}.log"\nlog_format = "json"', CLOCK + SUN)) as running:
        running.until("sun", "running")
        running.until("clock", "running")
    files = {path.name: [json.loads(line) for line in text(path).splitlines()] for path in (folder / "log").iterdir()}
    assert {name: {line["component"] for line in lines} for name, lines in files.items()} == {
        "clock.log": {"clock"},
        "sun.log": {"sun"},
        "wampsup.log": {None},
    }
    assert [line["message"] for line in files["clock.log"]][1:] == ["ticks", "stopped"]


def test_files_rotate_under_load_and_no_line_is_lost_or_torn(folder: Path) -> None:
    talkers = '\n[components.talker]\nmain = "parts:talker"\ninstances = 3\nextra.lines = 3000\n'
    log_file = 'log_file = { path = "log/{component}.log", max_bytes = 5000, backups = 1000 }'
    with fleet(write(folder, log_file, talkers)) as running:
        for number in range(1, 4):
            wait_until(lambda n=number: f"[talker@{n}] has said all" in running.err, 60)  # type: ignore[misc]
        descriptors = len(list(Path(f"/proc/{running.pid}/fd").iterdir()))
    logs = [folder / f"log/talker@{number}.log" for number in range(1, 4)]
    for log in logs:
        assert said(log) == list(range(3000))
        older = list(log.parent.glob(f"{log.name}.*"))
        assert len(older) > 20
        assert all(each.stat().st_size <= 5000 for each in (log, *older))
    assert descriptors < 40


def test_no_more_older_files_are_kept_than_are_asked_for(folder: Path) -> None:
    talker = '\n[components.talker]\nmain = "parts:talker"\nextra.lines = 1000\n'
    with fleet(write(folder, 'log_file = { path = "edge.log", max_bytes = 5000, backups = 2 }', talker)) as running:
        wait_until(lambda: "] has said all" in running.err, 60)
    assert sorted(path.name for path in folder.glob("edge.log*")) == ["edge.log", "edge.log.1", "edge.log.2"]
    numbers = said(folder / "edge.log")
    assert numbers == list(range(numbers[0], 1000))


# Trouble


def told(running: Fleet, words: str) -> list[str]:
    return [line.split("] ", 1)[1] for line in running.lines if words in line]


def test_a_folder_that_cannot_be_written_to_is_said_once_and_costs_nobody_anything(folder: Path) -> None:
    (folder / "log").touch()
    with fleet(write(folder, 'log_file = "log/{component}.log"', CLOCK + SUN + TELLER)) as running:
        for name in ("clock", "sun", "teller"):
            running.until(name, "running")
        wait_until(lambda: "line 000010" in running.err)
        once = f"cannot write to the log file `{folder}/log/wampsup.log`: not a directory;"
        assert told(running, "cannot write") == [f"{once} {LOST}"]
        assert once in running.wampsup("logs", "-n", "all").out
        (folder / "log").unlink()
        wait_until(lambda: told(running, "can be written again,"), 30)
        again = told(running, "can be written again,")
        assert re.fullmatch(r"the log file `.*/log/\w+\.log` can be written again, \d+ lines were lost", again[0])
        wait_until(lambda: said(folder / "log/teller.log"))
    assert len(told(running, "log file")) == 2


def test_a_full_disk_is_said_once_and_no_line_is_torn(folder: Path) -> None:
    path = write(folder, 'log_file = "edge.log"', TELLER)
    with fleet(path) as running:
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
        wait_until(lambda: told(running, "cannot write"), 30)
        assert told(running, "cannot write") == [
            f"cannot write to the log file `{folder}/edge.log`: file too large; {LOST}"
        ]
        assert running.component("teller")["state"] == "running"
        full = text(folder / "edge.log")
        assert 2800 < len(full) <= 3000
        assert full.endswith("\n")
        (folder / "edge.log").rename(folder / "full.log")  # room again
        wait_until(lambda: told(running, "can be written again,"), 30)
        wait_until(lambda: "can be written again" in text(folder / "edge.log"))
        lost = int(told(running, "can be written again,")[0].split()[-4])
        head, tail = said(folder / "full.log"), said(folder / "edge.log")
        assert head == list(range(len(head)))
        assert tail[0] - head[-1] - 1 in (lost, lost - 1)  # one of those is what was said of the trouble


def test_a_file_that_is_deleted_or_moved_away_is_made_again(folder: Path) -> None:
    log = folder / "edge.log"
    with fleet(write(folder, 'log_file = "edge.log"', TELLER)):
        wait_until(lambda: said(log))
        log.rename(folder / "moved")
        wait_until(lambda: said(log))
        log.unlink()
        wait_until(lambda: said(log))


def test_a_link_is_not_followed(folder: Path) -> None:
    (folder / "victim").write_text("precious")
    (folder / "edge.log").symlink_to("victim")
    with fleet(write(folder, 'log_file = "edge.log"')) as running:
        running.until("clock", "running")
        wait_until(lambda: told(running, "it is a symbolic link; lines are lost"))
    assert text(folder / "victim") == "precious"


# Reload


def test_sighup_opens_the_files_anew_even_where_nothing_is_logged_to_them_and_the_fleet_file_is_wrong(
    folder: Path,
) -> None:
    path = write(folder, 'log_file = "{component}.log"')
    log = folder / "clock.log"
    with fleet(path) as running:
        wait_until(lambda: "ticks" in text(log))
        descriptors = Path(f"/proc/{running.pid}/fd")

        def is_open(path: Path) -> bool:
            return any(os.path.realpath(each) == str(path) for each in descriptors.iterdir())

        assert is_open(log)
        log.rename(folder / "old")
        path.write_text("wrong")
        running.signal(signal.SIGHUP)
        wait_until(lambda: not is_open(folder / "old"))
        assert running.component("clock")["state"] == "running"


def test_a_reload_closes_the_file_of_who_is_taken_out(folder: Path) -> None:
    path = write(folder, 'log_file = "{component}.log"', CLOCK + SUN)
    with fleet(path) as running:
        wait_until(lambda: "ticks" in text(folder / "sun.log"))
        write(folder, 'log_file = "{component}.log"', CLOCK)
        assert running.wampsup("reload").code == 0
        wait_until(lambda: "stopped" in text(folder / "sun.log"))
        fds = Path(f"/proc/{running.pid}/fd")
        wait_until(lambda: not any(os.path.realpath(each) == f"{folder}/sun.log" for each in fds.iterdir()))


def test_a_reload_takes_another_log_file_up_and_refuses_a_wrong_one(folder: Path) -> None:
    path = write(folder, "")
    with fleet(path) as running:
        running.until("clock", "running")
        write(folder, 'log_file = "a.log"')
        done = running.wampsup("reload")
        assert "supervisor.log_file" in done.out + done.err
        wait_until(lambda: "has been read again" in text(folder / "a.log"))
        write(folder, 'log_file = "b.log"', CLOCK + SUN)
        assert running.wampsup("reload").code == 0
        running.until("sun", "running")
        wait_until(lambda: "[sun] ticks" in text(folder / "b.log"))
        assert "[sun]" not in text(folder / "a.log")
        write(folder, 'log_file = "no/such/folder/b.log"')
        refused = running.wampsup("reload")
        assert refused.code == 5
        assert "there is no folder" in refused.err
        assert running.component("sun")["state"] == "running"
        write(folder, 'log_file = "b.log"', CLOCK + SUN)
        (folder / "b.log").unlink()
        (folder / "b.log").mkdir()
        assert running.wampsup("reload").code == 0
        wait_until(lambda: told(running, "is a directory; lines are lost"))


def test_a_fleet_file_is_never_written_to(folder: Path) -> None:
    path = write(folder, 'log_file = "fleet.toml"')
    before = path.read_text()
    done = wampsup("start", path, env={"XDG_RUNTIME_DIR": str(folder)})
    assert done.code == 5
    assert "is a file of the fleet: no log can be written there" in done.err
    assert path.read_text() == before
    write(folder, "")
    with fleet(path) as running:
        write(folder, 'log_file = "{component}.toml"', CLOCK + '\n[components.fleet]\nmain = "parts:clock"\n')
        before = path.read_text()
        assert running.wampsup("reload").code == 5
    assert path.read_text() == before


def test_check_tells_what_is_wrong_with_the_place(folder: Path) -> None:
    env = {"XDG_RUNTIME_DIR": str(folder)}
    done = wampsup("check", write(folder, 'log_file = "no/such/edge.log"'), env=env)
    assert done.code == 5
    assert done.err.startswith(
        f"error: the log can't be written to `{folder}/no/such/edge.log`: there is no folder `{folder}/no`\n"
    )
    assert 'log_file = "no/such/edge.log"\n' in done.err
    assert wampsup("check", write(folder, 'log_file = "log/edge.log"'), env=env).code == 0
    assert not (folder / "log").exists()


# The end


def test_what_is_said_when_a_component_blocks_the_end_is_in_the_file(folder: Path) -> None:
    blocker = '\n[components.blocker]\nmain = "parts:blocker"\n'
    with fleet(write(folder, 'log_file = "edge.log"', blocker), wait=False) as running:
        wait_until(lambda: "[blocker] blocks" in running.err, 20)

        def stopped() -> bool:
            running.signal(signal.SIGTERM)  # again and again: two that come at once are one
            return running.ended

        wait_until(stopped, 30)
        assert running.wait() == 1
    assert "blocks this process at" in text(folder / "edge.log")


def test_so_are_the_last_words_of_a_loop_that_is_stuck(folder: Path) -> None:
    blocker = '\n[components.blocker]\nmain = "parts:blocker"\n'
    with fleet(write(folder, 'log_file = "edge.log"\nfatal_stall = 1', blocker), wait=False) as running:
        assert running.wait() == 7
    assert "longer than fatal_stall = 1 s: the process ends" in text(folder / "edge.log")


def test_so_is_what_is_said_of_threads_that_do_not_end(folder: Path) -> None:
    threaded = '\n[components.threaded]\nmain = "parts:threaded"\n'
    with fleet(write(folder, 'log_file = "edge.log"', threaded)) as running:
        running.until("threaded", "running")
        assert running.stop() == 0
    assert "threads of components still run: the process ends without them" in text(folder / "edge.log")


# The background


def test_in_the_background_the_log_goes_to_its_file_alone_and_so_does_what_is_written_beside_it(folder: Path) -> None:
    shouter = '\n[components.shouter]\nmain = "parts:shouter"\n'
    with detached(write(folder, 'log_file = "log/edge.log"', shouter)) as (pid, told):
        assert told == f"fleet `edge` runs (pid {pid}); its log is {folder}/log/edge.log\n"
        log = folder / "log/edge.log"
        wait_until(lambda: "[shouter] said in the log" in text(log))
        assert "said beside the log\n" in text(log)
        assert not (folder / "run/wampsup/edge.log").exists()


def test_in_the_background_the_log_beside_the_socket_is_bounded(folder: Path) -> None:
    log = folder / "run/wampsup/edge.log"
    log.parent.mkdir(parents=True, mode=0o700)
    log.write_bytes(b"x" * 9_999_990 + b"\n")
    with detached(write(folder, "", TELLER)) as (pid, _):
        older = log.with_suffix(".log.1")
        wait_until(lambda: older.exists() and "] line " in text(log))
        wait_until(lambda: {Path(f"/proc/{pid}/fd/{number}").readlink() for number in (1, 2)} == {log})
        log.write_bytes(b"x" * 9_999_990 + b"\n")
        wait_until(lambda: "] line " in text(log) and "x" * 100 not in text(log))
        assert "x" * 100 in text(older)
    assert sorted(path.name for path in log.parent.iterdir()) == ["edge.log", "edge.log.1"]


def test_in_the_background_a_log_file_that_cannot_be_opened_is_said_to_who_waits(folder: Path) -> None:
    (folder / "log").touch()
    path = write(folder, 'log_file = "log/edge.log"', TELLER)
    with detached(path) as (_, told):
        assert told.startswith(f"warning: cannot write to the log file `{folder}/log/edge.log`: not a directory\n")
        (folder / "log").unlink()
        wait_until(lambda: said(folder / "log/edge.log"), 30)
    assert "] the log file " in text(folder / "log/edge.log")
