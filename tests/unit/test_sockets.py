"""What is wrong with the places of a fleet's sockets is found before anything is opened."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from support.users import only_root
from wampsup.errors import WampsupError
from wampsup.model.spec import FleetSpec, HttpAddress, RouterSpec, SupervisorSpec
from wampsup.sockets import check_place, socket_mistakes

if TYPE_CHECKING:
    from pathlib import Path


def told(runtime: Path, *listen: str, name: str = "edge", **keys: Any) -> list[str]:
    """`PLACE: MESSAGE` of each mistake, where `keys` are those of the supervisor."""
    router = RouterSpec(listen=listen, realms=("realm1",)) if listen else None
    spec = FleetSpec(supervisor=SupervisorSpec(name=name, **keys), router=router)
    mistakes = socket_mistakes(spec, {"XDG_RUNTIME_DIR": str(runtime)})
    return [f"{'.'.join(map(str, mistake.path))}: {mistake.message}" for mistake in mistakes]


def test_nothing_is_wrong_and_nothing_is_made(short_path: Path) -> None:
    assert (
        told(short_path, "ws://127.0.0.1:80/ws", f"rs://unix:{short_path}/r.sock", socket=short_path / "c.sock") == []
    )
    assert list(short_path.iterdir()) == []


def test_the_control_socket(short_path: Path) -> None:
    file = short_path / "file"
    file.write_text("")
    nowhere = short_path / "nowhere/c.sock"
    assert told(short_path, socket=nowhere) == [
        f"supervisor.socket: the control socket can't be `{nowhere}`: there is no folder `{nowhere.parent}`"
    ]
    assert told(short_path, socket=file) == [
        f"supervisor.socket: the control socket can't be `{file}`: `{file}` exists and is no socket"
    ]


def test_paths_that_are_too_long(short_path: Path) -> None:
    long = short_path / ("x" * 120)
    length = len(str(long))
    assert told(short_path, socket=long) == [
        f"supervisor.socket: the socket path `{long}` is too long ({length} bytes, at most 107)"
    ]
    problem = f"the path is too long ({length} bytes, at most 107)"
    assert told(short_path, f"rs://unix:{long}") == [
        f"router.listen: the router can't listen on `rs://unix:{long}`: {problem}"
    ]
    path = f"{short_path}/wampsup/{'x' * 120}.sock"
    assert told(short_path, name="x" * 120) == [
        f"supervisor.name: the socket path `{path}` is too long ({len(path)} bytes, at most 107)"
    ]


def test_a_runtime_folder_that_others_can_look_into(short_path: Path) -> None:
    (short_path / "wampsup").mkdir(mode=0o755)
    assert told(short_path) == [f"supervisor.name: the folder `{short_path}/wampsup` is open to others (mode 0755)"]


@pytest.mark.parametrize("url", ["ws://127.0.0.1:8080/ws", "rs://127.0.0.1:8080", "rs://unix:{}/r.sock"])
def test_a_router_that_listens_twice_at_one_place(short_path: Path, url: str) -> None:
    url = url.format(short_path)
    other = "rs://127.0.0.1:8080" if "unix" not in url else url
    assert told(short_path, url, "ws://127.0.0.1:8081/ws", other) == [
        f"router.listen.2: the router can't listen on `{other}`: something of this fleet is there already"
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ws://0.0.0.0:8080/", "ws://127.0.0.1:8080/"),
        ("ws://127.0.0.1:8080/", "ws://0.0.0.0:8080/"),
        ("ws://localhost:8080/", "rs://127.0.0.1:8080"),
        ("ws://[::]:8080/", "ws://0.0.0.0:8080/"),
        ("ws://[::ffff:127.0.0.1]:8080/", "ws://127.0.0.1:8080/"),
        ("rs://unix:{}/r.sock", "rs://unix:{}/../{name}/r.sock"),
    ],
)
def test_a_router_that_listens_at_two_places_that_are_one(short_path: Path, first: str, second: str) -> None:
    other = second.format(short_path, name=short_path.name)
    assert told(short_path, first.format(short_path), other) == [
        f"router.listen.1: the router can't listen on `{other}`: something of this fleet is there already"
    ]


def test_a_router_on_one_port_of_several_addresses(short_path: Path) -> None:
    assert told(short_path, "ws://127.0.0.1:8080/", "ws://127.0.0.2:8080/", "ws://[::1]:8080/") == []


@pytest.mark.parametrize("suffix", [".sock", ".lock"])
def test_a_router_at_the_place_of_the_control_socket_or_of_its_lock(short_path: Path, suffix: str) -> None:
    url = f"rs://unix:{short_path}/c{suffix}"
    assert told(short_path, url, socket=short_path / "c.sock") == [
        f"router.listen: the router can't listen on `{url}`: something of this fleet is there already"
    ]


def test_what_is_in_the_way_of_the_usual_socket_and_of_locks(short_path: Path) -> None:
    runtime = short_path / "wampsup"
    runtime.mkdir(mode=0o700)
    (runtime / "edge.sock").write_text("")
    path = runtime / "edge.sock"
    assert told(short_path) == [
        f"supervisor.name: the control socket can't be `{path}`: `{path}` exists and is no socket"
    ]
    path.unlink()
    (runtime / "edge.lock").mkdir()
    assert told(short_path) == [
        f"supervisor.name: the control socket can't be `{path}`: its lock `{runtime}/edge.lock` exists and is no file"
    ]


def test_a_runtime_folder_that_can_not_be_made(short_path: Path) -> None:
    (short_path / "file").write_text("")
    assert told(short_path / "file") == [
        f"supervisor.name: cannot make the folder `{short_path}/file/wampsup`: `{short_path}/file` takes none"
    ]


def test_any_port_may_be_asked_for_twice(short_path: Path) -> None:
    assert told(short_path, "ws://127.0.0.1:0/ws", "ws://127.0.0.1:0/ws") == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "[::1]", "0.0.0.0"])
def test_a_router_listens_on_addresses_of_this_machine(short_path: Path, host: str) -> None:
    assert told(short_path, f"ws://{host}:8080/ws") == []


@pytest.mark.parametrize("host", ["192.0.2.1", "[2001:db8::1]", "no-such-host.invalid", "127.0."])
def test_a_router_listens_on_no_others(short_path: Path, host: str) -> None:
    url = f"ws://{host}:8080/ws"
    assert told(short_path, url) == [
        f"router.listen: the router can't listen on `{url}`: this machine has no such address"
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_http_and_the_router_at_one_place(short_path: Path, host: str) -> None:
    assert told(short_path, "ws://127.0.0.1:8080/ws", http=HttpAddress(host, 8080)) == [
        f"supervisor.http: HTTP can't be served on `{host}:8080`: something of this fleet is there already"
    ]
    assert told(short_path, "ws://127.0.0.1:8080/ws", http=HttpAddress(host, 8081)) == []
    assert told(short_path, "ws://127.0.0.1:0/ws", http=HttpAddress(host, 0)) == []


def test_http_at_an_address_that_is_not_of_this_machine(short_path: Path) -> None:
    assert told(short_path, http=HttpAddress("192.0.2.1", 9100)) == [
        "supervisor.http: HTTP can't be served on `192.0.2.1:9100`: this machine has no such address"
    ]


@pytest.mark.parametrize(("mode", "who"), [(0o777, "everybody"), (0o1777, "everybody"), (0o770, "group 54060")])
def test_a_folder_in_which_others_could_put_a_socket_of_theirs(short_path: Path, mode: int, who: str) -> None:
    if os.geteuid() == 0:
        os.chown(short_path, -1, 54060)
    elif who != "everybody":
        pytest.skip("only root can give a folder to another group: run this test as root")
    short_path.chmod(mode)
    socket = short_path / "c.sock"
    message = f"{who} can change the folder `{short_path}` (mode {mode:04o})"
    message += ", and so put another socket in the place of the control socket"
    assert told(short_path / "run", socket=socket) == [f"supervisor.socket: {message}"]
    with pytest.raises(WampsupError) as caught:
        check_place(SupervisorSpec(name="edge", socket=socket))
    assert caught.value.message == message
    short_path.chmod(0o700)
    check_place(SupervisorSpec(name="edge", socket=socket))


@only_root
def test_a_folder_that_the_group_can_not_enter(short_path: Path) -> None:
    folder = short_path
    spec = SupervisorSpec(name="edge", socket=folder / "c.sock", socket_group=54060)
    with pytest.raises(WampsupError) as caught:
        check_place(spec)
    assert caught.value.message == f"group 54060 can't enter the folder `{folder}`, in which the control socket lies"
    assert caught.value.hint == f"chgrp 54060 {folder} && chmod g+x {folder}"
    os.chown(folder, -1, 54060)
    folder.chmod(0o710)
    check_place(spec)
    folder.chmod(0o755)
    check_place(spec)
