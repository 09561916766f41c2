"""`wampsup init`: a fleet that runs as it is."""

from __future__ import annotations

import os
import re
import resource
import subprocess
from typing import TYPE_CHECKING

import pytest
import tomli
from jsonschema import Draft7Validator

from support.command import EXECUTABLE, environment, fleet, wampsup
from wampsup.config import load
from wampsup.config.json_schema import fleet_schema, fleet_schema_text

if TYPE_CHECKING:
    from pathlib import Path

    from support.command import Fleet, Result
    from support.crossbar import Crossbar

NAMES = ["components.py", "fleet.schema.json", "fleet.toml"]


@pytest.fixture
def home(short_path: Path) -> Path:
    """The folder in which it is told to make one."""
    return short_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refused(done: Result, message: str) -> None:
    assert (done.code, done.out, done.err) == (1, "", message)


def shows_what_it_is_for(running: Fleet) -> None:
    for name, state in (("greeter", "running"), ("clock", "running"), ("visitor", "completed")):
        running.until(name, state)
    assert "[visitor] Hello, visitor!" in running.err
    status = running.wampsup("status").out
    assert "3 components: 2 running, 1 completed" in status


# What it writes runs


def test_a_fleet_that_runs_as_it_is(home: Path) -> None:
    done = wampsup("init", "shop", cwd=home)
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        "wrote shop/fleet.toml, shop/components.py, shop/fleet.schema.json\n"
        "run it: wampsup start shop/fleet.toml\n"
        "ask it, in a second terminal: wampsup status\n"
    )
    assert names(home / "shop") == NAMES
    checked = wampsup("check", "shop/fleet.toml", cwd=home)
    assert (checked.code, checked.err) == (0, "")
    with fleet(home / "shop/fleet.toml") as running:
        shows_what_it_is_for(running)
        assert "rs://unix:" in running.component("clock")["transport"]
        running.wampsup("start", "visitor")
        running.until("visitor", "completed")
        running.wampsup("stop", "greeter")
        assert running.wampsup("start", "visitor", "--no-wait").code == 0
        running.until("visitor", "waiting")
    assert "rror" not in running.err
    assert "warn" not in running.err


def test_here_is_a_folder_too(home: Path) -> None:
    done = wampsup("init", cwd=home)
    assert (done.code, done.err.splitlines()[1]) == (0, "run it: wampsup start fleet.toml")
    assert names(home) == NAMES


def test_a_folder_for_which_a_unix_socket_has_a_path_too_long_gets_a_port(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 20) / "shop"
    assert wampsup("init", folder).code == 0
    with fleet(folder / "fleet.toml") as running:
        shows_what_it_is_for(running)
        assert re.match(r"ws://127\.0\.0\.1:8\d+/ws", running.component("clock")["transport"])


def test_it_runs_on_a_real_router_once_its_own_is_taken_away_as_its_comments_say(
    home: Path, crossbar: Crossbar
) -> None:
    wampsup("init", home)
    path = home / "fleet.toml"
    text = re.sub(r"\[router\]\nlisten = .*\nrealms = .*\n", "", path.read_text())
    path.write_text(text.replace("rs://unix:router.sock", crossbar.websocket_url))
    with fleet(path) as running:
        shows_what_it_is_for(running)
        assert "embedded" not in running.err


def test_what_it_tells_to_type_can_be_typed(home: Path) -> None:
    for folder, fleet_file in (("-x", "./-x/fleet.toml"), ("a b", "'a b/fleet.toml'")):
        done = wampsup("init", "--", folder, cwd=home)
        assert done.err.splitlines()[1] == f"run it: wampsup start {fleet_file}"


# What its files say


@pytest.fixture
def text(home: Path) -> str:
    """The fleet file that it writes into a folder called `shop`."""
    assert wampsup("init", home / "shop").code == 0
    return (home / "shop/fleet.toml").read_text()


def test_an_editor_finds_its_schema(home: Path, text: str) -> None:
    first = text.partition("\n")[0]
    schema = home / "shop" / first.removeprefix("#:schema ")
    assert schema.read_text() == fleet_schema_text()
    Draft7Validator(fleet_schema()).validate(tomli.loads(text))


def taking(text: str, line: str) -> str:
    """The text with a line that it only suggests, in the place of one that says the same key."""
    before, after = text.split(line)
    above, header, table = before.rpartition("\n[")
    table = re.sub(rf"^{re.escape(line.split()[1])} = .*\n", "", table, flags=re.MULTILINE)
    return above + header + table + line.removeprefix("# ") + after


def test_what_it_suggests_in_comments_is_right_as_well(home: Path, text: str) -> None:
    suggested = re.findall(r"^# [\w.]+ = .*$", text, re.MULTILINE)
    assert len(suggested) >= 7
    for line in suggested:
        path = home / "shop/fleet.toml"
        path.write_text(taking(text, line))
        assert load(path, {"TICKET": "s3cret"}).spec.components
        Draft7Validator(fleet_schema()).validate(tomli.loads(path.read_text()))


def test_its_lines_fit_a_terminal(text: str) -> None:
    assert max(map(len, text.splitlines())) <= 110


def test_the_fleet_is_called_after_its_folder_where_that_will_do(home: Path) -> None:
    for folder, name in (("shop", "shop"), ("edge-1.b", "edge-1.b"), ("my shop", "fleet"), ("x.toml", "fleet")):
        assert wampsup("init", home / folder).code == 0
        assert load(home / folder / "fleet.toml", {}).spec.supervisor.name == name
    (home / "shop").joinpath("deep").mkdir()
    assert wampsup("init", ".", cwd=home / "shop/deep").code == 0
    assert load(home / "shop/deep/fleet.toml", {}).spec.supervisor.name == "deep"
    assert wampsup("init", home / ("n" * 100)).code == 0  # a socket's path would not hold it
    assert load(home / ("n" * 100) / "fleet.toml", {}).spec.supervisor.name == "fleet"


def test_others_can_change_its_files_under_no_umask(home: Path) -> None:
    subprocess.run(["/bin/sh", "-c", 'umask 0 && "$0" init a/b', EXECUTABLE], cwd=home, check=True, capture_output=True)
    for path in (home / "a", home / "a/b", *(home / "a/b").iterdir()):
        assert path.stat().st_mode & 0o022 == 0


# What it leaves alone


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_overwritten_and_nothing_written_beside_it(home: Path, name: str) -> None:
    (home / name).write_text("mine")
    done = wampsup("init", cwd=home)
    hint = "hint: name another folder: `wampsup init DIR`\n"
    refused(done, f"error: `{name}` is there already, and nothing is overwritten\n{hint}")
    assert names(home) == [name]
    assert (home / name).read_text() == "mine"


def test_all_that_is_there_is_told_at_once(home: Path) -> None:
    assert wampsup("init", "shop", cwd=home).code == 0
    before = {path: path.stat() for path in (home / "shop").iterdir()}
    done = wampsup("init", "shop", cwd=home)
    assert done.code == 1
    told = "`shop/fleet.toml`, `shop/components.py`, `shop/fleet.schema.json` are there already"
    assert done.err.startswith(f"error: {told}, and nothing is overwritten\nhint: ")
    assert {path: path.stat() for path in (home / "shop").iterdir()} == before


def test_a_link_to_nowhere_is_not_followed(home: Path) -> None:
    (home / "components.py").symlink_to(home / "elsewhere.py")
    assert wampsup("init", cwd=home).err.startswith("error: `components.py` is there already")
    assert names(home) == ["components.py"]


def test_a_package_that_would_hide_the_module_is_told(home: Path) -> None:
    (home / "components").mkdir()
    (home / "components/__init__.py").touch()
    assert wampsup("init", cwd=home).err.startswith("error: `components/__init__.py` is there already")
    assert names(home) == ["components"]


def test_folders_above_it_are_made_too(home: Path) -> None:
    assert wampsup("init", "a/b/c", cwd=home).code == 0
    assert names(home / "a/b/c") == NAMES


# Where it cannot


def test_a_file_is_no_folder(home: Path) -> None:
    (home / "shop").touch()
    refused(wampsup("init", "shop", cwd=home), "error: `shop` is no folder\n")
    refused(wampsup("init", "shop/x", cwd=home), "error: cannot write a fleet into `shop/x`: not a directory\n")
    assert names(home) == ["shop"]


def test_a_folder_that_takes_no_files(home: Path) -> None:
    refused(wampsup("init", "/proc"), "error: cannot write a fleet into `/proc`: no such file or directory\n")
    long = "n" * 300
    refused(wampsup("init", long, cwd=home), f"error: cannot write a fleet into `{long}`: file name too long\n")


def test_a_folder_without_a_name() -> None:
    done = wampsup("init", "")
    assert (done.code, done.err.splitlines()[0]) == (2, "error: argument DIR: a name can't be empty")


def test_where_the_disk_is_full_nothing_is_left(home: Path) -> None:
    """A limit on the size of files that the first two keep and the third does not; nor do measurements of coverage."""
    done = subprocess.run(
        [EXECUTABLE, "init", "a/b"],
        cwd=home,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[0] == "error: cannot write a fleet into `a/b`: file too large"
    assert os.listdir(home) == []  # noqa: PTH208 - all of it, also what begins with a dot
