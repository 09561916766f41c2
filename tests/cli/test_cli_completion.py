"""Completion in the shells themselves, with the names of a fleet that runs."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from support.command import EXECUTABLE, environment, fleet, wampsup
from support.files import short_folder, write_fleet, write_module
from support.terminal import terminal
from support.waiting import wait_until
from wampsup.cli.manual.commands import MORE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.command import Fleet
    from support.terminal import Terminal

FLEET = """
    [supervisor]
    name = "edge"

    [defaults]
    transports = "rs://unix:nobody.sock"
    autostart = false

    [components.clock]
    main = "parts:main"

    [components.feed]
    main = "parts:main"
    instances = 2

    [components.kettle]
    main = "parts:main"
    group = "kitchen"

    [groups.kitchen]
"""
NAMES = {"clock", "feed@1", "feed@2", "kettle", "group:kitchen"}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with short_folder() as made:
        write_module(made, "def main(reactor, session): pass")
        write_fleet(made, FLEET)
        (made / "notes.txt").touch()
        (made / "more").mkdir()
        yield made


@pytest.fixture(scope="module")
def edge(folder: Path) -> Iterator[Fleet]:
    with fleet(folder / "fleet.toml") as running:
        yield running


def surroundings(edge: Fleet, folder: Path) -> dict[str, str]:
    """A shell of somebody who has set up nothing, and has `wampsup` on the path."""
    changes = {
        "PATH": f"{EXECUTABLE.parent}:/usr/bin:/bin",
        "HOME": str(folder / "more"),
        "ZDOTDIR": str(folder / "more"),
    }
    return environment({**edge.env, **changes})


@contextmanager
def shell(edge: Fleet, folder: Path, *command: str, setup: str = "") -> Iterator[Terminal]:
    """An interactive shell in that folder that completes; it is ready where it says so."""
    with terminal(command, env=surroundings(edge, folder) | {"TERM": "dumb"}, width=120, cwd=folder) as shown:
        shown.type(f"PS1='$ '; {setup}; echo rea''dy\n")
        shown.receives("ready\r\n")
        shown.receives("$ ", shown.output.index("ready\r\n"))
        yield shown


@pytest.fixture
def bash(edge: Fleet, folder: Path) -> Iterator[Terminal]:
    setup = "source <(wampsup completion bash)"
    with shell(edge, folder, "bash", "--norc", "--noprofile", "-i", setup=setup) as shown:
        yield shown


@pytest.fixture
def zsh(edge: Fleet, folder: Path) -> Iterator[Terminal]:
    setup = "autoload -U compinit; compinit -u -D; source <(wampsup completion zsh)"
    with shell(edge, folder, "zsh", "-f", "-i", setup=setup) as shown:
        yield shown


def completes(shown: Terminal, typed: str, line: str) -> None:
    """Press TAB behind what was typed, and wait until the line is that one; it is not run."""
    before = len(shown.output)
    shown.type(f"{typed}\t")
    wait_until(lambda: line_of(shown, before) == line, 20, f"the line {line!r}")


def line_of(shown: Terminal, before: int) -> str:
    """What stands on the line that was begun there, as far as it was written straight on."""
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x07", "", shown.output[before:]).rstrip("\r\n")
    line: list[str] = []
    for character in text:
        if character == "\b":
            line.pop()
        else:
            line.append(character)
    return "".join(line)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("wampsup stat", "wampsup status "),
        ("wampsup stop ke", "wampsup stop kettle "),
        ("wampsup stop clock gr", "wampsup stop clock group:kitchen "),
        ("wampsup stop group:k", "wampsup stop group:kitchen "),
        ("wampsup stop f", "wampsup stop feed@"),
        ("wampsup show feed@2", "wampsup show feed@2 "),
        ("wampsup status --fleet ed", "wampsup status --fleet edge "),
        ("wampsup --fleet=ed", "wampsup --fleet=edge "),
        ("wampsup stop --no-w", "wampsup stop --no-wait "),
        ("wampsup start fl", "wampsup start fleet.toml "),
        ("wampsup check fl", "wampsup check fleet.toml "),
        ("wampsup init mo", "wampsup init more/"),
        ("wampsup help exit", "wampsup help exit-codes "),
    ],
)
def test_bash_completes(bash: Terminal, typed: str, line: str) -> None:
    completes(bash, typed, line)


def test_bash_lists_what_there_is(bash: Terminal) -> None:
    bash.type("wampsup restart \t\t")
    bash.receives("group:kitchen")
    assert set(bash.output.split()) >= NAMES
    assert "notes.txt" not in bash.output


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("wampsup stat", "wampsup status "),
        ("wampsup stop ke", "wampsup stop kettle "),
        ("wampsup stop group:k", "wampsup stop group:kitchen "),
        ("wampsup stop f", "wampsup stop feed@"),
        ("wampsup status --fleet ed", "wampsup status --fleet edge "),
        ("wampsup stop --no-w", "wampsup stop --no-wait "),
        ("wampsup start fl", "wampsup start fleet.toml "),
        ("wampsup init mo", "wampsup init more/"),
    ],
)
def test_zsh_completes(zsh: Terminal, typed: str, line: str) -> None:
    completes(zsh, typed, line)


def test_zsh_lists_what_there_is_with_what_it_means(zsh: Terminal) -> None:
    zsh.type("wampsup restart \t")
    zsh.receives("group:kitchen")
    shown = zsh.output.replace("\r", "")
    assert re.search(r"feed@1 .*-- stopped", shown)
    assert re.search(r"group:kitchen +-- 1 components?", shown)


def fish(edge: Fleet, folder: Path, typed: str) -> dict[str, str]:
    """What fish offers, with what it says about it."""
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"wampsup completion fish | source; complete -C {typed!r}"],
        env=surroundings(edge, folder),
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == ""
    return dict([*line.split("\t"), ""][:2] for line in done.stdout.splitlines())


def test_fish_completes(edge: Fleet, folder: Path) -> None:
    assert fish(edge, folder, "wampsup stat") == {"status": "show how components are"}
    assert fish(edge, folder, "wampsup stop ") == dict.fromkeys(sorted(NAMES - {"group:kitchen"}), "stopped") | {
        "group:kitchen": "1 component"
    }
    assert set(fish(edge, folder, "wampsup stop feed")) == {"feed@1", "feed@2"}
    assert set(fish(edge, folder, "wampsup status --fleet=ed")) == {"--fleet=edge"}
    assert fish(edge, folder, "wampsup stop --no-w") == {"--no-wait": "return at once"}
    assert {name for name in fish(edge, folder, "wampsup start ") if name not in NAMES} == {"fleet.toml", "more/"}
    assert set(fish(edge, folder, "wampsup init ")) == {"more/"}


@pytest.mark.parametrize(
    ("shell", "place"),
    [
        ("bash", ".local/share/bash-completion/completions/wampsup"),
        ("zsh", ".zfunc/_wampsup"),
        ("fish", ".config/fish/completions/wampsup.fish"),
    ],
)
def test_what_help_says_of_its_installation_works_in_a_new_home(shell: str, place: str, tmp_path: Path) -> None:
    shown = MORE["completion"].split(f"\n  {shell:<5}", 1)[1]
    commands = [line.strip() for line in re.split(r"\n(?:  \w|\n)", shown)[0].splitlines() if "with `" not in line]
    env = environment({"HOME": str(tmp_path), "PATH": f"{EXECUTABLE.parent}:{os.environ['PATH']}"})
    subprocess.run([shell, "-c", "\n".join(commands)], env=env, check=True, cwd=tmp_path)
    made = (tmp_path / place).read_text()
    assert made == wampsup("completion", shell).out


def test_a_shell_that_finds_no_supervisor_is_told_nothing_at_all() -> None:
    nobody: dict[str, str | None] = {"XDG_RUNTIME_DIR": "/nonexistent"}
    for line in (["zsh", "stop", ""], ["fish", "--fleet", "edge", "stop", ""], ["fish", "--socket", "/no", "stop", ""]):
        done = wampsup("__complete", *line, env=nobody)
        assert (done.code, done.out, done.err) == (0, ":none\n", "")
    for nonsense in ([], ["bash"], ["bash", "a", "b", "c"], ["what", ""]):
        done = wampsup("__complete", *nonsense, env=nobody)
        assert (done.code, done.err) == (0, "")


def test_the_names_are_those_of_the_fleet_that_is_said(edge: Fleet) -> None:
    for place in (["--fleet", "edge"], [f"--fleet={'edge'}"], ["--socket", str(edge.socket)]):
        for line in ([*place, "stop", ""], ["stop", *place, ""]):
            assert "clock\tstopped" in edge.wampsup("__complete", "fish", *line).out.splitlines()
    assert edge.wampsup("__complete", "fish", "--fleet", "other", "stop", "").out == ":none\n"
