"""The states are those of the contract with the users, each with its name."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from support.components import STATES
from wampsup.model.state import STATE_NAMES, Stopped


def test_every_state_has_its_name_in_the_order_of_a_life() -> None:
    assert tuple(state.name for state in STATES) == STATE_NAMES
    assert STATE_NAMES == (
        "stopped",
        "waiting",
        "connecting",
        "running",
        "reconnecting",
        "backoff",
        "stopping",
        "completed",
        "failed",
        "fatal",
    )


def test_a_state_is_a_value() -> None:
    assert Stopped(since=1.0) == Stopped(since=1.0)
    with pytest.raises(FrozenInstanceError):
        Stopped(since=1.0).since = 2.0  # type: ignore[misc]  # that is the point
