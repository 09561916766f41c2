"""What the environment tells of a service manager."""

from __future__ import annotations

import pytest

from wampsup.notify.manager import Manager, take

PID = 4711


def taken(**variables: str) -> Manager:
    return take(dict(variables), PID)


def test_without_its_variables_there_is_no_manager() -> None:
    assert taken() == Manager()
    assert taken(NOTIFY_SOCKET="", WATCHDOG_USEC="30000000", WATCHDOG_PID="4711") == Manager()


@pytest.mark.parametrize(
    ("where", "address"),
    [
        ("/run/systemd/notify", b"/run/systemd/notify"),
        ("@/org/edge", b"\0/org/edge"),
        ("/" + "x" * 106, b"/" + b"x" * 106),
        ("/k\udcffttle", b"/k\xffttle"),
    ],
)
def test_it_listens_on_a_path_or_on_an_abstract_name(where: str, address: bytes) -> None:
    assert taken(NOTIFY_SOCKET=where) == Manager(address=address)


@pytest.mark.parametrize("where", ["vsock:2:1234", "run/notify", "@", "/", "/" + "x" * 107])
def test_another_kind_of_socket_is_an_oddity(where: str) -> None:
    told = f"no service manager is told of the fleet: `NOTIFY_SOCKET` is `{where}`, no unix socket"
    assert taken(NOTIFY_SOCKET=where, WATCHDOG_USEC="1000") == Manager(oddities=(told,))


@pytest.mark.parametrize("whose", ["4711", ""])
def test_it_says_in_microseconds_how_long_it_waits_for_a_sign_of_life(whose: str) -> None:
    found = taken(NOTIFY_SOCKET="/n", WATCHDOG_USEC="2500000", WATCHDOG_PID=whose)
    assert found == Manager(address=b"/n", watchdog=2.5)


@pytest.mark.parametrize("interval", ["0", "-1", "1.5", "soon", "18446744073709551615", "9" * 5000, "\u0663"])
def test_what_is_no_number_of_microseconds_is_an_oddity(interval: str) -> None:
    told = f"the watchdog is not fed: `WATCHDOG_USEC` is `{interval}`, no number of microseconds"
    assert taken(NOTIFY_SOCKET="/n", WATCHDOG_USEC=interval) == Manager(address=b"/n", oddities=(told,))


def test_the_watchdog_of_another_process_is_an_oddity() -> None:
    told = "the watchdog is not fed: it watches another process (`WATCHDOG_PID` is `12`)"
    found = taken(NOTIFY_SOCKET="/n", WATCHDOG_USEC="2500000", WATCHDOG_PID="12")
    assert found == Manager(address=b"/n", oddities=(told,))


def test_nobody_else_inherits_its_variables() -> None:
    environ = {"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "4711", "HOME": "/home/joe"}
    take(environ, PID)
    assert environ == {"HOME": "/home/joe"}
