"""Messages to a service manager that is busy, or gone."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, cast

import pytest
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from support.manager import ManagerTwin, manager
from wampsup.notify.channel import MOST_KEPT, RETRY, Channel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twisted.logger import ILogObserver, LogEvent


class Scene:
    """A channel on a clock of its own to a manager, and what it logs."""

    def __init__(self, systemd: ManagerTwin) -> None:
        self.systemd = systemd
        self.clock = Clock()
        self.channel = Channel(systemd.where.encode(), self.clock)
        self.logged: deque[LogEvent] = deque()

    def all_there(self) -> list[str]:
        """All messages that come when there is room again."""
        taken = []
        while True:
            taken += [text for text in self.systemd.take() if text != "X=1"]
            if not self.clock.getDelayedCalls():
                return taken
            self.clock.advance(RETRY)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with manager() as systemd:
        made = Scene(systemd)
        observer = cast("ILogObserver", made.logged.append)
        globalLogPublisher.addObserver(observer)
        yield made
        globalLogPublisher.removeObserver(observer)
        made.channel.close()
        assert made.clock.getDelayedCalls() == []


def test_messages_come_in_order(scene: Scene) -> None:
    scene.channel.keep("READY=1")
    assert scene.channel.say("STATUS=well")
    scene.channel.keep("STOPPING=1")
    assert scene.systemd.take() == ["READY=1", "STATUS=well", "STOPPING=1"]
    assert not scene.logged


def test_a_full_queue_loses_what_will_be_said_again_and_nothing_else(scene: Scene) -> None:
    assert scene.systemd.fill() > 0
    assert not scene.channel.say("STATUS=well")
    scene.channel.keep("RELOADING=1")
    scene.channel.keep("READY=1")
    assert not scene.channel.say("WATCHDOG=1")
    scene.clock.pump([RETRY] * 10)
    assert scene.all_there() == ["RELOADING=1", "READY=1"]
    assert scene.channel.say("WATCHDOG=1")
    assert scene.systemd.take() == ["WATCHDOG=1"]


def test_nothing_overtakes_what_is_kept(scene: Scene) -> None:
    scene.systemd.fill()
    scene.channel.keep("READY=1\nSTATUS=old")
    scene.systemd.take()
    assert not scene.channel.say("STATUS=new")
    assert scene.all_there() == ["READY=1\nSTATUS=old"]


def test_what_is_kept_is_bounded_and_the_latest_counts(scene: Scene) -> None:
    scene.systemd.fill()
    for number in range(MOST_KEPT + 3):
        scene.channel.keep(f"N={number}")
    assert len(scene.clock.getDelayedCalls()) == 1
    assert scene.all_there() == [f"N={number}" for number in range(3, MOST_KEPT + 3)]


def test_a_manager_that_is_gone_disturbs_nobody_and_is_logged_once_at_debug(scene: Scene) -> None:
    scene.systemd.close()
    scene.channel.keep("READY=1")
    assert scene.channel.say("STATUS=well")
    scene.channel.keep("STOPPING=1")
    (event,) = scene.logged
    assert (event["log_level"].name, event["reason"]) == ("debug", "Connection refused")
    assert scene.clock.getDelayedCalls() == []


def test_a_closed_channel_says_nothing_and_waits_for_nothing(scene: Scene) -> None:
    scene.systemd.fill()
    scene.channel.keep("READY=1")
    scene.channel.close()
    assert scene.clock.getDelayedCalls() == []
    assert scene.all_there() == []
