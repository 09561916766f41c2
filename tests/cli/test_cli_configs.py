"""The fleets that come with wampsup run, and show what they are there to show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from support.command import fleet

if TYPE_CHECKING:
    from support.command import Fleet
    from support.crossbar import Crossbar

CONFIGS = Path(__file__).parents[2] / "configs"


def shows_what_it_is_for(running: Fleet) -> None:
    for name in ("clock", "pricing", "display", "customer"):
        running.until(name, "running")
    running.until("billing", "fatal")
    running.until("kettle", "backoff")
    status = running.wampsup("status").out
    assert "ValueError: the kettle is dry; next try in" in status
    assert "the licence ran out in 2019 (com.example.error.no_licence); after the fix: wampsup start billing" in status


def test_the_demo_fleet_shows_running_backoff_and_fatal() -> None:
    with fleet(CONFIGS / "demo.toml") as running:
        shows_what_it_is_for(running)
        running.until("kettle", "running")


def test_the_shop_shows_order_bonds_and_groups() -> None:
    with fleet(CONFIGS / "shop.toml") as running:
        customers = [f"customer@{number}" for number in (1, 2, 3)]
        for name in ("display", "pricing", "clock", "kettle", "waiter", *customers):
            running.until(name, "running")
        assert running.wampsup("stop", "pricing").code == 0
        for name in customers:
            running.until(name, "waiting")
        assert "waits for `pricing`" in running.wampsup("status").out
        assert running.wampsup("start", "pricing").code == 0
        for name in customers:
            running.until(name, "running")
        running.until("kettle", "backoff")
        running.until("waiter", "waiting")
        assert "waits for `kettle`" in running.wampsup("status").out
        for name in ("kettle", "waiter"):
            running.until(name, "running")


def test_the_demo_fleet_does_the_same_on_crossbar(crossbar: Crossbar, tmp_path: Path) -> None:
    text = (CONFIGS / "crossbar.toml").read_text()
    text = text.replace("rs://127.0.0.1:8081", crossbar.rawsocket_url).replace(
        "ws://127.0.0.1:8080/ws", crossbar.websocket_url
    )
    text = text.replace("[supervisor]", f'[supervisor]\npython_path = ["{CONFIGS}"]')
    path = tmp_path / "crossbar.toml"
    path.write_text(text)
    with fleet(path) as running:
        shows_what_it_is_for(running)
