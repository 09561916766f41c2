"""Timers, steps, and what the reactor itself calls."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from twisted.internet import task
from twisted.internet.abstract import FileDescriptor
from twisted.internet.defer import Deferred, DeferredQueue, ensureDeferred, inlineCallbacks
from twisted.internet.fdesc import readFromFD
from twisted.internet.protocol import ProcessProtocol

from support.causes.book import cause

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from support.causes.book import Burner


@cause(2)
def timer(burn: Burner) -> None:
    burn.reactor.callLater(0, burn.reactor.callLater, 0.01, burn)
    burn.reactor.callLater(0.02, burn)


@cause(2)
def timer_that_another_one_moves(burn: Burner) -> None:
    burn.by_other(burn.reactor.callLater(60, burn).reset, 0.01)
    burn.by_other(burn.reactor.callLater(0.03, burn).delay, 0.01)


@cause(3)
def looping_call(burn: Burner) -> None:
    counts = iter(range(2))

    def work() -> None:
        burn()
        if next(counts, None) is None:
            loop.stop()

    loop = task.LoopingCall(work)
    loop.start(0.05)


@cause(3)
def looping_call_that_waits_for_another_one(burn: Burner) -> None:
    queue: DeferredQueue[None] = DeferredQueue()
    counts = iter(range(3))

    def work() -> Deferred[None] | None:
        if next(counts, None) is None:
            return Deferred()
        burn()
        burn.by_other(queue.put, None)
        return queue.get()

    task.LoopingCall(work).start(0.01)


@cause(2)
def defer_later(burn: Burner) -> None:
    task.deferLater(burn.reactor, 0.01, burn).addCallback(burn)


@cause(3)
async def coroutine_that_another_one_lets_go_on(burn: Burner) -> None:
    queue: DeferredQueue[None] = DeferredQueue()
    for _ in range(3):
        burn.by_other(queue.put, None)
        await queue.get()
        burn()


@cause(2)
def callback_of_such_a_coroutine(burn: Burner) -> None:
    gate: Deferred[None] = Deferred()

    async def waits() -> None:
        await gate
        burn()

    ensureDeferred(waits()).addCallback(burn)
    burn.by_other(gate.callback, None)


@cause(3)
def generator_that_another_one_lets_go_on(burn: Burner) -> Deferred[None]:
    queue: DeferredQueue[None] = DeferredQueue()

    @inlineCallbacks
    def steps() -> Generator[Deferred[None], None, None]:
        for _ in range(3):
            burn.by_other(queue.put, None)
            yield queue.get()
            burn()

    return steps()


@cause(1)
async def coroutine_that_another_one_fails(burn: Burner) -> None:
    gate: Deferred[None] = Deferred()
    burn.by_other(gate.errback, ValueError("dry"))
    try:
        await gate
    except ValueError:
        burn()


@cause(4)
def cooperative_task(burn: Burner) -> None:
    def steps() -> Iterator[Any]:
        gate: Deferred[None] = Deferred()
        burn()
        burn.by_other(gate.callback, None)
        yield gate
        burn()
        yield None

    task.cooperate(steps()).whenDone().addCallback(burn)
    task.coiterate(iter(lambda: None, None))
    task.coiterate(each for each in [0]).addCallback(burn)


@cause(3)
def child_process(burn: Burner) -> None:
    child: Any = ProcessProtocol()
    child.outReceived = child.inConnectionLost = child.processEnded = burn
    burn.reactor.spawnProcess(child, "/bin/echo", ["echo", "tea"])


@cause(2)
def child_process_that_ends_late(burn: Burner) -> None:
    child: Any = ProcessProtocol()
    child.processExited = child.processEnded = burn
    burn.reactor.spawnProcess(child, "/bin/sleep", ["sleep", "0.2"])


@cause(1)
def system_event(burn: Burner) -> None:
    burn.reactor.addSystemEventTrigger("during", "tea time", burn)
    burn.by_other(burn.reactor.fireSystemEvent, "tea time")


@cause(1)
def call_when_running(burn: Burner) -> None:
    burn.reactor.callWhenRunning(burn)


@cause(2)
def file_that_is_polled(burn: Burner) -> None:
    path = burn.folder / "file"
    path.write_bytes(b"tea")
    opened = os.open(path, os.O_RDONLY)

    def lost(_: object) -> None:
        os.close(opened)
        burn()

    file: Any = FileDescriptor(burn.reactor)
    file.fileno = lambda: opened
    file.doRead = lambda: readFromFD(opened, burn)
    file.connectionLost = lost
    file.startReading()
