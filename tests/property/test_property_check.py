"""Hypothesis writes fleet files: `check` takes those that start, refuses all others in sentences, and never hangs.

`WAMPSUP_LONG=1` looks at thirty times as many.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, event, given, settings

from support.files import write_fleet, write_module
from support.reactor import Run, reactor, sleep, until
from support.waiting import free_port
from support.written import ENVIRONMENT, MODULE, PARTS, garbled, right, written, wrong
from wampsup import Fleet
from wampsup.checking import check
from wampsup.errors import FleetFileError, WampsupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG = bool(os.environ.get("WAMPSUP_LONG"))
pytestmark = pytest.mark.timeout(0 if LONG else 600)  # to shrink a failure takes minutes
SETTINGS = settings(max_examples=6000 if LONG else 200, deadline=None, suppress_health_check=list(HealthCheck))
OF_THE_ROUTER = {"connection", "tls", "auth", "wamp", "timeout", "health"}
"""Kinds of errors that no look at a file can foresee."""

MOVING = {"waiting", "connecting", "stopping"}


@pytest.fixture
def folder(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a short name, the module that the fleets refer to, and the environment that they expect."""
    path = list(sys.path)
    for name, value in {**ENVIRONMENT, "WRITTEN_PORT": str(free_port())}.items():
        monkeypatch.setenv(name, value)
    write_module(runtime, PARTS, MODULE)
    yield runtime
    sys.path[:] = path
    sys.modules.pop(MODULE, None)


def refusal(file: Path) -> str | None:
    """What `check` says against the file; `None` where it can start."""
    try:
        check(str(file))
    except FleetFileError as error:
        return error.render()
    return None


async def starts(file: Path) -> bool:
    """Whether the fleet starts; if it does, none of its components must fail for a reason that `check` could know."""
    try:
        fleet = Fleet.from_file(file)
        await fleet.start(reactor)
    except WampsupError:
        return False
    try:
        await sleep(0)
        await until(lambda: all(one["state"] not in MOVING or one["waits_for"] for one in fleet.status().values()))
        for name, one in fleet.status().items():
            error: dict[str, Any] | None = one["last_error"]
            assert error is None or error["kind"] in OF_THE_ROUTER, (name, error)
    finally:
        await fleet.stop()
    return True


def agree(file: Path, run: Run) -> str | None:
    """What is wrong with the fleet, on which `check` and `start` have to agree."""
    said = run(lambda: refusal(file))
    if said is not None:
        assert said.startswith("error: "), said
        assert "Traceback" not in said
        event("refused")
    assert run(lambda: starts(file)) == (said is None), said
    return said


def test_what_is_right_starts(folder: Path, run: Run) -> None:
    @settings(SETTINGS)
    @given(right())
    def prove(document: dict[str, Any]) -> None:
        file = write_fleet(folder, written(document))
        assert agree(file, run) is None

    prove()


def test_what_is_wrong_is_refused_exactly_where_it_does_not_start(folder: Path, run: Run) -> None:
    @settings(SETTINGS)
    @given(wrong())
    def prove(document: dict[str, Any]) -> None:
        agree(write_fleet(folder, written(document)), run)

    prove()


def test_what_is_no_toml_any_more_is_refused_in_sentences(folder: Path, run: Run) -> None:
    @settings(SETTINGS)
    @given(garbled())
    def prove(text: str) -> None:
        (folder / "fleet.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
        agree(folder / "fleet.toml", run)

    prove()
