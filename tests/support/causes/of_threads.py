"""Threads, their results, and what they hand to the reactor."""

from __future__ import annotations

import concurrent.futures
import threading
import time
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import ConnectError
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.threads import blockingCallFromThread, deferToThread, deferToThreadPool
from twisted.python.threadpool import ThreadPool

from support.causes.book import OTHER, cause

if TYPE_CHECKING:
    from support.causes.book import Burner


@cause(3)
async def job_in_a_thread(burn: Burner) -> None:
    await deferToThread(burn)
    burn()
    deferToThread(lambda: None).addCallback(burn)


@cause(2)
def call_in_a_thread(burn: Burner) -> None:
    def work() -> None:
        burn()
        blockingCallFromThread(burn.reactor, burn)

    burn.reactor.callInThread(work)


@cause(3)
def thread_of_its_own(burn: Burner) -> None:
    def work() -> None:
        time.sleep(0.05)
        burn()
        burn.reactor.callFromThread(burn)

    threading.Thread(target=work).start()
    threading.Timer(0.01, burn).start()


@cause(1)
def thread_of_its_own_kind(burn: Burner) -> None:
    class Worker(threading.Thread):
        def run(self) -> None:
            burn()

    Worker().start()


@cause(2)
def thread_that_a_thread_starts(burn: Burner) -> None:
    def work() -> None:
        burn()
        thread = threading.Thread(target=burn)
        thread.start()
        thread.join()

    threading.Thread(target=work).start()


@cause(3)
async def pool_of_its_own(burn: Burner) -> None:
    pool = ThreadPool(2, 2)
    pool.start()
    await deferToThreadPool(burn.reactor, pool, burn)
    burn()
    pool.callInThread(burn)
    burn.reactor.callInThread(pool.stop)


@cause(2)
async def pool_of_another_one(burn: Burner) -> None:
    pool = ThreadPool(1, 1)
    OTHER.run(pool.start)
    await deferToThreadPool(burn.reactor, pool, burn)
    burn()
    burn.reactor.callInThread(pool.stop)


@cause(2)
async def executor_of_another_one(burn: Burner) -> None:
    executor = concurrent.futures.ThreadPoolExecutor(1)
    OTHER.run(executor.submit, lambda: None).result()
    done: Deferred[None] = Deferred()
    future = executor.submit(burn)
    future.add_done_callback(lambda _: burn.reactor.callFromThread(done.callback, None))
    await done
    burn()
    executor.shutdown(wait=False)


@cause(2)
async def name_resolution(burn: Burner) -> None:
    factory: Any = Factory.forProtocol(Protocol)
    try:
        await HostnameEndpoint(burn.reactor, "localhost", 1, timeout=5).connect(factory)
    except ConnectError:
        burn()
    await burn.reactor.resolve("localhost")
    burn()
