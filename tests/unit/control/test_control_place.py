"""Where a control socket lies, and who may have it."""

from __future__ import annotations

import fcntl
import os
import socket
from contextlib import closing
from pathlib import Path
from threading import Thread, Timer

import pytest

from wampsup.control.holder import answers, is_a_fleet, socket_of
from wampsup.control.lock import Lock, clear_stale
from wampsup.control.place import beside, check_length, check_private, make_private, runtime_folder, socket_path
from wampsup.errors import UsageError, WampsupError


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A short path for a socket: there is room for 107 bytes."""
    monkeypatch.chdir(tmp_path)
    return "edge.sock"


def test_the_folder_is_the_runtime_folder_of_the_session() -> None:
    assert runtime_folder({"XDG_RUNTIME_DIR": "/run/user/7"}, 7) == "/run/user/7/wampsup"
    assert runtime_folder({"XDG_RUNTIME_DIR": "/run/user/0"}, 0) == "/run/user/0/wampsup"


def test_without_a_session_root_has_a_folder_and_everybody_else_another() -> None:
    assert runtime_folder({}, 0) == "/run/wampsup"
    assert runtime_folder({"XDG_RUNTIME_DIR": ""}, 1000) == "/tmp/wampsup-1000"
    assert runtime_folder({"XDG_RUNTIME_DIR": "run/user"}, 0) == "/run/wampsup"


def test_the_socket_is_named_after_the_fleet_and_all_else_lies_beside_it() -> None:
    path = socket_path("/run/wampsup", "edge")
    assert path == "/run/wampsup/edge.sock"
    assert beside(path, ".lock") == "/run/wampsup/edge.lock"
    assert beside("/run/x", ".log") == "/run/x.log"


@pytest.mark.parametrize("name", ["", "../edge", "a/b", ".hidden", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="can't be a fleet's name"):
        socket_path("/run/wampsup", name)


def test_a_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "wampsup"
    make_private(str(folder))
    assert folder.stat().st_mode & 0o777 == 0o700
    make_private(str(folder))


def test_a_folder_that_is_open_to_others_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pytest.raises(WampsupError) as caught:
        check_private(str(tmp_path))
    assert caught.value.message == f"the folder `{tmp_path}` is open to others (mode 0755)"
    assert caught.value.hint == f"chmod 700 {tmp_path}"


def test_a_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(WampsupError) as caught:
        check_private(str(link))
    assert caught.value.message == f"`{link}` is not a folder"


def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    if os.geteuid() == 0:  # only root can give a folder away, and everybody else finds one of another user's
        os.chown(tmp_path, 12345, -1)
    folder = tmp_path if os.geteuid() == 0 else Path("/")
    with pytest.raises(WampsupError) as caught:
        check_private(str(folder))
    assert caught.value.message == f"the folder `{folder}` belongs to another user (uid {folder.stat().st_uid})"


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WampsupError) as caught:
        make_private(str(tmp_path / "file" / "wampsup"))
    assert caught.value.message == f"cannot make the folder `{tmp_path}/file/wampsup`: not a directory"


def test_a_path_that_is_too_long_for_a_socket_is_told() -> None:
    path = "/" + "x" * 107
    with pytest.raises(WampsupError) as caught:
        check_length(path, "choose a shorter `name`")
    assert caught.value.message == f"the socket path `{path}` is too long (108 bytes, at most 107)"
    assert caught.value.hint == "choose a shorter `name`"


def refused(folder: str, name: str, control_socket: str) -> str:
    with pytest.raises(WampsupError) as caught:
        Lock.acquire(folder, name, control_socket)
    return caught.value.render()


def test_only_one_can_hold_a_lock_and_the_other_is_told_who_does(path: str) -> None:
    lock = Lock.acquire(".", "edge", path)
    told = (
        f"error: fleet `edge` already runs (pid {os.getpid()})\nhint: stop it with `wampsup shutdown --socket {path}`"
    )
    assert refused(".", "edge", path) == told
    lock.release()
    lock.release()
    Lock.acquire(".", "edge", path).release()


def test_a_lock_that_is_given_up_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "edge.lock").touch()  # as a process that was killed has left it
    lock = Lock.acquire(str(tmp_path), "edge", str(tmp_path / "x.sock"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edge.lock", "x.lock"]
    refused(str(tmp_path), "edge", str(tmp_path / "y.sock"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edge.lock", "x.lock"]
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_another_lock_is_left_alone(tmp_path: Path, path: str) -> None:
    lock = Lock.acquire(".", "edge", path)
    (tmp_path / "edge.lock").unlink()  # somebody cleans up, and a second supervisor starts
    other = Lock.acquire(".", "edge", path)
    lock.release()
    assert refused(".", "edge", path).startswith("error: fleet `edge` already runs")
    other.release()


def test_no_two_hold_a_lock_however_often_its_file_comes_and_goes(path: str) -> None:
    alone: list[bool] = []

    def taken() -> Lock | None:
        try:
            return Lock.acquire(".", "edge", path)
        except WampsupError:
            return None

    def take_and_give() -> None:
        for _ in range(300):
            if first := taken():
                second = taken()
                alone.append(second is None)
                for lock in filter(None, (first, second)):
                    lock.release()

    threads = [Thread(target=take_and_give) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(alone) == {True}


def test_a_name_is_taken_wherever_its_socket_lies(path: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    lock = Lock.acquire(".", "edge", "elsewhere/x.sock")
    told = f"error: fleet `edge` already runs (pid {os.getpid()})\n"
    hint = "hint: stop it with `wampsup shutdown --socket elsewhere/x.sock`"
    assert refused(".", "edge", path) == refused(".", "edge", "elsewhere/y.sock") == told + hint
    lock.release()
    Lock.acquire(".", "edge", path).release()


def test_a_lock_file_says_where_the_socket_is_as_long_as_it_is_held(path: str) -> None:
    assert socket_of(".", "edge") == "./edge.sock"
    lock = Lock.acquire(".", "edge", "x.sock")
    assert socket_of(".", "edge") == "x.sock"
    kept = Path("edge.lock").read_bytes()
    lock.release()
    Path("edge.lock").write_bytes(kept)  # as a process that was killed leaves it
    assert socket_of(".", "edge") == "./edge.sock"


@pytest.mark.parametrize("text", ["", f"{2**31}\nedge\nedge.sock"])
def test_who_looks_at_a_lock_file_keeps_nobody_from_starting(path: str, text: str) -> None:
    Path("edge.lock").write_text(text, encoding="utf-8")
    with Path("edge.lock").open("rb") as looked_at:
        fcntl.flock(looked_at, fcntl.LOCK_SH)
        letting_go = Timer(0.03, fcntl.flock, [looked_at, fcntl.LOCK_UN])
        letting_go.start()
        Lock.acquire(".", "edge", path).release()
        letting_go.join()


def test_a_socket_is_taken_whatever_the_name(tmp_path: Path, path: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    lock = Lock.acquire(".", "edge", "elsewhere/x.sock")
    assert refused(".", "yard", "elsewhere/x.sock") == (
        f"error: the control socket `elsewhere/x.sock` belongs to fleet `edge` (pid {os.getpid()})\n"
        "hint: set another `socket` in `[supervisor]`"
    )
    Lock.acquire(".", "yard", "yard.sock").release()
    lock.release()


def test_a_socket_may_lie_in_its_usual_place_by_another_way(path: str, tmp_path: Path) -> None:
    Lock.acquire(".", "edge", str(tmp_path / "edge.sock")).release()


def test_a_lock_is_not_taken_through_a_link(path: str, tmp_path: Path) -> None:
    (tmp_path / "edge.lock").symlink_to(tmp_path / "elsewhere")
    assert refused(".", "edge", path) == "error: cannot open `./edge.lock`: too many levels of symbolic links"


def test_a_stale_socket_is_removed(path: str, tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(path)
    assert not answers(path)
    clear_stale(path)
    assert not (tmp_path / path).exists()
    clear_stale(path)


def test_a_socket_that_answers_is_left_alone(path: str, tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as alive:
        alive.bind(path)
        alive.listen()
        assert answers(path)
        with pytest.raises(WampsupError) as caught:
            clear_stale(path)
    assert caught.value.message == "another program listens on `edge.sock`"
    assert (tmp_path / path).exists()


def test_what_is_not_a_socket_is_never_removed(path: str, tmp_path: Path) -> None:
    (tmp_path / path).write_text("precious", encoding="utf-8")
    with pytest.raises(WampsupError) as caught:
        clear_stale(path)
    assert caught.value.message == "`edge.sock` is not a socket"
    assert caught.value.hint == "remove it, or set another `socket` in `[supervisor]`"
    assert (tmp_path / path).read_text(encoding="utf-8") == "precious"


def test_a_socket_in_the_folder_under_another_name_is_no_second_fleet(tmp_path: Path) -> None:
    folder = str(tmp_path)
    lock = Lock.acquire(folder, "edge", socket_path(folder, "other"))
    assert (is_a_fleet(folder, "edge"), is_a_fleet(folder, "other")) == (True, False)
    assert socket_of(folder, "edge") == socket_path(folder, "other")
    lock.release()
    assert is_a_fleet(folder, "other")
