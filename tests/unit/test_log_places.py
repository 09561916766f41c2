"""What is wrong with the places of the log files is found before anything is written there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from support.files import short_folder, write_fleet
from wampsup.config import load
from wampsup.log_places import log_clashes, log_mistakes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOBODY = 65534


class Place:
    """A fleet whose log goes to `path`, and what is told of that."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "ticket").write_text("secret")
        (folder / "more.part").write_text("")

    def told(self, path: str, components: str = "") -> list[str]:
        """What a check tells; what begins with `!` keeps the fleet from its start."""
        text = f"""
            [supervisor]
            log_file = {path if path.startswith("{ ") else f'"{path}"'}
            include = ["*.part"]
            socket = "c.sock"
            [router]
            listen = ["ws://127.0.0.1:0/ws", "rs://unix:r.sock"]
            [components.clock]
            main = "m:f"
            authentication.ticket = {{ authid = "a", ticket = {{ file = "ticket" }} }}
            {components}
        """
        fleet_file = load(write_fleet(self.folder, text))
        environ = {"XDG_RUNTIME_DIR": str(self.folder)}
        clashes = list(log_clashes(fleet_file, environ))
        before = sorted(self.folder.iterdir())
        mistakes = list(log_mistakes(fleet_file, environ))
        assert sorted(self.folder.iterdir()) == before
        assert all(mistake.path == ("supervisor", "log_file") for mistake in mistakes)
        return [("!" if clashes else "") + mistake.message.replace(f"{self.folder}/", "") for mistake in mistakes]


@pytest.fixture
def place(short_path: Path) -> Place:
    short_path.chmod(0o700)
    return Place(short_path)


@pytest.mark.parametrize(
    "path", ["edge.log", "log/edge.log", "{component}.log", "log/{component}.log", "/dev/shm/x.log"]
)
def test_nothing_is_wrong_and_nothing_is_made(place: Place, path: str) -> None:
    assert place.told(path) == []


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("fleet.toml", "`fleet.toml` is a file of the fleet"),
        ("../{folder}/fleet.toml", "`fleet.toml` is a file of the fleet"),
        ("more.part", "`more.part` is a file of the fleet"),
        ("ticket", "`ticket` is a file of the fleet"),
        ("c.sock", "`c.sock` is a socket of the fleet, or its lock"),
        ("c.lock", "`c.lock` is a socket of the fleet, or its lock"),
        ("wampsup/fleet.lock", "`wampsup/fleet.lock` is a socket of the fleet, or its lock"),
        ("r.sock", "`r.sock` is a socket of the fleet, or its lock"),
    ],
)
def test_no_log_goes_to_what_the_fleet_is_made_of(place: Place, path: str, what: str) -> None:
    assert place.told(path.replace("{folder}", place.folder.name)) == [f"!{what}: no log can be written there"]


def test_no_components_log_goes_there_either(place: Place) -> None:
    assert place.told("{component}.toml", '[components.fleet]\nmain = "m:f"') == [
        "!`fleet.toml` is a file of the fleet: no log can be written there"
    ]


def test_no_older_log_goes_there_either(place: Place) -> None:
    (place.folder / "log.2").write_text("secret")
    other = '[components.x]\nmain = "m:f"\nauthentication.ticket = { authid = "a", ticket = { file = "log.2" } }'
    assert place.told("log", other) == ["!`log.2` is a file of the fleet: no log can be written there"]
    assert place.told('{ path = "log", backups = 1 }', other) == []


def test_a_component_whose_file_another_one_would_move_its_own_to(place: Place) -> None:
    other = '[components."clock.1"]\nmain = "m:f"'
    assert place.told("log/{component}", other) == [
        "!`log/clock.1` would be a component's log, and an older one of another's"
    ]
    assert place.told("log/{component}.log", other) == []
    assert place.told('{ path = "log/{component}", backups = 0 }', other) == []


@pytest.mark.parametrize(
    ("make", "path", "why"),
    [
        (lambda _folder: None, "a/b/edge.log", "`a/b/edge.log`: there is no folder `a`"),
        (lambda folder: (folder / "a").touch(), "a/edge.log", "`a/edge.log`: there is no folder `a`"),
        (lambda folder: (folder / "a").mkdir(), "a", "`a`: it is a folder"),
        (lambda folder: os.mkfifo(folder / "a"), "a", "`a`: it is no regular file"),
        (lambda folder: (folder / "a").symlink_to("b"), "a", "`a`: it is a symbolic link"),
        (lambda folder: (folder / "x.log").mkdir(), "{component}.log", "`x.log`: it is a folder"),
    ],
)
def test_what_keeps_a_log_from_being_written(place: Place, make: Callable[[Path], None], path: str, why: str) -> None:
    make(place.folder)
    assert place.told(path, '[components.x]\nmain = "m:f"') == [f"the log can't be written to {why}"]


@pytest.fixture
def nobody_s() -> Iterator[Place]:
    """A place of a user who is not root, who looks at it."""
    with short_folder() as folder:
        place = Place(folder)
        if os.geteuid() != 0:
            yield place
            return
        for path in (place.folder, *place.folder.iterdir()):
            os.chown(path, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, 0)
        try:
            yield place
        finally:
            os.setresuid(0, 0, 0)


def test_what_this_user_cannot_write_to(nobody_s: Place) -> None:
    log = nobody_s.folder / "log/edge.log"
    log.parent.mkdir()
    log.parent.chmod(0o500)
    no_folder = "the log can't be written to `log/edge.log`: this user can't write to the folder `log`"
    assert nobody_s.told("log/edge.log") == [no_folder]
    log.parent.chmod(0o700)
    log.touch(0o400)
    assert nobody_s.told("log/edge.log") == ["the log can't be written to `log/edge.log`: this user can't write to it"]
    log.chmod(0o600)
    log.parent.chmod(0o500)
    assert nobody_s.told('{ path = "log/edge.log", max_bytes = 0 }') == []
    assert nobody_s.told("log/edge.log") == [no_folder]
    log.parent.chmod(0o700)
