"""What `--help`, `wampsup help` and the man page say is whole, true, and fits a terminal."""

from __future__ import annotations

import re
import subprocess

import pytest

from wampsup import errors
from wampsup.cli.arguments import COMMANDS
from wampsup.cli.main import main
from wampsup.cli.manual.commands import MORE
from wampsup.cli.manual.roff import man_page
from wampsup.cli.manual.topics import TOPICS
from wampsup.config.json_schema import fleet_schema
from wampsup.model.state import STATE_NAMES


def helped(capsys: pytest.CaptureFixture[str], *topic: str) -> str:
    assert main(["help", *topic]) == 0
    return capsys.readouterr().out


def test_every_command_has_something_to_say() -> None:
    assert set(MORE) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_its_own(capsys: pytest.CaptureFixture[str], command: str) -> None:
    told = helped(capsys, command)
    assert MORE[command] in told
    assert main([command, "--help"]) == 0
    assert capsys.readouterr().out == told


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_fits_a_terminal(capsys: pytest.CaptureFixture[str], topic: str) -> None:
    told = helped(capsys, topic)
    assert max(map(len, told.splitlines())) < 80


def test_help_lists_commands_and_topics(capsys: pytest.CaptureFixture[str]) -> None:
    told = helped(capsys)
    listed = {line.split()[0] for line in told.splitlines() if line.startswith("  ")}
    assert listed >= {*COMMANDS, *TOPICS}


def test_all_states_and_exit_codes_are_told() -> None:
    assert set(re.findall(r"^  (\w+) ", TOPICS["states"][1], re.MULTILINE)) == set(STATE_NAMES)
    codes = {int(code) for code in re.findall(r"^  (\d) ", TOPICS["exit-codes"][1], re.MULTILINE)}
    assert codes >= {0} | {kind.exit_code for kind in vars(errors).values() if hasattr(kind, "exit_code")}


def test_the_keys_of_a_fleet_file_are_those_of_its_schema() -> None:
    text = TOPICS["fleet-file"][1]
    top = fleet_schema()["properties"]
    component = set(top["components"]["additionalProperties"]["properties"])
    told = set(re.findall(r"[a-z_]+", text))
    assert component | set(top["supervisor"]["properties"]) <= told
    assert set(top["router"]["properties"]) | set(top["groups"]["additionalProperties"]["properties"]) <= told


def test_a_misspelt_topic_is_recognized(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "exitcodes"]) == 2
    assert capsys.readouterr().err == "error: unknown topic `exitcodes`\nhint: did you mean `exit-codes`?\n"
    assert main(["help", "x"]) == 2
    assert capsys.readouterr().err == "error: unknown topic `x`\nhint: `wampsup help` lists the topics\n"


def test_the_man_page_says_it_all_in_a_way_that_man_understands(capsys: pytest.CaptureFixture[str]) -> None:
    page = helped(capsys, "--man")
    assert page == man_page()
    linted = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning"], input=page, capture_output=True, encoding="utf-8", check=False
    )
    assert [line for line in linted.stdout.splitlines() if "missing date" not in line] == []
    shown = subprocess.run(
        ["mandoc", "-T", "utf8", "-O", "width=100"], input=page, capture_output=True, encoding="utf-8", check=True
    ).stdout
    plain = re.sub(r".\x08", "", shown)
    for command in COMMANDS:
        assert f"\n   wampsup {command}\n" in plain
    assert "wampsup status 'sensor-*'      all whose names begin so" in plain
    assert "--no-wait" in plain
    assert "wampsup completion bash > $d/wampsup\n" in plain
