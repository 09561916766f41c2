"""Fixtures for the tests of the reactor's accounts."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def no_collection_by_itself() -> Iterator[None]:
    """What thousands of other tests have left is not collected while processor time is counted."""
    gc.disable()
    yield
    gc.enable()
