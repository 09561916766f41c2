"""Whose event it is, whatever causes it: on reactors of each kind, all causes at once, in programs of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from support.causes.book import CAUSES, SECONDS
from support.command import environment

for module in ("of_asyncio", "of_sockets", "of_threads", "of_twisted"):
    import_module(f"support.causes.{module}")

KINDS = ("epoll", "poll", "asyncio", "uvloop")
TABLE = [
    (kind, name)
    for kind in KINDS
    for name, cause in CAUSES.items()
    if kind in {"asyncio", "uvloop"} or not cause.on_loop
]
BESIDES = 0.015
"""Seconds that a cause may take besides what it burns: a handshake of TLS, a fork."""


@cache
def told(kind: str) -> Any:
    """What came of all causes on a reactor of that kind."""
    with TemporaryDirectory(prefix="wampsup-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "support.causes", kind, folder],
            env=environment({"PYTHONPATH": str(Path(__file__).parents[1])}),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) | {"err": done.stderr}


@pytest.mark.parametrize(("kind", "name"), TABLE)
def test_an_event_runs_in_the_context_of_its_component_and_is_charged_to_it(kind: str, name: str) -> None:
    ran = told(kind)
    one = ran["causes"][name]
    assert one["seen"] == [[name, name]] * one["burns"], ran["err"]
    assert one["burnt"] * 0.99 <= one["busy"] <= one["burnt"] * 1.1 + BESIDES


@pytest.mark.parametrize("kind", KINDS)
def test_who_lets_others_go_on_pays_for_nothing_of_it(kind: str) -> None:
    assert told(kind)["other"] < SECONDS


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_charged_is_what_the_process_has_used(kind: str) -> None:
    ran = told(kind)
    charged = ran["own"] + ran["other"] + sum(one["busy"] for one in ran["causes"].values())
    assert charged == pytest.approx(ran["process"], rel=0.05)
    assert ran["own"] < 0.1 * ran["process"]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_it_fails(kind: str) -> None:
    assert told(kind)["err"] == ""
