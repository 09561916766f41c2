"""What can be typed, and what is told about what can't."""

from __future__ import annotations

import pytest

from wampsup.cli.arguments import is_fleet_file, parse
from wampsup.errors import UsageError


@pytest.mark.parametrize("name", ["edge.toml", "./edge", "configs/edge", "/etc/wampsup/edge.toml"])
def test_what_ends_in_toml_or_holds_a_separator_is_a_fleet_file(name: str) -> None:
    assert is_fleet_file(name)
    assert parse(["start", name]).file == name


@pytest.mark.parametrize("name", ["clock", "feed@1", "sensor-*", "tomlinson"])
def test_anything_else_is_a_component(name: str) -> None:
    assert not is_fleet_file(name)
    assert parse(["start", name]).file is None


COMMANDS = ("start", "stop", "status", "top", "show", "profile", "shutdown", "check", "init", "schema", "import")


def test_help_lists_the_commands_in_eighty_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for argv in (["--help"], *([command, "--help"] for command in COMMANDS)):
        with pytest.raises(SystemExit):
            parse(argv)
        told = capsys.readouterr().out
        assert max(map(len, told.splitlines())) < 80
        if argv == ["--help"]:
            assert "\ncommands:\n  COMMAND\n    start" in told


def test_which_fleet_may_be_said_before_and_after_the_command() -> None:
    assert parse(["--fleet", "edge", "status"]).fleet == "edge"
    assert parse(["status", "--fleet", "edge"]).fleet == "edge"
    assert parse(["status", "--socket", "/x"]).socket == "/x"


WRONG = {
    "no command": ([], "the following arguments are required: COMMAND"),
    "unknown command": (["stauts"], "unknown command `stauts`"),
    "unknown source": (["import", "supervisord", "x.conf"], "unknown source `supervisord`"),
    "two places": (["status", "--fleet", "a", "--socket", "b"], "`--fleet` and `--socket` exclude each other"),
    "nothing to start": (["start"], "`start` needs a fleet file, a component or `--all`"),
    "nothing to stop": (["stop"], "`stop` needs a component or `--all`"),
    "all and some": (["restart", "--all", "clock"], "`--all` takes no names"),
    "file and names": (["start", "a.toml", "clock"], "`start` takes one fleet file, or names of components"),
    "file elsewhere": (["start", "a.toml", "--fleet", "b"], "a fleet file says itself where its socket is"),
    "detached component": (["start", "clock", "--detach"], "`--detach` goes with a fleet file"),
    "nobody": (["status", ""], "argument NAME: a name can't be empty"),
    "nobody to show": (["show", ""], "argument NAME: a name can't be empty"),
    "nobody to stop": (["stop", "clock", ""], "argument NAME: a name can't be empty"),
    "nobody to start": (["start", ""], "argument FLEET.toml | NAME: a name can't be empty"),
    "nobody to look at": (["profile"], "the following arguments are required: NAME"),
    "two forms": (
        ["profile", "x", "--json", "--format", "speedscope"],
        "argument --format: not allowed with argument --json",
    ),
    "nobody to follow": (["events", "-f", ""], "argument NAME: a name can't be empty"),
    "no time": (["stop", "clock", "--timeout", "0"], "argument --timeout: `0` is no number of seconds above 0"),
    "not a time": (["stop", "clock", "--timeout", "x"], "argument --timeout: `x` is no number of seconds above 0"),
    "endless": (["stop", "clock", "--timeout", "nan"], "argument --timeout: `nan` is no number of seconds above 0"),
    "unknown option": (["status", "--jsn"], "unrecognized arguments: --jsn"),
    "abbreviated option": (["status", "--js"], "unrecognized arguments: --js"),
}


@pytest.mark.parametrize(("argv", "message"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_told_in_a_sentence(argv: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(argv)
    assert caught.value.message == message


@pytest.mark.parametrize("command", [["check", "x"], ["init"], ["schema"], ["import", "crossbar", "x"]])
def test_who_asks_no_running_fleet_takes_none(command: list[str]) -> None:
    told = f"`{command[0]}` asks no fleet that runs, so it takes neither `--fleet` nor `--socket`"
    for option in ("--fleet", "--socket"):
        with pytest.raises(UsageError) as caught:
            parse([option, "edge", *command])
        assert caught.value.message == told
        with pytest.raises(UsageError):
            parse([*command, option, "edge"])


def test_an_argument_error_says_where_help_is() -> None:
    with pytest.raises(UsageError) as caught:
        parse(["status", "--jsn"])
    assert caught.value.render().splitlines()[1] == "hint: `wampsup --help` shows how to use it"


def test_a_misspelt_command_is_recognized() -> None:
    for typed, hint in (("stauts", "did you mean `status`?"), ("x", "`wampsup --help` lists the commands")):
        with pytest.raises(UsageError) as caught:
            parse([typed])
        assert caught.value.hint == hint


def test_a_misspelt_source_is_recognized() -> None:
    hints = {"crosbar": "did you mean `crossbar`?", "systemd": "`wampsup import --help` lists the sources"}
    for typed, hint in hints.items():
        with pytest.raises(UsageError) as caught:
            parse(["import", typed, "config.json"])
        assert caught.value.hint == hint
