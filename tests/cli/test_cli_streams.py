"""Standard streams that are closed, full or gone, and a parent that is: the real command through a shell."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from support.command import EXECUTABLE, Result, environment, fleet, wampsup
from support.files import write_fleet, write_module
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.command import Fleet

FLEET = """
    [supervisor]
    name = "edge"

    [components.clock]
    main = "parts:clock"
    transports = "rs://unix:nobody.sock"
"""

PARTS = "def clock(reactor, session): pass"


@pytest.fixture
def folder(short_path: Path) -> Path:
    write_module(short_path, PARTS)
    return short_path


@pytest.fixture
def edge(folder: Path) -> Iterator[Fleet]:
    with fleet(write_fleet(folder, FLEET)) as running:
        yield running


def shell(command: str, folder: Path) -> Result:
    """Run a line of shell in which `wampsup` is the command, with runtime files in that folder."""
    done = subprocess.run(
        ["/bin/sh", "-c", command.replace("wampsup", str(EXECUTABLE))],
        env=environment({"XDG_RUNTIME_DIR": str(folder)}),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    return Result(code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("wampsup status >/dev/full", "error: cannot go on: no space left on device\n"),
        ("wampsup status --json >/dev/full", "error: cannot go on: no space left on device\n"),
        ("wampsup status >&-", "error: cannot go on: bad file descriptor\n"),
        ("wampsup status >&- 2>&-", ""),
        ("wampsup status >/dev/full 2>/dev/full", ""),
    ],
)
def test_output_that_can_not_be_written_is_told_in_a_sentence(edge: Fleet, line: str, said: str) -> None:
    assert shell(line, edge.runtime) == Result(code=1, out="", err=said)


def test_what_nobody_wants_to_hear_does_not_go_to_the_output_for_data(edge: Fleet) -> None:
    assert shell("wampsup show nobody 2>&-", edge.runtime) == Result(code=4, out="", err="")


@pytest.mark.parametrize("closed", ["<&- >&-", "<&- >&- 2>&-", "2>&-"])
def test_a_fleet_in_the_background_needs_no_standard_streams(folder: Path, closed: str) -> None:
    write_fleet(folder, FLEET)
    try:
        assert shell(f"wampsup start fleet.toml --detach {closed}", folder).code == 0
        assert shell("wampsup status", folder).code == 0
    finally:
        assert shell("wampsup shutdown", folder).code == 0


def test_a_fleet_in_the_background_lives_on_without_who_waited_for_it(folder: Path) -> None:
    write_module(folder, "import time\ntime.sleep(2)\n" + PARTS)
    write_fleet(folder, FLEET)
    env = {"XDG_RUNTIME_DIR": str(folder)}
    assert shell("timeout 1 wampsup start fleet.toml --detach", folder).code == 124
    try:
        wait_until(lambda: wampsup("status", env=env).code == 0, 20)
        log = (folder / "wampsup" / "edge.log").read_text(encoding="utf-8")
        assert "a bug of wampsup" not in log
    finally:
        assert wampsup("shutdown", env=env).code == 0


def test_a_factory_that_exits_with_a_sentence_is_a_mistake(folder: Path) -> None:
    write_module(folder, "import sys\ndef say(): sys.exit('no config given')\n")
    path = write_fleet(folder, FLEET.replace('main = "parts:clock"', 'component = "parts:say"'))
    done = wampsup("start", path)
    assert done.code == 5
    assert "raised SystemExit: no config given" in done.err
    assert "Traceback" not in done.err
