"""Five hundred components lose their router and find it again: through the start window, and watched all the while."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from support import command
from support.counting import CountingProxy
from support.files import write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from support.crossbar import Crossbar
    from support.reactor import Run

COMPONENTS = 500
START_WINDOW = 16
DEADLINE = 60.0
RETRIES = "initial_retry_delay = 0.5, retry_delay_growth = 2.0, max_retry_delay = 2.0"


def fleet_file(folder: Path, url: str) -> Path:
    """Components that stay, and try again soon."""
    write_module(
        folder, "from twisted.internet.defer import Deferred\n\n\ndef main(*_):\n    return Deferred()\n", "stay"
    )
    path = folder / "storm.toml"
    transport = f'{{ type = "rawsocket", url = "{url}", {RETRIES} }}'
    tables = [f'[components.c{number}]\nmain = "stay:main"' for number in range(COMPONENTS)]
    head = f"[supervisor]\nstart_window = {START_WINDOW}\n[defaults]\ntransports = [{transport}]\n"
    path.write_text(head + "\n".join(tables))
    return path


class Asking:
    """Somebody who asks a fleet for the states of its components, over and over; `refused` is what was no answer."""

    def __init__(self, fleet: command.Fleet) -> None:
        self.counts: dict[str, int] = {}
        self.answers = 0
        self.refused: list[object] = []
        self._fleet = fleet
        self._enough = Event()
        self._thread = Thread(target=self._ask, daemon=True)
        self._thread.start()

    def running(self) -> bool:
        """Whether all of them run."""
        return self.counts == {"running": COMPONENTS}

    def stop(self) -> None:
        """Ask no more."""
        self._enough.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._enough.wait(0.05):
            try:
                supervisor = self._fleet.request("GET", "/v1/supervisor")
                components = self._fleet.request("GET", "/v1/components")
                assert len(components.body["components"]) == COMPONENTS
                self.counts = supervisor.body["counts"]
                self.answers += 1
            except Exception as error:  # noqa: BLE001 - the test tells of whatever it was
                self.refused.append(error)


@pytest.mark.timeout(180)
def test_five_hundred_components_come_back_to_their_router_through_the_start_window(
    run: Run, own_crossbar: Crossbar, tmp_path: Path
) -> None:
    proxy = run(lambda: CountingProxy(own_crossbar.rawsocket_url))
    with command.fleet(fleet_file(tmp_path, proxy.url)) as fleet:
        asking = Asking(fleet)
        try:
            wait_until(asking.running, DEADLINE, "the fleet's start")
            assert (proxy.joined, proxy.most_in_flight) == (COMPONENTS, START_WINDOW)
            own_crossbar.kill()
            wait_until(lambda: "running" not in asking.counts, DEADLINE, "the end of all sessions")
            answers = asking.answers
            proxy.most_in_flight = 0
            own_crossbar.start()
            wait_until(asking.running, DEADLINE, "the fleet's return")
        finally:
            asking.stop()
        assert proxy.joined == 2 * COMPONENTS
        assert 0 < proxy.most_in_flight <= START_WINDOW
        assert asking.refused == []
        assert asking.answers > answers
    run(proxy.close)
