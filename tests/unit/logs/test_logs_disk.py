"""Log files on the disk: how they are made, begun anew when they are full, and made again when they are gone."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wampsup.logs.disk import MOST_OPEN, Files, Unwritten, open_file, reason
from wampsup.model.spec import LogFileSpec

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "edge.log"


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@contextmanager
def disk(path: Path, max_bytes: int = 0, backups: int = 5) -> Iterator[Files]:
    files = Files(LogFileSpec(path=path, max_bytes=max_bytes, backups=backups))
    before = open_descriptors()
    try:
        yield files
    finally:
        files.close_all()
        assert open_descriptors() == before


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_lines_are_appended_to_what_is_there(path: Path) -> None:
    path.write_bytes(b"0\n")
    with disk(path) as files:
        assert files.append(str(path), [b"1\n", b"2\n"]) is None
        files.append(str(path), [b"3\n"])
        assert path.read_bytes() == b"0\n1\n2\n3\n"


def test_file_and_folder_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "log/edge.log"
    with disk(path) as files:
        files.append(str(path), [b"1\n"])
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_a_folder_is_not_made_where_none_is_for_itself(tmp_path: Path) -> None:
    path = tmp_path / "var/log/edge.log"
    with disk(path) as files, pytest.raises(Unwritten) as raised:
        files.append(str(path), [b"1\n", b"2\n"])
    assert (raised.value.lost, reason(raised.value.error)) == (2, "no such file or directory")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.mkdir(), "is a directory"),
        (lambda path: path.symlink_to("elsewhere"), "it is a symbolic link"),
        (os.mkfifo, "it is no regular file"),
        (lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3)), "it is no regular file"),
    ],
)
def test_what_is_no_regular_file_is_left_alone(path: Path, make: object, why: str) -> None:
    try:
        make(path)  # type: ignore[operator]
    except PermissionError:
        pytest.skip("this user makes no devices")
    with disk(path) as files, pytest.raises(Unwritten) as raised:
        files.append(str(path), [b"1\n"])
    assert reason(raised.value.error) == why
    assert not (path.parent / "elsewhere").exists()


def test_a_pipe_that_somebody_reads_is_no_regular_file_either(path: Path) -> None:
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(OSError, match="it is no regular file"):
            open_file(str(path))
    finally:
        os.close(reader)


def test_a_full_file_becomes_an_older_one_and_the_oldest_goes(path: Path) -> None:
    with disk(path, max_bytes=10, backups=2) as files:
        files.append(str(path), [b"%04d\n" % number for number in range(7)])
        files.append(str(path), [b"0007\n"])
    told = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    assert told == {
        "edge.log": b"0006\n0007\n",
        "edge.log.1": b"0004\n0005\n",
        "edge.log.2": b"0002\n0003\n",
    }


def test_without_older_files_it_is_begun_anew(path: Path) -> None:
    with disk(path, max_bytes=10, backups=0) as files:
        files.append(str(path), [b"%04d\n" % number for number in range(5)])
    assert [each.read_bytes() for each in path.parent.iterdir()] == [b"0004\n"]


def test_a_line_that_is_too_long_for_a_file_has_one_of_its_own(path: Path) -> None:
    with disk(path, max_bytes=10) as files:
        files.append(str(path), [b"1\n", b"2" * 50 + b"\n", b"3\n"])
    names = ["edge.log.2", "edge.log.1", "edge.log"]
    assert [(path.parent / name).read_bytes() for name in names] == [b"1\n", b"2" * 50 + b"\n", b"3\n"]


def test_who_may_read_a_file_may_read_those_that_follow(path: Path) -> None:
    path.touch(0o600)
    path.chmod(0o640)
    with disk(path, max_bytes=4) as files:
        files.append(str(path), [b"1\n", b"2\n", b"3\n"])
    assert {mode(each) for each in path.parent.iterdir()} == {0o640}


def test_what_was_written_before_it_was_opened_counts(path: Path) -> None:
    path.write_bytes(b"12345678\n")
    with disk(path, max_bytes=10) as files:
        files.append(str(path), [b"9\n"])
    assert path.read_bytes() == b"9\n"


@pytest.mark.parametrize("gone", [lambda path: path.unlink(), lambda path: path.rename(f"{path}.old")])
def test_a_file_that_is_gone_is_made_again(path: Path, gone: object) -> None:
    with disk(path) as files:
        files.append(str(path), [b"1\n"])
        gone(path)  # type: ignore[operator]
        files.append(str(path), [b"2\n"])
        assert path.read_bytes() == b"2\n"


def test_a_file_that_was_cut_is_written_on_from_its_new_end(path: Path) -> None:
    with disk(path, max_bytes=10) as files:
        files.append(str(path), [b"12345678\n"])
        os.truncate(path, 0)
        files.append(str(path), [b"1234567\n"])
    assert [each.read_bytes() for each in path.parent.iterdir()] == [b"1234567\n"]


def test_a_file_that_cannot_be_begun_anew_grows_and_is_tried_again_later(path: Path) -> None:
    (path.parent / "edge.log.1").mkdir()
    (path.parent / "edge.log.1/x").touch()
    with disk(path, max_bytes=10, backups=1) as files:
        told = [files.append(str(path), [b"%04d\n" % number]) for number in range(8)]
    assert path.read_bytes() == b"".join(b"%04d\n" % number for number in range(8))
    assert [number for number, error in enumerate(told) if error] == [2, 4, 6]
    assert reason(told[2] or OSError()) == "is a directory"


def test_many_files_need_few_descriptors_and_none_is_left(tmp_path: Path) -> None:
    before = open_descriptors()
    with disk(tmp_path) as files:
        for turn in range(2):
            for number in range(3 * MOST_OPEN):
                files.append(str(tmp_path / str(number)), [b"%d\n" % turn])
                assert open_descriptors() <= before + MOST_OPEN
        files.close(str(tmp_path / "0"))
        files.close(str(tmp_path / "nowhere"))
    assert {each.read_bytes() for each in tmp_path.iterdir()} == {b"0\n1\n"}


def test_ten_thousand_rotations_leave_no_descriptor(path: Path) -> None:
    with disk(path, max_bytes=3, backups=1) as files:
        files.append(str(path), [b"12\n"] * 10_000)
    assert sorted(each.name for each in path.parent.iterdir()) == ["edge.log", "edge.log.1"]


def test_who_follows_the_file_is_told_of_each_that_is_opened(path: Path) -> None:
    opened: list[tuple[str, bytes]] = []
    files = Files(
        LogFileSpec(path=path, max_bytes=4),
        lambda log, descriptor: opened.append((log, bytes(Path(f"/proc/self/fd/{descriptor}").readlink()))),
    )
    files.append(str(path), [b"1\n", b"2\n", b"3\n", b"4\n"])
    files.close_all()
    assert opened == [(str(path), str(path).encode())] * 2


FULL = """
import errno, os, resource, sys
from pathlib import Path
from wampsup.logs.disk import Files, Unwritten
from wampsup.model.spec import LogFileSpec

path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (25, resource.RLIM_INFINITY))
files = Files(LogFileSpec(path=path, max_bytes=0))
try:
    files.append(str(path), [b"%09d\\n" % number for number in range(5)])
except Unwritten as unwritten:
    print(errno.errorcode[unwritten.error.errno], unwritten.lost)
"""


def test_a_full_disk_tears_no_line_and_tells_how_many_are_lost(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, path], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "EFBIG 3\n"
    assert path.read_bytes() == b"000000000\n000000001\n"


def test_errors_are_told_in_words() -> None:
    assert reason(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))) == "no space left on device"
    assert reason(OSError("odd")) == "odd"
