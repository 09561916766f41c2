"""Fixtures for all tests; what they give is in `support`."""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING

import pytest

from support.crossbar import Crossbar
from support.crossbar_transports import TransportsCrossbar
from support.files import short_folder, write_module
from support.logged import LoggedErrors
from support.proxy import Proxy
from support.reactor import ReactorThread
from support.supervised import Supervised
from wampsup import masking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.reactor import Run

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def no_secrets_of_another_test() -> Iterator[None]:
    """What one test has remembered as a secret is not masked in the next one."""
    yield
    masking.forget_all()


@pytest.fixture(scope="session")
def reactor_thread() -> Iterator[ReactorThread]:
    """The session's reactor, in its thread."""
    thread = ReactorThread()
    yield thread
    thread.stop()


@pytest.fixture
def logged_errors() -> Iterator[LoggedErrors]:
    """What Twisted logs as an error during the test, which fails unless it takes that."""
    logged = LoggedErrors()
    yield logged
    logged.close()


@pytest.fixture
def run(reactor_thread: ReactorThread, logged_errors: LoggedErrors) -> Iterator[Run]:
    """`run(scenario, timeout=30)` calls a coroutine function (or a function) on the reactor and gives its result."""
    yield reactor_thread.run
    if Supervised.made:
        reactor_thread.run(Supervised.end_all)


@pytest.fixture
def proxy_before(run: Run) -> Iterator[Callable[[str], Proxy]]:
    """`proxy_before(url)` is a proxy in front of that router; call it outside of a scenario."""
    proxies: list[Proxy] = []

    def make(url: str) -> Proxy:
        proxies.append(run(lambda: Proxy(url)))
        return proxies[-1]

    yield make
    for proxy in proxies:
        run(proxy.close)


@pytest.fixture(scope="session")
def crossbar() -> Iterator[Crossbar]:
    """The session's Crossbar.io, which every test shares and none may stop."""
    node = Crossbar()
    try:
        node.start()
        yield node
    finally:
        node.close()


@pytest.fixture(scope="session")
def transports_crossbar() -> Iterator[TransportsCrossbar]:
    """The session's Crossbar.io with every transport that there is; none may stop it."""
    node = TransportsCrossbar()
    try:
        node.start()
        yield node
    finally:
        node.close()


@pytest.fixture
def own_crossbar() -> Iterator[Crossbar]:
    """A Crossbar.io of the test's own, started, to kill and to start again on the same ports."""
    node = Crossbar()
    try:
        node.start()
        yield node
    finally:
        node.close()


@pytest.fixture
def component_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """`component_module(source)` writes a module that this process can import, and gives its name, new every time."""
    monkeypatch.syspath_prepend(tmp_path)
    names: list[str] = []

    def make(source: str) -> str:
        names.append(f"test_components_{next(_numbers)}")
        write_module(tmp_path, source, names[-1])
        return names[-1]

    yield make
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """As pytest's `tmp_path`, but with room for unix sockets in it."""
    with short_folder() as folder:
        yield folder


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch, short_path: Path) -> Path:
    """A runtime folder of the test's own."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_path))
    return short_path
