"""The proof of accounts: fifty components, each burning a known share in its own way, through the real command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.command import fleet
from support.files import write_fleet, write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from support.command import Fleet
    from support.crossbar import Crossbar

WAYS = ("handler", "timer", "coroutine", "thread_result", "looping_call", "subprocess_output")
COUNT = 50
LEAST, STEP = 0.15, 0.002
"""Seconds of processor time that the first one burns, and by how much each one burns more than the one before it."""

FLEET = """
    [supervisor]
    name = "edge"
    reactor = "{reactor}"

    [defaults]
    realm = "realm1"
    transports = "{url}"

    [components.feeder]
    main = "parts:feeder"
    extra = {{ go = "{go}" }}
"""
PARTS = """
    import json
    import sys
    import time
    from pathlib import Path

    from twisted.internet import defer, protocol, task, threads

    ROUNDS = 10

    class Burner:
        def __init__(self, extra):
            self.seconds = extra["seconds"] / ROUNDS
            self.left = ROUNDS
            self.burnt = 0.0
            self.done = Path(extra["done"])

        def __call__(self, *_):
            if self.left == 0:
                return
            self.left -= 1
            began = time.thread_time()
            while (now := time.thread_time()) < began + self.seconds:
                pass
            self.burnt += now - began
            if self.left == 0:
                self.done.write_text(json.dumps(self.burnt))

    async def handler(reactor, session, burn):
        topic = "com.example." + session.config.extra["name"]
        await session.subscribe(burn, topic)
        other = sessions[session.config.extra["previous"]]
        for _ in range(ROUNDS):  # somebody else publishes, in another one's event
            other.publish(topic)
            await task.deferLater(reactor, 0.01)

    async def timer(reactor, session, burn):
        for number in range(ROUNDS):
            reactor.callLater(0.02 * number, burn)

    async def coroutine(reactor, session, burn):
        queue = queues[session.config.extra["name"]] = defer.DeferredQueue()
        while burn.left:
            feed.append(queue)
            await queue.get()
            burn()

    async def thread_result(reactor, session, burn):
        for _ in range(ROUNDS // 2):
            await threads.deferToThread(burn)
            burn()

    async def looping_call(reactor, session, burn):
        loop = task.LoopingCall(burn)
        loop.start(0.02)

    async def subprocess_output(reactor, session, burn):
        def received(data):
            burn()
            if burn.left:
                process.write(b"tea")
            else:
                process.loseConnection()

        child = protocol.ProcessProtocol()
        child.outReceived = received
        process = reactor.spawnProcess(child, "/bin/cat", ["cat"])
        process.write(b"tea")

    sessions, queues, feed, gates = {}, {}, [], []

    async def feeder(reactor, session):
        # lets the others go on
        while not Path(session.config.extra["go"]).exists():
            await task.deferLater(reactor, 0.05)
        for gate in gates:
            gate.callback(None)
        while True:
            await task.deferLater(reactor, 0.005)
            waiting, feed[:] = feed[:], []
            for queue in waiting:
                queue.put(None)

    async def main(reactor, session):
        extra = session.config.extra
        sessions[extra["name"]] = session
        gates.append(defer.Deferred())
        await gates[-1]
        burn = Burner(extra)
        await globals()[extra["way"]](reactor, session, burn)
        await defer.Deferred()
"""


def name_of(number: int) -> str:
    return f"{WAYS[number % len(WAYS)].replace('_', '-')}-{number}"


def write(folder: Path, reactor: str, url: str) -> Path:
    text = FLEET.format(reactor=reactor, url=url, go=folder / "go")
    for number in range(COUNT):
        extra = {
            "name": name_of(number),
            "previous": name_of((number - 1) % COUNT),
            "way": WAYS[number % len(WAYS)],
            "seconds": LEAST + STEP * number,
            "done": str(folder / f"{number}.json"),
        }
        values = ", ".join(f"{key} = {json.dumps(value)}" for key, value in extra.items())
        text += f'\n    [components.{name_of(number)}]\n    main = "parts:main"\n    extra = {{ {values} }}\n'
    write_module(folder, PARTS)
    return write_fleet(folder, text)


@pytest.mark.parametrize("reactor", ["auto", "asyncio", "uvloop"])
@pytest.mark.timeout(180)
def test_each_of_fifty_accounts_is_true_and_together_they_are_the_process(
    crossbar: Crossbar, tmp_path: Path, reactor: str
) -> None:
    with fleet(write(tmp_path, reactor, crossbar.websocket_url)) as running:
        for number in range(COUNT):
            running.until(name_of(number), "running", 60)
        before = busy(running)
        (tmp_path / "go").touch()
        wait_until(
            lambda: sum(one.stat().st_size > 0 for one in tmp_path.glob("*.json")) == COUNT, 60, "all burns' end"
        )
        burnt = {name_of(number): float((tmp_path / f"{number}.json").read_text()) for number in range(COUNT)}
        wait_until(lambda: all(busy(running)[name] - before[name] >= seconds * 0.9 for name, seconds in burnt.items()))
        after, supervisor = busy(running), running.request("GET", "/v1/supervisor").body
    charged = {name: after[name] - before[name] for name in burnt}
    assert charged == pytest.approx(burnt, rel=0.1)
    total = sum(after.values()) + supervisor["loop"]["busy_seconds"]
    assert total == pytest.approx(supervisor["cpu"]["seconds"], rel=0.05)
    assert after["feeder"] + supervisor["loop"]["busy_seconds"] < sum(burnt.values()), (
        "most was charged to who burnt it"
    )


def busy(running: Fleet) -> dict[str, float]:
    body: Any = running.request("GET", "/v1/components").body
    return {one["name"]: one["busy_seconds"] for one in body["components"]}
