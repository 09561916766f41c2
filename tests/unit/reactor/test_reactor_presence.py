"""For how much of a time the process was there."""

from __future__ import annotations

import gc

from wampsup.reactor.presence import Presence

MS = 1_000_000


class Scene:
    """A thread that sleeps for 60 ms in turn; time passes with the process busy or not."""

    def __init__(self) -> None:
        self.now = 5_000 * MS
        self.busy = 100 * MS
        self.presence = Presence(lambda: self.now, lambda: self.busy)

    def passes(self, ms: int, *, busy: int = 0) -> int:
        self.now += ms * MS
        self.busy += busy * MS
        return self.now

    def sleeps(self, ms: int, *, busy: int = 0) -> None:
        self.presence.sleep(60 * MS)
        self.passes(ms, busy=busy)
        self.presence.wake()

    def absent(self, began: int) -> int:
        return self.presence.absent(began, self.now) // MS


def test_a_thread_that_wakes_in_time_has_missed_nothing() -> None:
    scene = Scene()
    began = scene.now
    for late in (60, 61, 109):
        scene.sleeps(late)
    assert scene.absent(began) == 0


def test_a_process_that_was_stopped_was_absent() -> None:
    scene = Scene()
    began = scene.now
    scene.sleeps(3060)
    scene.sleeps(60)
    assert scene.absent(began) == 3000


def test_it_is_known_before_the_thread_has_woken() -> None:
    scene = Scene()
    scene.presence.sleep(60 * MS)
    began = scene.passes(30)
    scene.passes(3030)
    assert scene.absent(began) == 3000
    assert scene.presence.late(scene.now)
    scene.presence.wake()
    assert scene.absent(began) == 3000
    assert not scene.presence.late(scene.now)


def test_a_process_that_was_busy_was_there_though_the_thread_did_not_wake() -> None:
    scene = Scene()
    began = scene.now
    scene.sleeps(1060, busy=1055)
    assert scene.absent(began) == 0
    scene.sleeps(1060, busy=400)
    assert scene.absent(began) == 600


def test_an_absence_counts_only_as_far_as_it_lies_in_the_time() -> None:
    scene = Scene()
    scene.sleeps(3060)
    assert scene.absent(scene.passes(1)) == 0
    scene.presence.sleep(60 * MS)
    scene.passes(2000)
    began = scene.now
    scene.passes(100)
    assert scene.absent(began) == 100


def test_absences_add_up_and_old_ones_are_forgotten() -> None:
    scene = Scene()
    began = scene.now
    scene.sleeps(160)
    scene.sleeps(260)
    assert scene.absent(began) == 300
    for _ in range(100):
        scene.sleeps(160)
    assert scene.absent(began) == 3200


def test_the_garbage_collector_is_no_code_of_anybodys() -> None:
    scene = Scene()
    told: list[int] = []
    scene.presence.collected = told.append
    began = scene.now
    scene.presence.sleep(60 * MS)
    scene.passes(20, busy=20)
    scene.presence._collects("start", {})
    scene.passes(500, busy=500)
    assert scene.absent(began) == 500
    scene.presence._collects("stop", {})
    scene.passes(20, busy=20)
    assert scene.absent(began) == 500
    scene.presence.wake()
    assert scene.absent(began) == 500
    assert told == [500 * MS]
    assert scene.presence.collecting(began, scene.now) == 500 * MS
    scene.sleeps(1060)
    assert scene.absent(began) == 1500
    assert scene.presence.collecting(began, scene.now) == 500 * MS


def test_the_garbage_collector_is_heeded_from_the_begin_to_the_end() -> None:
    presence = Presence()
    told: list[int] = []
    presence.collected = told.append
    gc.collect()
    presence.begin()
    gc.collect()
    presence.end()
    presence.end()
    gc.collect()
    assert len(told) == 1
    assert 0 < told[0] < 10_000 * MS
