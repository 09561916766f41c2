from __future__ import annotations

import os
import socket
import stat
import tempfile
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from support.reactor import Usage, reactor, until
from wampsup.errors import WampsupError
from wampsup.model.spec import RouterSpec
from wampsup.router import Router

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from integration.router.router_peers import House, InHouse
    from support.reactor import Run

    Refused = Callable[..., str]

UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: wamp.2.json\r\n{more}\r\n"
)


@pytest.fixture
def refused(run: Run, _reserved: None) -> Refused:
    """`refused(url, ...)` is the message of a router that can't listen on them; nothing of it is left."""

    def go(*urls: str) -> str:
        async def scenario() -> str:
            usage = Usage.now()
            router = Router(RouterSpec(listen=urls, realms=("realm1",)), reactor)
            with pytest.raises(WampsupError) as caught:
                await router.start()
            await usage.again()
            assert router.urls == ()
            return caught.value.message

        return run(scenario)

    return go


async def answer(house: House, path: str = "/ws", **headers: str) -> str:
    """The first line that the router answers to a websocket handshake."""
    host = urlsplit(house.web_url).netloc
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    peer = await house.text_peer(house.web_url, UPGRADE.format(path=path, host=host, more=more).encode())
    await until(lambda: b"\r\n" in peer.received)
    return peer.received.split(b"\r\n")[0].decode()


def test_urls_tell_the_real_ports_in_the_order_of_the_spec(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        first, second = house.router.urls
        assert first.startswith("rs://127.0.0.1:")
        assert second.startswith("ws://127.0.0.1:")
        assert second.endswith("/ws")
        assert 0 not in (urlsplit(first).port, urlsplit(second).port)

    in_house(scenario)


def test_a_url_without_a_host_is_loopback(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        assert house.raw_url.startswith("rs://127.0.0.1:")
        assert (await house.client()).is_attached()

    in_house(scenario, listen=("rs://:0",))


def test_ipv6_is_listened_on(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        assert house.raw_url.startswith("rs://[::1]:")

    in_house(scenario, listen=("rs://[::1]:0",))


def test_other_paths_are_not_found(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        assert await answer(house) == "HTTP/1.1 101 Switching Protocols"
        for path in ("/", "/other", "/ws/more"):
            assert (await answer(house, path)).startswith("HTTP/1.1 404 ")

    in_house(scenario)


def test_pages_of_other_hosts_may_not_connect(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        for origin in ("http://127.0.0.1:3000", "http://localhost", "https://localhost:8443"):
            assert (await answer(house, Origin=origin)).startswith("HTTP/1.1 101 ")
        for origin in ("http://example.com", "http://localhost.example.com", "null", "file:///x"):
            assert (await answer(house, Origin=origin)).startswith("HTTP/1.1 400 ")

    in_house(scenario)


def test_endless_http_headers_close_the_connection(in_house: InHouse) -> None:
    async def scenario(house: House) -> None:
        peer = await house.text_peer(house.web_url, b"GET /ws HTTP/1.1\r\nX: " + b"x" * 1_000_000)
        await peer.end()

    in_house(scenario)


def test_a_fleet_that_connects_in_one_turn_over_a_unix_socket_is_served(in_house: InHouse, tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        sockets = []
        for _ in range(300):  # nobody can be accepted meanwhile
            sockets.append(socket.socket(socket.AF_UNIX))
            sockets[-1].settimeout(0)
            assert sockets[-1].connect_ex(str(tmp_path / "router.sock")) == 0
        for each in sockets:
            each.close()
        assert (await house.client()).is_attached()

    in_house(scenario, listen=(f"rs://unix:{tmp_path}/router.sock",))


def test_a_unix_socket_is_its_owners_alone_and_goes_with_the_router(in_house: InHouse, tmp_path: Path) -> None:
    path = tmp_path / "router.sock"

    async def scenario(house: House) -> None:
        assert house.router.urls == (f"rs://unix:{path}",)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (await house.client()).is_attached()

    mask = os.umask(0)
    try:
        in_house(scenario, listen=(f"rs://unix:{path}",))
        assert os.umask(0) == 0
    finally:
        os.umask(mask)
    assert not path.exists()


def test_a_unix_socket_is_private_from_its_first_moment(in_house: InHouse, tmp_path: Path) -> None:
    path, modes, done = tmp_path / "router.sock", set[int](), threading.Event()

    def watch() -> None:
        while not done.is_set():
            with suppress(FileNotFoundError):
                modes.add(stat.S_IMODE(path.lstat().st_mode))

    async def scenario(house: House) -> None:
        for _ in range(50):
            await house.router.stop()
            await house.router.start()
        await until(lambda: modes)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        in_house(scenario, listen=(f"rs://unix:{path}",))
    finally:
        done.set()
        watcher.join()
    assert modes == {0o600}


def test_a_stale_socket_is_replaced(in_house: InHouse, tmp_path: Path) -> None:
    path = tmp_path / "router.sock"
    with closing(socket.socket(socket.AF_UNIX)) as stale:
        stale.bind(str(path))

    async def scenario(house: House) -> None:
        assert (await house.client()).is_attached()

    in_house(scenario, listen=(f"rs://unix:{path}",))


def test_a_socket_that_took_our_place_is_left_alone(in_house: InHouse, tmp_path: Path) -> None:
    path = tmp_path / "router.sock"

    async def scenario(house: House) -> None:
        path.rename(tmp_path / "away")
        path.write_text("somebody else's")

    in_house(scenario, listen=(f"rs://unix:{path}",))
    assert path.read_text() == "somebody else's"


def test_a_socket_that_was_removed_does_no_harm(in_house: InHouse, tmp_path: Path) -> None:
    path = tmp_path / "router.sock"

    async def scenario(house: House) -> None:
        path.unlink()

    in_house(scenario, listen=(f"rs://unix:{path}",))


def test_a_port_in_use_is_told_and_nothing_stays_open(refused: Refused, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        url = f"ws://127.0.0.1:{other.getsockname()[1]}/ws"
        message = refused("rs://127.0.0.1:0", f"rs://unix:{tmp_path}/router.sock", url)
    assert message == f"the router can't listen on `{url}`: the port is in use"
    assert list(tmp_path.iterdir()) == []


def test_a_socket_in_use_is_told_and_left_alone(refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "router.sock"
    with closing(socket.socket(socket.AF_UNIX)) as other:
        other.bind(str(path))
        other.listen()
        assert refused(f"rs://unix:{path}") == f"the router can't listen on `rs://unix:{path}`: the socket is in use"
        assert path.is_socket()


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_socket_is_told_and_left_alone(refused: Refused, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "router.sock"
    if kind == "file":
        path.write_text("precious")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    expected = f"the router can't listen on `rs://unix:{path}`: `{path}` exists and is no socket"
    assert refused(f"rs://unix:{path}") == expected
    assert path.is_symlink() or path.exists()


def test_a_missing_folder_is_told(refused: Refused, tmp_path: Path) -> None:
    url = f"rs://unix:{tmp_path}/no/router.sock"
    assert refused(url) == f"the router can't listen on `{url}`: there is no folder `{tmp_path}/no`"


def test_a_path_that_is_too_long_is_told(refused: Refused, tmp_path: Path) -> None:
    url = f"rs://unix:{tmp_path}/{'x' * 120}"
    assert refused(url) == f"the router can't listen on `{url}`: AF_UNIX path too long"


def test_an_address_of_another_machine_is_told(refused: Refused) -> None:
    assert (
        refused("rs://192.0.2.1:0") == "the router can't listen on `rs://192.0.2.1:0`: this machine has no such address"
    )


@pytest.fixture
def nobody() -> Iterator[None]:
    """The test runs as somebody who is not root, who may do everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


def test_a_lack_of_permission_is_told(refused: Refused, nobody: None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o500)
        url = f"rs://unix:{folder}/router.sock"
        assert refused(url) == f"the router can't listen on `{url}`: permission denied"


@pytest.mark.parametrize(
    "url", ["wss://localhost:0/ws", "http://localhost:0", "router", "ws://unix:/x", "rs://unix:", "rs://[::1"]
)
def test_a_url_of_another_kind_is_told(refused: Refused, url: str) -> None:
    known = "only `ws://HOST:PORT/PATH`, `rs://HOST:PORT` and `rs://unix:/PATH` are known"
    assert refused(url) == f"the router can't listen on `{url}`: {known}"


def test_a_host_that_nobody_knows_is_told(refused: Refused) -> None:
    message = refused("rs://no-such-host.invalid:0")
    assert message == "the router can't listen on `rs://no-such-host.invalid:0`: this machine has no such address"


@pytest.mark.parametrize("url", ["rs://127.0.0.1:99999", "rs://127.0.0.1:port"])
def test_a_port_that_is_none_is_told(refused: Refused, url: str) -> None:
    assert refused(url) == f"the router can't listen on `{url}`: the port is no number from 0 to 65535"
