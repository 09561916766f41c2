"""Whole fleets in the real shell, in a simulated world: any order of events, and nothing goes wrong.

`support.drawn` says what can happen, `support.whole` what must be true: of every transition, after every decision, when
the world has let everything work for a while, and after the end. `WAMPSUP_LONG=1` looks at fifty times as many fleets.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from support.drawn import Story, stories
from support.whole import Whole, trace_of

LONG = bool(os.environ.get("WAMPSUP_LONG"))
pytestmark = pytest.mark.timeout(0 if LONG else 600)  # to shrink a failure takes minutes
SETTINGS = settings(max_examples=25_000 if LONG else 500, deadline=None, suppress_health_check=list(HealthCheck))
ALWAYS_THE_SAME = settings(SETTINGS, derandomize=True, database=None, max_examples=800)

FATES = {
    "start autostart",
    "start person",
    "start reload",
    "restart person",
    "restart reload",
    "stop person",
    "stop group",
    "stop reload",
    "stop shutdown",
    "hold requires",
    "hold group",
    "give-up group",
}
"""The decisions that take a component from one state to another, and who is behind them."""


@settings(SETTINGS)
@given(story=stories)
def test_no_order_of_events_breaks_a_fleet(story: Story) -> None:
    Whole(story).tell()


@settings(SETTINGS, max_examples=2_000 if LONG else 60)
@given(story=stories)
def test_the_same_seed_gives_the_same_trace(story: Story) -> None:
    assert trace_of(story) == trace_of(story)


def test_the_trace_hangs_on_no_order_of_sets() -> None:
    assert digest_in_process("1") == digest_in_process("2")


def test_the_stories_tell_of_every_decision_about_those_who_run_and_those_who_begin() -> None:
    kinds: set[str] = set()

    @settings(ALWAYS_THE_SAME)
    @given(story=stories)
    def tell(story: Story) -> None:
        kinds.update(Whole(story).tell().kinds)

    tell()
    deciding = {kind.partition(":")[0] for kind in kinds}
    assert deciding >= FATES
    leaving = {kind.partition(":")[0] for kind in kinds if kind.endswith("running -> stopping")}
    assert leaving >= {fate for fate in FATES if not fate.startswith("start")}


def digest_in_process(hash_seed: str) -> str:
    """The digest of some traces in a process of its own, where the order of sets is another one."""
    tests = Path(__file__).parents[1]
    found = subprocess.run(
        [sys.executable, __file__],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(tests)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    )
    return found.stdout


def print_digest() -> None:
    """Tell the same stories in every process, and print what came of them."""
    digest = hashlib.sha256()

    @settings(ALWAYS_THE_SAME, max_examples=60)
    @given(story=stories)
    def tell(story: Story) -> None:
        digest.update("\n".join(trace_of(story)).encode())

    tell()
    print(digest.hexdigest())  # noqa: T201 - for the process that has started this one


if __name__ == "__main__":
    print_digest()
