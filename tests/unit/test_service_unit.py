"""The unit for systemd that comes with wampsup: what it says is true, and systemd understands it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.command import EXECUTABLE
from wampsup.cli import arguments
from wampsup.control.place import runtime_folder
from wampsup.errors import FleetFileError, UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "configs" / "wampsup.service"
INSTALLED = "/opt/wampsup/bin/wampsup"


@pytest.fixture
def service() -> Mapping[str, str]:
    unit = ConfigParser(interpolation=None, comment_prefixes="#", delimiters="=")
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # keys as they stand
    unit.read_string(UNIT.read_text(encoding="utf-8"))
    assert unit.sections() == ["Unit", "Service", "Install"]
    return unit["Service"]


def parsed(command: str) -> Namespace:
    program, *rest = shlex.split(command)
    assert program == INSTALLED
    return arguments.parse(rest)


def test_it_runs_a_fleet_file_in_the_foreground_and_reloads_that_fleet(service: Mapping[str, str]) -> None:
    start = parsed(service["ExecStart"])
    assert (start.file, start.detach) == ("/etc/wampsup/edge.toml", False)
    assert service["Type"] == "notify"
    reload = parsed(service["ExecReload"])
    assert (reload.command, reload.fleet) == ("reload", Path(start.file).stem)


def test_its_runtime_folder_is_the_one_where_the_control_socket_lies(service: Mapping[str, str]) -> None:
    name, _, value = service["Environment"].partition("=")
    assert runtime_folder({name: value}, 999) == f"/run/{service['RuntimeDirectory']}"
    assert service["RuntimeDirectoryMode"] == "0700"


def test_what_only_a_person_can_mend_is_not_tried_again(service: Mapping[str, str]) -> None:
    assert service["RestartPreventExitStatus"] == f"{UsageError.exit_code} {FleetFileError.exit_code}"


def test_the_readme_shows_a_part_of_it() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```ini\n(.*?)```", readme, re.DOTALL)
    lines = [line for line in shown.splitlines() if line]
    assert [line for line in UNIT.read_text(encoding="utf-8").splitlines() if line in lines] == lines


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text(encoding="utf-8").replace(INSTALLED, str(EXECUTABLE)), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", copy], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
