"""Tasks, timers, streams, threads and signals of asyncio."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

from support.causes.book import cause

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from support.causes.book import Burner

_tasks: list[asyncio.Task[Any]] = []


def begin(coroutine: Coroutine[Any, Any, Any], burn: Burner) -> None:
    _tasks.append(loop_of(burn).create_task(coroutine))


def loop_of(burn: Burner) -> asyncio.AbstractEventLoop:
    loop: asyncio.AbstractEventLoop = burn.reactor._asyncioEventloop
    return loop


@cause(3, on_loop=True)
def asyncio_task(burn: Burner) -> None:
    async def steps() -> None:
        for _ in range(3):
            await asyncio.sleep(0.01)
            burn()

    begin(steps(), burn)


@cause(3, on_loop=True)
def asyncio_timer(burn: Burner) -> None:
    loop = loop_of(burn)
    loop.call_soon(burn)
    loop.call_later(0.01, burn)
    loop.call_at(loop.time() + 0.02, burn)


@cause(1, on_loop=True)
def asyncio_future_that_another_one_fires(burn: Burner) -> None:
    future: asyncio.Future[None] = loop_of(burn).create_future()

    async def waits() -> None:
        await future
        burn()

    begin(waits(), burn)
    burn.by_other(future.set_result, None)


@cause(4, on_loop=True)
def asyncio_threads(burn: Burner) -> None:
    async def jobs() -> None:
        await loop_of(burn).run_in_executor(None, burn)
        burn()
        await asyncio.to_thread(burn)
        burn()

    begin(jobs(), burn)


@cause(3, on_loop=True)
def asyncio_streams(burn: Burner) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        burn()
        writer.write(b"x")
        await writer.drain()
        burn()
        writer.close()

    async def talk() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        writer.write(b"x")
        await reader.readexactly(1)
        burn()
        writer.close()

    begin(talk(), burn)


@cause(1, on_loop=True)
def asyncio_descriptor(burn: Burner) -> None:
    read, write = os.pipe()
    loop = loop_of(burn)

    def readable() -> None:
        loop.remove_reader(read)
        burn()

    loop.add_reader(read, readable)
    burn.by_other(os.write, write, b"x")


@cause(1, on_loop=True)
def asyncio_signal(burn: Burner) -> None:
    loop_of(burn).add_signal_handler(signal.SIGUSR1, burn)
    burn.by_other(os.kill, os.getpid(), signal.SIGUSR1)
