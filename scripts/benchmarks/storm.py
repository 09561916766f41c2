"""How fast a supervisor of 500 components answers while their router is killed, is away, and takes them in again."""

from __future__ import annotations

import statistics
import time
from threading import Event, Thread
from typing import TYPE_CHECKING

from processes import wait_until

from support import command

if TYPE_CHECKING:
    from pathlib import Path

    from support.crossbar import Crossbar

COMPONENTS = 500
AWAY = 5.0
"""Seconds without a router, at least: it takes its time to start as well."""

PAUSE = 0.01
QUESTIONS = ("/v1/supervisor", "/v1/components")


class Storm:
    """A fleet and its router, and how many seconds each answer took, by the question."""

    def __init__(self, folder: Path, router: Crossbar) -> None:
        self.answers: dict[str, list[float]] = {question: [] for question in QUESTIONS}
        self._counts: dict[str, int] = {}
        self._router = router
        self._path = folder / "storm.toml"
        tables = [f'[components.c{number}]\nmain = "staying:main"\n' for number in range(COMPONENTS)]
        self._path.write_text(f'[defaults]\ntransports = "{router.rawsocket_url}"\n' + "\n".join(tables))

    def rage(self) -> None:
        """Kill the router, bring it back, and wait until all run again."""
        with command.fleet(self._path) as fleet:
            over = Event()
            asking = Thread(target=self._ask, args=(fleet, over))
            asking.start()
            try:
                wait_until(self._all_run, 60, "the fleet's start")
                for took in self.answers.values():
                    took.clear()
                self._router.kill()
                time.sleep(AWAY)
                self._router.start()
                wait_until(self._all_run, 60, "the fleet's return")
            finally:
                over.set()
                asking.join()

    def judge(self, goal: float) -> bool:
        """Print how long the answers took; whether the longest is within `goal` seconds."""
        met = True
        for question, took in self.answers.items():
            longest, most = max(took), statistics.quantiles(took, n=100)[98]
            verdict = "ok" if longest <= goal else "MISSED"
            met &= longest <= goal
            figures = f"99 of 100 within {most * 1000:.0f} ms, the longest {longest * 1000:.0f} ms"
            what = f"{question} while {COMPONENTS} lose their router"
            print(f"{what}: {figures} (goal: at most {goal * 1000:.0f} ms) {verdict}")
        return met

    def _all_run(self) -> bool:
        return self._counts == {"running": COMPONENTS}

    def _ask(self, fleet: command.Fleet, over: Event) -> None:
        while not over.is_set():
            for question in QUESTIONS:
                started = time.perf_counter()
                reply = fleet.request("GET", question)
                self.answers[question].append(time.perf_counter() - started)
                self._counts = reply.body.get("counts", self._counts)
                time.sleep(PAUSE)
