"""Lines find their files, and a file that fails is told once, and once more when it works again."""

from __future__ import annotations

import errno
from pathlib import Path

from support.disks import DiskInMemory
from wampsup.logs.backlog import Line
from wampsup.logs.troubles import RETRY
from wampsup.logs.writer import Writer
from wampsup.model.spec import LogFileSpec

ONE = "/log/edge.log"
EACH = "/log/{component}.log"
FULL = "no space left on device; lines are lost until it can be written again"


class World:
    """A writer, its disk, what it said, and its clock."""

    def __init__(self, path: str) -> None:
        self.disk = DiskInMemory()
        self.said: list[str] = []
        self.now = 0.0
        self.writer = Writer(LogFileSpec(path=Path(path)), self.disk, self.said.append, lambda: self.now)

    def write(self, *lines: str) -> None:
        """Lines such as `clock 1`, or `1` of the supervisor's own."""
        split = [line.rpartition(" ") for line in lines]
        self.writer.write([Line(component or None, f"{text}\n".encode()) for component, _, text in split])

    def later(self) -> None:
        self.now += RETRY


def test_one_file_for_all_holds_all_lines_in_their_order() -> None:
    world = World(ONE)
    world.write("1", "clock 2", "3", "sun 4")
    assert world.disk.files == {ONE: b"1\n2\n3\n4\n"}


def test_one_file_a_component_and_one_for_the_supervisor() -> None:
    world = World(EACH)
    world.write("1", "clock 2", "feed@1 3", "clock 4")
    assert world.disk.files == {"/log/wampsup.log": b"1\n", "/log/clock.log": b"2\n4\n", "/log/feed@1.log": b"3\n"}
    assert world.disk.tries == 3


def test_a_component_of_the_name_of_the_supervisor_shares_its_file_in_order() -> None:
    world = World(EACH)
    world.write("1", "wampsup 2", "3")
    assert world.disk.files == {"/log/wampsup.log": b"1\n2\n3\n"}


def test_a_full_disk_is_said_once_and_once_more_when_it_is_over() -> None:
    world = World(ONE)
    world.disk.errors[ONE] = errno.ENOSPC
    world.write("1", "2")
    world.write("3")
    assert world.disk.tries == 1
    world.later()
    world.write("4")
    assert world.disk.tries == 2
    assert world.said == [f"cannot write to the log file `{ONE}`: {FULL}"]
    world.disk.errors.clear()
    world.write("5")
    world.later()
    world.write("6")
    assert world.said[1:] == [f"the log file `{ONE}` can be written again, 5 lines were lost"]
    assert world.disk.files == {ONE: b"6\n"}
    world.write("7")
    assert len(world.said) == 2


def test_one_line_is_lost_in_the_singular() -> None:
    world = World(ONE)
    world.disk.errors[ONE] = errno.ENOSPC
    world.write("1")
    world.disk.errors.clear()
    world.later()
    world.write("2")
    assert world.said[1:] == [f"the log file `{ONE}` can be written again, 1 line was lost"]


def test_a_disk_that_is_full_for_many_files_is_one_trouble() -> None:
    world = World(EACH)
    world.disk.errors[""] = errno.ENOSPC
    world.write(*(f"c{number} 1" for number in range(100)))
    assert world.said == [f"cannot write to the log file `/log/c0.log`: {FULL}"]
    world.disk.errors.clear()
    world.later()
    world.write("c5 2", "c6 2")
    world.write("c7 2")
    assert world.said[1:] == ["the log file `/log/c5.log` can be written again, 100 lines were lost"]
    assert set(world.disk.files) == {"/log/c5.log", "/log/c6.log", "/log/c7.log"}


def test_another_reason_is_another_trouble() -> None:
    world = World(EACH)
    world.disk.errors = {"/log/a.log": errno.EACCES, "": errno.ENOSPC}
    world.write("a 1", "b 1")
    assert [said.split("; ")[0] for said in world.said] == [
        "cannot write to the log file `/log/a.log`: permission denied",
        "cannot write to the log file `/log/b.log`: no space left on device",
    ]
    del world.disk.errors[""]
    world.later()
    world.write("a 2", "b 2")
    assert world.said[2:] == ["the log file `/log/b.log` can be written again, 1 line was lost"]


def test_files_that_are_looked_for_anew_are_tried_at_once() -> None:
    world = World(ONE)
    world.disk.errors[ONE] = errno.EACCES
    world.write("1")
    world.disk.errors.clear()
    world.writer.reopen()
    world.write("2")
    assert world.disk.files == {ONE: b"2\n"}
    assert world.disk.done == ["close all"]


def test_the_file_of_a_component_that_is_out_of_the_fleet_is_closed() -> None:
    world = World(EACH)
    world.writer.forget("clock")
    assert world.disk.done == ["close /log/clock.log"]
    one = World(ONE)
    one.writer.forget("clock")
    assert one.disk.done == []


def test_a_component_that_is_out_of_the_fleet_takes_its_trouble_along() -> None:
    world = World(EACH)
    world.disk.errors = {"/log/a.log": errno.EACCES, "/log/b.log": errno.EACCES, "/log/c.log": errno.EACCES}
    world.write("a 1")
    world.writer.forget("a")
    world.write("b 1", "c 1")
    world.writer.forget("b")
    world.later()
    world.write("c 2")
    assert [said.split(":")[0] for said in world.said] == [
        "cannot write to the log file `/log/a.log`",
        "cannot write to the log file `/log/b.log`",
    ]


def test_a_file_that_grows_is_told_once() -> None:
    world = World(ONE)
    world.disk.unrotated = errno.EACCES
    world.write("1")
    world.write("2")
    told = f"cannot begin the log file `{ONE}` anew: permission denied; it grows beyond its `max_bytes`"
    assert world.said == [told]
    world.writer.reopen()
    world.write("3")
    assert world.said == [told, told]
    assert world.disk.files == {ONE: b"1\n2\n3\n"}
