"""What the log says of stalls: ours, and that of a host."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from twisted.logger import globalLogPublisher

from wampsup.logs.record import from_event
from wampsup.logs.secrets import without_secrets
from wampsup.logs.stalls import StallLog
from wampsup.masking import MASK
from wampsup.model.secret import Secret
from wampsup.reactor.account import Account
from wampsup.reactor.ledger import OWN
from wampsup.reactor.stack import Frame, Stack
from wampsup.reactor.stall import Stall

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from twisted.logger import ILogObserver, LogEvent

    from wampsup.model.record import Record

PAUSED = "took 3.50 s, but this process did hardly run meanwhile: it was stopped, or the machine is overloaded"
AT = "feed.py:31 in on_price"


@contextmanager
def recorded() -> Iterator[list[Record]]:
    """What is logged within, as it would be shown."""
    records: list[Record] = []

    def observe(event: LogEvent) -> None:
        if (record := from_event(event)) is not None:
            records.append(without_secrets(record))

    globalLogPublisher.addObserver(cast("ILogObserver", observe))
    yield records
    globalLogPublisher.removeObserver(cast("ILogObserver", observe))


def stall(account: Account, file: str = "/srv/shop/feed.py", seconds: float = 1.2) -> Stall:
    return Stall(account=account, seconds=seconds, stack=Stack([Frame(file, 31, "on_price", "feed")]))


def test_a_stall_is_a_line_of_its_component_with_the_stack_while_it_lasts() -> None:
    with recorded() as records:
        StallLog().stalled(stall(Account("feed")))
        StallLog().recovered(stall(Account("feed")))
    assert [(one.level, one.component, one.message) for one in records] == [
        ("warn", "feed", f"has blocked the reactor for 1.20 s at {AT}"),
        ("warn", "feed", f"blocked the reactor for 1.20 s at {AT}"),
    ]
    assert [one.traceback for one in records] == [
        'Stack (most recent call last):\n  File "/srv/shop/feed.py", line 31, in on_price\n',
        None,
    ]


def test_the_line_of_code_shows_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "feed.py"
    file.write_text("\n" * 30 + "connect('s3cret-ticket')\n")
    Secret("s3cret-ticket")
    with recorded() as records:
        for log in (StallLog(), StallLog(host=True)):
            log.stalled(stall(Account("feed"), str(file)))
    assert [line for one in records for line in (one.message.splitlines()[0],) if "(connect(" in line] == [
        f"has blocked the reactor for 1.20 s at {AT} (connect('{MASK}'))",
        f"feed: has blocked the reactor for 1.20 s at {AT} (connect('{MASK}'))",
    ]
    assert "s3cret" not in "".join(f"{one.message}{one.traceback}" for one in records)


def test_why_a_place_is_not_known_is_told() -> None:
    account = Account("feed")
    with recorded() as records:
        StallLog().recovered(Stall(account=account, seconds=1.2, alone=True))
        StallLog().recovered(Stall(account=account, seconds=0.26))
    assert [one.message for one in records] == [
        "blocked the reactor for 1.20 s, in code that let no other thread run, so that its place is not known",
        "blocked the reactor for 0.26 s; it was over before its place could be seen",
    ]


def test_the_supervisor_blames_itself_by_name() -> None:
    with recorded() as records:
        StallLog().stalled(stall(OWN))
        StallLog(host=True).recovered(stall(OWN))
        StallLog().recovered(Stall(account=OWN, seconds=0.57, collecting=True))
    assert records[0].component is None
    assert [one.message for one in records] == [
        f"the supervisor itself has blocked the reactor for 1.20 s at {AT}",
        f"the supervisor itself blocked the reactor for 1.20 s at {AT}",
        "the supervisor itself blocked the reactor for 0.57 s to collect garbage",
    ]


def test_the_end_and_a_pause_are_told() -> None:
    with recorded() as records:
        StallLog().gives_up(stall(Account("feed"), seconds=5.02), 5.0)
        StallLog().gives_up(None, 5.0)
        StallLog().paused("feed", 3.5)
        StallLog().paused(None, 3.5)
    assert [(one.level, one.component, one.message) for one in records] == [
        (
            "critical",
            "feed",
            f"has blocked the reactor for 5.02 s at {AT}, longer than fatal_stall = 5 s: the process ends",
        ),
        ("critical", None, "the reactor does not come back, longer than fatal_stall = 5 s: the process ends"),
        ("info", None, f"an event of component `feed` {PAUSED}"),
        ("info", None, f"an event of the supervisor {PAUSED}"),
    ]
