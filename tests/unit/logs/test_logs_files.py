"""The thread that writes the log files: nobody waits for it, and it loses nothing that it does not tell."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from pathlib import Path
from threading import enumerate as all_threads
from typing import TYPE_CHECKING

from twisted.logger import globalLogPublisher

from support.disks import DiskInMemory
from support.waiting import wait_until
from wampsup.logs.files import LogFiles
from wampsup.model.spec import LogFileSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twisted.logger import LogEvent

    from support.logged import LoggedErrors

ONE = LogFileSpec(path=Path("/log/edge.log"))
OTHER = LogFileSpec(path=Path("/log/other.log"))


class World:
    """Log files on a disk in memory, and what is said of them, by which thread."""

    def __init__(self, default: LogFileSpec | None = None, backlog: int = 8 << 20) -> None:
        self.disk = DiskInMemory()
        self.specs: list[LogFileSpec] = []
        self.said: list[str] = []
        self.files = LogFiles(self._make, default, most_bytes=backlog)

    def _make(self, spec: LogFileSpec) -> DiskInMemory:
        self.specs.append(spec)
        return self.disk

    def hear(self, event: LogEvent) -> None:
        if event["log_namespace"] == "wampsup.logs.files" and "message" in event:
            self.said.append(event["message"])
            self.files.write(None, f"said: {event['message']}\n")

    def text(self, path: str = "/log/edge.log") -> str:
        return self.disk.files.get(path, b"").decode()


@contextmanager
def world(
    spec: LogFileSpec | None = ONE, default: LogFileSpec | None = None, backlog: int = 8 << 20
) -> Iterator[World]:
    made = World(default, backlog)
    globalLogPublisher.addObserver(made.hear)  # type: ignore[arg-type]
    made.files.become(spec)
    try:
        yield made
    finally:
        made.disk.runs.set()
        made.files.close()
        globalLogPublisher.removeObserver(made.hear)  # type: ignore[arg-type]
        wait_until(lambda: "log files" not in [thread.name for thread in all_threads()])


def test_lines_get_there_in_their_order_and_a_flush_waits_for_them() -> None:
    with world() as there:
        for number in range(1000):
            there.files.write("clock" if number % 2 else None, f"{number}\n")
        there.files.flush()
        assert there.text() == "".join(f"{number}\n" for number in range(1000))
        assert there.disk.tries < 100


def test_lines_get_there_by_themselves() -> None:
    with world() as there:
        there.files.write(None, "1\n")
        wait_until(lambda: there.text() == "1\n")
        there.files.write(None, "2\n")
        wait_until(lambda: there.text() == "1\n2\n")


def test_the_end_waits_for_what_was_handed_over() -> None:
    with world() as there:
        there.files.write(None, "1\n")
        there.files.close()
        there.files.write(None, "2\n")
    assert there.text() == "1\n"


def test_what_no_file_can_hold_is_escaped() -> None:
    with world() as there:
        there.files.write(None, "\ud800 ä\n")
        there.files.flush()
        assert there.text() == "\\ud800 ä\n"


def test_without_a_file_there_is_no_thread_and_nothing_is_kept() -> None:
    with world(None) as there:
        there.files.write(None, "1\n")
        there.files.forget("clock")
        there.files.reopen()
        there.files.flush()
        assert there.files._backlog.take() == ([], 0)
        assert "log files" not in [thread.name for thread in all_threads()]
        there.files.become(ONE)
        there.files.write(None, "2\n")
        there.files.flush()
        assert there.text() == "2\n"


def test_another_file_begins_behind_what_went_to_the_one_before() -> None:
    with world() as there:
        there.files.write(None, "1\n")
        there.files.become(OTHER)
        there.files.flush()
        there.files.write(None, "2\n")
        there.files.flush()
        assert there.disk.files == {"/log/edge.log": b"1\n", "/log/other.log": b"2\n"}
        assert there.specs == [ONE, OTHER]
        there.files.become(None)
        there.files.write(None, "3\n")
    assert there.text("/log/other.log") == "2\n"
    assert there.disk.done == ["close all"] * 2


def test_the_same_file_again_is_looked_for_anew() -> None:
    with world() as there:
        there.files.become(LogFileSpec(path=Path("/log/edge.log")))
        there.files.flush()
        assert (there.specs, there.disk.done) == ([ONE], ["close all"])
        there.files.reopen()
        there.files.flush()
        assert there.disk.done == ["close all"] * 2


def test_where_none_is_named_the_default_is_meant() -> None:
    with world(OTHER, default=ONE) as there:
        there.files.become(None)
        there.files.write(None, "1\n")
        there.files.flush()
        assert there.text() == "1\n"


def test_a_component_that_is_out_of_the_fleet_has_its_file_closed() -> None:
    with world(LogFileSpec(path=Path("/log/{component}.log"))) as there:
        there.files.forget("clock")
        there.files.flush()
        assert there.disk.done == ["close /log/clock.log"]


def test_who_logs_does_not_wait_for_a_disk_that_hangs_and_what_is_lost_is_told() -> None:
    with world(backlog=200_000) as there:
        there.disk.runs.clear()
        there.files.write(None, "first\n")
        wait_until(lambda: there.disk.tries == 1)
        for number in range(5000):
            there.files.write("clock", f"{number}\n")
        too_slowly = "the disk takes lines for the log files too slowly: the oldest of those that wait are lost"
        assert there.said == [too_slowly]
        there.disk.runs.set()
        wait_until(lambda: len(there.said) == 2)
        there.files.flush()
        kept = there.text().splitlines()
        lost = 5002 - len([line for line in kept if "again" not in line])
        assert there.said[1] == f"the disk keeps up with the log files again, {lost} lines were lost"
        numbers = [int(line) for line in kept if line.isdecimal()]
        assert numbers == list(range(5000 - len(numbers), 5000))


def test_the_end_does_not_wait_long_for_a_disk_that_hangs() -> None:
    with world() as there:
        there.disk.runs.clear()
        there.files.write(None, "1\n")
        wait_until(lambda: there.disk.tries == 1)
        there.files.flush()
        there.files.close()
        assert there.text() == ""


def test_what_is_said_of_a_full_disk_does_not_say_itself_again() -> None:
    with world() as there:
        there.disk.errors[""] = errno.ENOSPC
        for number in range(10):
            there.files.write(None, f"{number}\n")
            there.files.flush()
        there.files.flush()
        assert len(there.said) == 1
        assert there.disk.tries == 1


def test_a_bug_ends_the_files_and_nothing_else(logged_errors: LoggedErrors) -> None:
    with world() as there:
        there.disk.append = lambda *_: 1 / 0  # type: ignore[assignment,method-assign]
        there.files.write(None, "1\n")
        wait_until(lambda: "log files" not in [thread.name for thread in all_threads()])
        there.files.write(None, "2\n")
        there.files.flush()
    logged_errors.take("a bug of wampsup: nothing is written to the log files any more")
