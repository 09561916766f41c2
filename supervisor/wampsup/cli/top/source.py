"""Where the view has its fleet from. Every method blocks: `feeds` calls them in threads of its own."""

from __future__ import annotations

import json
import select
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from wampsup.cli import logs, render
from wampsup.cli.client import quote, selection
from wampsup.cli.telling import problem_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence

    from wampsup.cli.client import Client

    Json = dict[str, Any]

COMMAND_TIMEOUT = 30.0
"""Seconds that a component has to get where a command takes it."""

LOG_LINES = 500
"""Lines of a component's log that are shown."""


class Seen(NamedTuple):
    """A fleet at a moment; `took` is how many seconds the supervisor needed to tell of itself."""

    supervisor: Json
    components: list[Json]
    took: float


class Source(Protocol):
    """A fleet that can be looked at, and commanded. Every method raises `WampsupError`, where it can't."""

    def look(self) -> Seen:
        """The fleet as it is now."""

    def events(self) -> Iterator[list[Json]]:
        """What has happened, then what happens; called again, only what has not been told yet."""

    def command(self, what: str, name: str) -> str:
        """Start, stop or restart a component; the state that it is in when that is done."""

    def page(self, name: str, width: int) -> list[str]:
        """All about a component, in lines of that many columns."""

    def log(self, name: str) -> list[str]:
        """What a component has logged, in lines."""


class Supervisor:
    """The fleet of the supervisor that the client asks, or those of its components that `names` select."""

    def __init__(self, client: Client, names: Sequence[str]) -> None:
        self._client = client
        self._query = selection(names)
        self._told: int | None = None
        self._run: str | None = None

    def look(self) -> Seen:
        """The fleet as it is now."""
        began = time.monotonic()
        supervisor = self._client.get("/v1/supervisor")
        took = time.monotonic() - began
        components = self._client.get("/v1/components" + self._query)["components"]
        return Seen(supervisor, components, took)

    def events(self) -> Iterator[list[Json]]:
        """What has happened, then what happens; called again, only what has not been told yet."""
        run = self._client.get("/v1/supervisor")["started_at"]
        if run != self._run:  # another one counts from 1 again
            self._run, self._told = run, None
        after = "" if self._told is None else f"&after={self._told}"
        target = f"/v1/events{self._query or '?'}&follow=1{after}".replace("?&", "?")
        for lines in self._client.stream(target, _wait):
            events = [json.loads(line) for line in lines]
            self._told = next((event["id"] for event in reversed(events) if "id" in event), self._told)
            yield events

    def command(self, what: str, name: str) -> str:
        """Start, stop or restart a component; the state that it is in when that is done."""
        body = {"select": [name], "wait": True, "timeout": COMMAND_TIMEOUT}
        result: Json = self._client.post(f"/v1/{what}", body, wait=COMMAND_TIMEOUT)["results"][0]
        if not result["ok"]:
            raise problem_of(result, COMMAND_TIMEOUT)
        return str(result["state"])

    def page(self, name: str, width: int) -> list[str]:
        """All about a component, in lines of that many columns."""
        return render.page(self._client.get("/v1/components/" + quote(name)), time.time(), width=width)

    def log(self, name: str) -> list[str]:
        """What a component has logged, in lines."""
        target = f"/v1/logs?select={quote(name)}&tail={LOG_LINES}"
        told = [json.loads(line) for lines in self._client.stream(target, None) for line in lines]
        return [line for one in told for line in logs.in_text(one, colour=False).split("\n")]


def _wait(connection: socket.socket) -> None:
    """Wait for what happens next, however long it takes."""
    select.select([connection], [], [])
