"""What may follow on a command line, where no fleet runs."""

from __future__ import annotations

import pytest

from wampsup.cli.arguments import COMMANDS
from wampsup.cli.completion.answer import answer
from wampsup.cli.completion.candidates import FILES, FLEET_FILES, FOLDERS, NONE, complete

BREAKS = " \t\n\"'@><=;|&(:"


@pytest.fixture(autouse=True)
def nobody_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nonexistent")
    monkeypatch.delenv("WAMPSUP_SOCKET", raising=False)


def words(*line: str) -> list[str]:
    return list(complete(line).words)


def test_at_first_there_are_the_commands() -> None:
    assert words("") == list(COMMANDS)
    assert words("--fleet", "edge", "") == list(COMMANDS)
    assert words("--") == ["--help", "--version", "--fleet", "--socket"] or "--version" in words("--")


def test_behind_a_command_there_are_its_options_that_were_not_given() -> None:
    assert {"--no-wait", "--timeout", "--all", "--json"} <= set(words("stop", "clock", "-"))
    assert "--no-wait" not in words("stop", "--no-wait", "-")
    assert words("stop", "--", "-") == []
    assert words("nonsense", "-") == []


def test_values_are_those_of_the_option() -> None:
    assert words("profile", "x", "--format", "") == ["text", "speedscope"]
    assert words("profile", "x", "--format=s") == ["--format=text", "--format=speedscope"]
    assert words("stop", "--timeout", "") == []
    assert "clock" not in words("status", "--watch", "")


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        (["start", ""], FLEET_FILES),
        (["start", "clock", ""], NONE),
        (["start", "--detach", ""], FLEET_FILES),
        (["check", ""], FLEET_FILES),
        (["check", "fleet.toml", ""], NONE),
        (["init", ""], FOLDERS),
        (["import", ""], NONE),
        (["import", "crossbar", ""], FILES),
        (["profile", "x", "--output", ""], FILES),
        (["--socket", ""], FILES),
        (["status", "--socket=", ""], NONE),
        (["status", "--socket="], FILES),
        (["stop", ""], NONE),
    ],
)
def test_paths_are_left_to_the_shell(line: list[str], paths: str) -> None:
    assert complete(line).paths == paths


def test_topics_and_shells_and_sources_are_known() -> None:
    assert {"stop", "states", "exit-codes"} <= set(words("help", ""))
    assert words("completion", "") == ["bash", "zsh", "fish"]
    assert words("completion", "bash", "") == []
    assert words("import", "") == ["crossbar"]


def test_bash_is_told_what_goes_on_with_the_word_as_it_sees_it() -> None:
    assert answer("bash", BREAKS, "wampsup st")[1:4:2] == [
        "start\trun a fleet file, or start components of a running fleet",
        "status\tshow how components are",
    ]
    assert answer("bash", BREAKS, "x=1 ./wampsup profile a --format=s") == [NONE, "speedscope\t"]
    assert answer("bash", "", "wampsup profile a --format=s") == [NONE, "--format=speedscope\t"]
    assert answer("bash", BREAKS, "wampsup 'sta")[2].startswith("status\t")
    assert answer("bash", BREAKS, 'wampsup "a b" stop \\') == [NONE]


def test_others_are_told_all_words() -> None:
    assert len(answer("fish", "st")) == 1 + len(COMMANDS)
