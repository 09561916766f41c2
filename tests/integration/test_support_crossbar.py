from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.component import Component

from support import authenticated
from support import crossbar as support_crossbar
from support.proxy import Proxy
from support.reactor import Usage, reactor, until
from support.waiting import accepts

if TYPE_CHECKING:
    from pathlib import Path

    from autobahn.wamp.types import SessionDetails

    from support.crossbar import Crossbar
    from support.reactor import Run


async def join(url: str, **options: Any) -> SessionDetails:
    """Join with a bare Component, leave again, and tell what the router said."""
    joined: list[SessionDetails] = []

    async def main(reactor: Any, session: Any) -> None:
        joined.append(session.session_details)

    transport: Any = url
    if url.startswith("rs://"):
        host, _, port = url.removeprefix("rs://").partition(":")
        endpoint = (
            {"type": "unix", "path": port} if host == "unix" else {"type": "tcp", "host": host, "port": int(port)}
        )
        transport = {"type": "rawsocket", "url": "rs://localhost", "endpoint": endpoint}
    component = Component(main=main, transports=transport, realm="realm1", **options)
    await component.start(reactor)
    return joined[0]


@pytest.mark.parametrize("transport", ["websocket_url", "rawsocket_url", "unix_url"])
def test_a_bare_component_joins_it_through_the_proxy(run: Run, crossbar: Crossbar, transport: str) -> None:
    async def scenario() -> None:
        proxy = Proxy(getattr(crossbar, transport))
        details = await join(proxy.url)
        assert details.authrole == "anonymous"
        await until(lambda: proxy.open_connections == 0)
        assert proxy.total_connections == 1
        await proxy.close()

    run(scenario)


@pytest.mark.parametrize(
    ("method", "url", "key"),
    [
        ("ticket", "ticket_url", {"ticket": authenticated.SECRET}),
        ("wampcra", "wampcra_url", {"secret": authenticated.SECRET}),
        ("cryptosign", "cryptosign_url", {"privkey": authenticated.PRIVATE_KEY}),
    ],
)
def test_it_authenticates(run: Run, crossbar: Crossbar, method: str, url: str, key: dict[str, str]) -> None:
    authentication = {method: {"authid": authenticated.AUTHID, **key}}
    details = run(lambda: join(getattr(crossbar, url), authentication=authentication))
    assert (details.authid, details.authrole) == (authenticated.AUTHID, "member")


def test_a_bare_component_leaves_nothing_behind(run: Run, crossbar: Crossbar) -> None:
    async def scenario() -> None:
        await join(crossbar.websocket_url)
        before = Usage.now()
        await join(crossbar.websocket_url)
        await before.again()

    run(scenario)


def test_a_killed_node_comes_back_on_its_ports(run: Run, own_crossbar: Crossbar) -> None:
    own_crossbar.kill()
    assert not own_crossbar.running
    assert not accepts(own_crossbar.unix_path)
    own_crossbar.start()
    for url in (own_crossbar.websocket_url, own_crossbar.rawsocket_url, own_crossbar.unix_url):
        assert run(lambda url=url: join(url)).authrole == "anonymous"  # type: ignore[misc]


def test_a_missing_crossbar_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WAMPSUP_CROSSBAR", str(tmp_path / "crossbar"))
    with pytest.raises(AssertionError) as caught:
        support_crossbar.crossbar_executable()
    assert str(caught.value) == (
        f"there is no Crossbar.io at {tmp_path}/crossbar: run scripts/test, which installs it, or set $WAMPSUP_CROSSBAR"
    )
