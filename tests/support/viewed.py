"""A view of a fleet in memory: a source that does as it is told, and a `top` on a screen that nobody sees."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from wampsup.cli.top.source import Seen
from wampsup.cli.top.view.app import Top
from wampsup.cli.top.view.main import Main
from wampsup.errors import NoSupervisorError, WampsupError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from textual.message_pump import MessagePump
    from textual.pilot import Pilot

DEADLINE = 20.0
INTERVAL = 0.05
PAUSE = 0.002
GONE = NoSupervisorError("the supervisor of fleet `edge` does not answer", hint="start it")


def component(name: str, state: str = "running", busy: float | None = 0.0, **other: Any) -> dict[str, Any]:
    """A component as the control API lists it."""
    known = {
        "name": name,
        "group": None,
        "state": state,
        "desired": "up",
        "since": "2026-11-22T20:16:07.802Z",
        "transport": "ws://127.0.0.1:8080/ws",
        "restarts": 0,
        "reconnects": 0,
        "last_error": None,
        "busy_percent": busy,
        "note": None,
    }
    return known | other


def supervisor(*components: dict[str, Any]) -> dict[str, Any]:
    """A supervisor as it tells of itself."""
    states = [one["state"] for one in components]
    return {
        "name": "edge",
        "uptime": 10800.0,
        "counts": {state: states.count(state) for state in dict.fromkeys(states)},
        "cpu": {"percent": {"1": 4.0, "10": 4.1}},
        "loop": {"longest_lag_ms": 12.3},
        "memory": {"rss": 45 << 20},
    }


def event(name: str | None, to: str, note: str | None = None, number: int = 1) -> dict[str, Any]:
    """An event of a component that was running."""
    told = {"id": number, "at": "2026-11-22T20:16:07.802Z", "component": name, "event": "joined", "by": None}
    return told | {"from": "running", "to": to, "desired": "up", "note": note}


class MemorySource:
    """A fleet in memory; `lost` is raised in place of an answer, `commands` lists what was sent.

    `happened` brings events, where `None` ends a stream, and `refusal` is what a command ends with.
    """

    def __init__(self, *components: dict[str, Any]) -> None:
        self.components = list(components)
        self.lost: WampsupError | None = None
        self.refusal: WampsupError | None = None
        self.commands: list[tuple[str, str]] = []
        self.happened: SimpleQueue[list[dict[str, Any]] | None] = SimpleQueue()
        self.streams = 0
        self.looks = 0
        self.lines = ["all about it"]

    def look(self) -> Seen:
        """The fleet as it is now."""
        self.looks += 1
        if self.lost is not None:
            raise self.lost
        return Seen(supervisor(*self.components), list(self.components), 0.003)

    def events(self) -> Iterator[list[dict[str, Any]]]:
        """What is put into `happened`."""
        self.streams += 1
        while (events := self.happened.get()) is not None:
            yield events
        raise GONE

    def command(self, what: str, name: str) -> str:
        """It is done, unless it is refused."""
        self.commands.append((what, name))
        if self.refusal is not None:
            raise self.refusal
        return {"stop": "stopped"}.get(what, "running")

    def page(self, name: str, width: int) -> list[str]:
        """What is in `lines`."""
        return [name, *self.lines]

    def log(self, name: str) -> list[str]:
        """What is in `lines`."""
        return [f"[{name}] {line}" for line in self.lines]


class Screen:
    """A person before the view: presses keys, and sees text."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self._pilot = pilot
        self.app = pilot.app

    @property
    def lines(self) -> list[str]:
        """What is on the screen now."""
        screen = self.app.screen
        return ["".join(segment.text for segment in strip) for strip in screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """The same in one."""
        return "\n".join(self.lines)

    @property
    def names(self) -> list[str]:
        """The names in the table, from its top."""
        lines = self.lines
        begin = next(number for number, line in enumerate(lines) if line.startswith("NAME")) + 1
        names = [line.split(" ", 1)[0] for line in lines[begin:]]
        return names[: names.index("")] if "" in names else names

    @property
    def selected(self) -> str:
        """The name of the selected component."""
        selected = self.main.listing.selected
        assert selected is not None
        return str(selected["name"])

    @property
    def main(self) -> Main:
        """The main screen, whatever lies over it."""
        main = self.app.screen_stack[0]
        assert isinstance(main, Main)
        return main

    async def press(self, *keys: str) -> None:
        """Press the keys, each when the view is done with the one before."""
        for key in keys:
            self.app.simulate_key(key)
            await self._settle()

    async def type(self, keys: str) -> None:
        """Press the keys faster than the view can follow."""
        for key in keys:
            self.app.simulate_key(key)
        await self._settle()

    async def click(self, x: int, y: int) -> None:
        """Click there."""
        await self._pilot.click(offset=(x, y))
        await self._settle()

    async def resize(self, width: int, height: int) -> None:
        """Give the screen another size."""
        await self._pilot.resize_terminal(width, height)
        await self._settle()

    async def until(self, condition: Callable[[], object], what: str = "it") -> None:
        """Wait until it is so."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not come about; there is\n{self.text}"
            await asyncio.sleep(PAUSE)

    async def lists(self, names: list[str]) -> None:
        """Wait until these are the names in the table."""
        await self.until(lambda: self.names == names, f"the list {names}")

    async def selects(self, name: str) -> None:
        """Wait until that component is selected."""
        await self.until(lambda: self.selected == name, f"`{name}` selected")

    async def sees(self, text: str) -> None:
        """Wait until that is on the screen."""
        await self.until(lambda: text in self.text, f"`{text}`")

    async def misses(self, text: str) -> None:
        """Wait until that is not on the screen."""
        await self.until(lambda: text not in self.text, f"the end of `{text}`")

    async def _settle(self) -> None:
        """Wait until every part of the view has heard what it was told; `Pilot` waits until the process is idle."""
        for _ in range(2):
            for node in (self.app, *self.app.screen_stack, *self.app.screen.walk_children()):
                await self._heard_by(node)

    async def _heard_by(self, node: MessagePump) -> None:
        heard = asyncio.Event()
        if node.call_later(heard.set):
            await self.until(lambda: heard.is_set() or not node.is_running, f"an answer of {node}")


@asynccontextmanager
async def watching(
    source: MemorySource, *, size: tuple[int, int] = (80, 24), order: str = "busy"
) -> AsyncIterator[Screen]:
    """A view of that source."""
    app = Top(source, source.look(), order=order, interval=INTERVAL)
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = Screen(pilot)
        await screen.until(lambda: screen.main.is_attached, "the main screen")
        await screen._settle()
        yield screen
    source.happened.put(None)
