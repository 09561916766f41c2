"""Where a thread is: the place that is told of a stack, and the stack itself."""

from __future__ import annotations

import sysconfig
import threading
from typing import TYPE_CHECKING

import pytest

from wampsup.reactor.ledger import OWN, Ledger
from wampsup.reactor.stack import Frame, Stack, stack_of

if TYPE_CHECKING:
    from pathlib import Path

STDLIB = sysconfig.get_path("stdlib")
PACKAGES = "/srv/venv/lib/python3.11/site-packages"

FEED = Frame("/srv/shop/feed.py", 31, "on_price", "feed")
HELPER = Frame("/srv/shop/helper.py", 7, "wait", "helper")
ELSEWHERE = Frame("/srv/shop/twisted/own.py", 3, "f", "own")
SHOP = Frame(f"{PACKAGES}/shop/feed.py", 12, "on_price", "shop.feed")
SHOP_WIRE = Frame(f"{PACKAGES}/shop/wire.py", 5, "get", "shop.wire")
REQUESTS = Frame(f"{PACKAGES}/requests/api.py", 99, "get", "requests.api")
SOCKET = Frame(f"{STDLIB}/socket.py", 700, "readinto", "socket")
IMPORTS = Frame("<frozen importlib._bootstrap>", 241, "_call_with_frames_removed", "importlib._bootstrap")
DEFER = Frame(f"{PACKAGES}/twisted/internet/defer.py", 1, "_runCallbacks", "twisted.internet.defer")
WAMP = Frame(f"{PACKAGES}/autobahn/wamp/protocol.py", 1, "onMessage", "autobahn.wamp.protocol")


@pytest.mark.parametrize(
    ("frames", "place"),
    [
        ([FEED], "feed.py:31 in on_price"),
        ([FEED, HELPER], "helper.py:7 in wait"),
        ([FEED, REQUESTS, SOCKET], "feed.py:31 in on_price"),
        ([FEED, DEFER, WAMP], "feed.py:31 in on_price"),
        ([IMPORTS, FEED, IMPORTS, SOCKET], "feed.py:31 in on_price"),
        ([ELSEWHERE, DEFER], "own.py:3 in f"),
        ([SHOP, SHOP_WIRE, REQUESTS, SOCKET], "wire.py:5 in get"),
        ([REQUESTS, FEED, REQUESTS], "feed.py:31 in on_price"),
        ([DEFER, WAMP], "protocol.py:1 in onMessage"),
        ([SOCKET], "socket.py:700 in readinto"),
    ],
)
def test_the_place_is_in_the_components_own_code_where_any_of_it_runs(frames: list[Frame], place: str) -> None:
    assert Stack(frames).place == place


def test_the_line_of_code_is_told_as_far_as_it_is_known(tmp_path: Path) -> None:
    file = tmp_path / "feed.py"
    file.write_text(f"    time.sleep(1)\nx = '{'y' * 100}'\n")
    assert Stack([Frame(str(file), 1, "f", "feed")]).code == "time.sleep(1)"
    assert Stack([Frame(str(file), 2, "f", "feed")]).code == f"x = '{'y' * 74}…"
    assert Stack([FEED]).code == ""


def test_the_middle_of_a_deep_stack_is_left_out() -> None:
    frames = [Frame("/srv/shop/feed.py", line, "f", "feed") for line in range(1, 1001)]
    text = Stack(frames).text()
    assert text.startswith('Stack (most recent call last):\n  File "/srv/shop/feed.py", line 1, in f\n')
    assert "line 20, in f\n  (920 more calls)\n" in text
    assert text.endswith("line 1000, in f\n")
    assert len(text.splitlines()) == 82


def test_a_stack_begins_with_the_event_that_runs_and_leaves_out_how_the_reactor_came_there() -> None:
    ledger = Ledger()
    there, go_on = threading.Event(), threading.Event()

    def waits() -> None:
        there.set()
        go_on.wait(10)

    def outer() -> None:
        ledger.charge(OWN, waits)

    thread = threading.Thread(target=lambda: ledger.charge(OWN, outer))
    thread.start()
    there.wait(10)
    assert thread.ident
    stack = stack_of(thread.ident)
    go_on.set()
    thread.join()
    assert stack is not None
    assert [frame.function for frame in stack.frames][:1] == ["waits"]
    assert stack.place.endswith("in waits")
    assert stack_of(thread.ident) is None
