"""Whatever components, files and arguments hold: nothing of it reaches the terminal that the terminal would obey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.command import fleet
from support.files import short_folder, write_fleet, write_module
from support.hostile import HOSTILE, obeyed, seen
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.command import Fleet

REALM = "".join(char for char in HOSTILE if not char.isspace() and char not in "\x00\x1c\x1d\x1e\x1f\x85")

PARTS = f"""
    import logging
    import sys
    import warnings

    from autobahn.wamp.exception import ApplicationError
    from twisted.internet.defer import Deferred, fail
    from twisted.logger import Logger

    HOSTILE = {HOSTILE!r}

    def raises(reactor, session):
        raise ValueError(HOSTILE)

    def refused(reactor, session):
        raise ApplicationError("com.example.error", HOSTILE)

    class Odd(Exception):
        pass

    Odd.__name__ = Odd.__qualname__ = HOSTILE.replace("\\0", "")

    def odd(reactor, session):
        raise Odd(HOSTILE)

    async def talks(reactor, session):
        print(HOSTILE)
        print(HOSTILE, file=sys.stderr)
        logging.getLogger(HOSTILE).error("%s", HOSTILE)
        Logger(namespace="shop").info("{{text}}", text=HOSTILE)
        warnings.warn(HOSTILE)
        fail(ValueError(HOSTILE))
        reactor.callLater(3600, lambda: None)
        await Deferred()
"""

FLEET = """
    [supervisor]
    name = "edge"

    [router]
    listen = "rs://unix:r.sock"
    realms = ["realm1", {realm}]

    [defaults]
    transports = "rs://unix:r.sock"
    restart = {{ policy = "never" }}

    [components.raises]
    main = "parts:raises"

    [components.refused]
    main = "parts:refused"

    [components.odd]
    main = "parts:odd"

    [components.talks]
    main = "parts:talks"

    [components.elsewhere]
    main = "parts:talks"
    realm = {realm}
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with short_folder() as made:
        write_module(made, PARTS)
        yield made


@pytest.fixture(scope="module")
def edge(folder: Path) -> Iterator[Fleet]:
    realm = '"' + "".join(f"\\U{ord(char):08x}" for char in REALM) + '"'
    with fleet(write_fleet(folder, FLEET.format(realm=realm))) as running:
        for name in ("raises", "refused", "odd"):
            running.until(name, "failed")
        wait_until(lambda: "unhandled error" in running.err, 10)
        yield running


COMMANDS = [
    ["status"],
    *(["show", name] for name in ("raises", "refused", "odd", "talks", "elsewhere")),
    ["logs"],
    ["events"],
    ["start", "raises"],
    ["restart", "odd"],
    ["stop", "elsewhere"],
    ["reload", "--dry-run"],
]


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_a_fleet_says_steers_no_terminal(edge: Fleet, command: list[str], *, colour: bool) -> None:
    shown = seen(*command, env=edge.env, colour=colour)
    assert shown
    assert obeyed(shown) == []
    assert "\x1b[2J" not in shown
    assert "\x1b[32mfake" not in shown


@pytest.mark.parametrize("command", [["status"], ["show", "raises"], ["logs"], ["events"]], ids=" ".join)
def test_nor_does_it_in_json(edge: Fleet, command: list[str]) -> None:
    shown = seen(*command, "--json", env=edge.env)
    assert shown
    assert obeyed(shown) == []


def test_the_log_of_a_fleet_steers_no_terminal(edge: Fleet) -> None:
    assert r"\x1b[2J\x1b]0;owned\x07" in edge.err
    assert obeyed(edge.err) == []


ARGUMENT = HOSTILE.replace("\x00", "")

ARGUMENTS = [
    [ARGUMENT],
    [f"--{ARGUMENT}"],
    ["status", ARGUMENT],
    ["show", ARGUMENT],
    ["start", ARGUMENT],
    ["start", f"{ARGUMENT}.toml"],
    ["start", f"{ARGUMENT}.toml", "--detach"],
    ["check", f"{ARGUMENT}.toml"],
    ["check", "--json", f"{ARGUMENT}.toml"],
    ["status", "--socket", ARGUMENT],
    ["status", "--fleet", ARGUMENT],
    ["status", "--timeout", ARGUMENT],
    ["logs", "-n", ARGUMENT],
    ["profile", "talks", "--seconds", ARGUMENT],
    ["init", f"nowhere/{ARGUMENT}/x"],
    ["import", "crossbar", ARGUMENT],
]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=lambda arguments: " ".join(arguments).split("\x1b")[0])
def test_what_was_typed_steers_no_terminal(edge: Fleet, tmp_path: Path, arguments: list[str]) -> None:
    shown = seen(*arguments, env=edge.env, cwd=tmp_path)
    assert shown
    assert obeyed(shown) == []


def test_bytes_that_are_no_text_steer_no_terminal(edge: Fleet, tmp_path: Path) -> None:
    for command in ("status", "check", "start"):
        shown = seen(command, b"\x9b31m\xff\x1b[2J.toml", env=edge.env, cwd=tmp_path)
        assert shown
        assert obeyed(shown) == []


@pytest.mark.parametrize("command", ["check", "start"])
@pytest.mark.parametrize(
    "text",
    [
        '[components.a]\nmain = "m:f"\n"{hostile}" = 1\n',
        "[components.a]\nmain = 'm:f' # {raw}\nrealm = 1 # {raw}\n",
        '[components."{hostile}"]\nmain = "m:f"\n',
        '[components.a]\nmain = "m:{hostile}"\n',
        '[components.a]\nmain = "m:f"\ntransports = "ws://{hostile}"\n',
        '[components.a]\nmain = "m:f"\nafter = "{hostile}"\n',
        '[supervisor]\ninclude = ["{hostile}*"]\nsocket_group = "{hostile}"\nhttp = "{hostile}"\n',
        "[components.a\n{raw}",
    ],
)
def test_a_hostile_file_with_a_hostile_name_steers_no_terminal(tmp_path: Path, text: str, command: str) -> None:
    escaped = "".join(f"\\U{ord(char):08x}" for char in HOSTILE if char != "\x00")
    raw = "".join(char for char in HOSTILE if char.isprintable() or char in "\u202e\u2066\x9b\u200b\ufeff")
    path = tmp_path / f"{ARGUMENT}.toml"
    path.write_text(text.format(hostile=escaped, raw=raw), encoding="utf-8")
    shown = seen(command, path, env={"XDG_RUNTIME_DIR": str(tmp_path)}, cwd=tmp_path)
    assert "error: " in shown
    assert obeyed(shown) == []
