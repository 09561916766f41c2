"""`wampsup check`: all that `start` would find, and nothing started."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from support.command import Result, wampsup
from support.files import write_fleet, write_module

if TYPE_CHECKING:
    from collections.abc import Sequence

PARTS = """
    def main(reactor, session): ...
"""
FINE = """
    [components.clock]
    main = "parts:main"

    [components.feed]
    main = "parts:main"
    instances = 2
"""
WRONG = """
    [supervisor]
    socket = "nowhere/c.sock"

    [components.clock]
    main = "parts:mian"

    [components.feed]
    main = "broken:main"
    transports = { url = "ws://127.0.0.1:1/ws", options = { auto_ping_intervall = 3 } }
"""


def check(folder: Path, text: str, *arguments: str) -> Result:
    write_module(folder, PARTS)
    write_module(folder, "raise ValueError('not today')", "broken")
    return wampsup("check", write_fleet(folder, text), *arguments, env={"XDG_RUNTIME_DIR": str(folder)})


def words(err: str) -> Sequence[str]:
    return [line.removeprefix("error: ") for line in err.splitlines() if line.startswith("error: ")]


def test_a_fleet_that_can_start(tmp_path: Path) -> None:
    assert check(tmp_path, FINE) == Result(code=0, out="ok: fleet `fleet`, 3 components\n", err="")
    assert not (tmp_path / "wampsup").exists()


def test_a_fleet_that_can_start_in_json(tmp_path: Path) -> None:
    result = check(tmp_path, FINE, "--json")
    assert (result.code, result.err) == (0, "")
    assert result.json == {
        "ok": True,
        "fleet": "fleet",
        "components": ["clock", "feed@1", "feed@2"],
        "errors": [],
        "warnings": [],
    }


def test_mistakes_in_the_file_and_in_what_it_refers_to_are_those_of_start(tmp_path: Path) -> None:
    result = check(tmp_path, WRONG)
    assert (result.code, result.out) == (5, "")
    assert words(result.err) == [
        f"the control socket can't be `{tmp_path}/nowhere/c.sock`: there is no folder `{tmp_path}/nowhere`",
        "`main` of component `clock`: module `parts` has no `mian`",
        "`main` of component `feed`: module `broken` does not import: ValueError: not today (broken.py, line 1)",
        "unknown option `auto_ping_intervall` in transport `ws://127.0.0.1:1/ws` of component `feed`",
    ]


def test_mistakes_in_json_have_their_places(tmp_path: Path) -> None:
    result = check(tmp_path, WRONG, "--json")
    assert (result.code, result.err, result.json["ok"]) == (5, "", False)
    fleet = str(tmp_path / "fleet.toml")
    places = [(error["file"], error["line"], error["column"]) for error in result.json["errors"]]
    assert places[:3] == [(fleet, 2, 10), (fleet, 5, 8), (fleet, 8, 8)]
    assert places[3][:2] == (fleet, 9)
    assert result.json["errors"][1]["text"].splitlines()[3] == '5 | main = "parts:mian"'


def test_no_file_is_told_in_a_sentence_or_in_json(tmp_path: Path) -> None:
    path = tmp_path / "no.toml"
    assert wampsup("check", path) == Result(code=5, out="", err=f"error: no fleet file at `{path}`\n")
    document = wampsup("check", path, "--json").json
    assert [error["message"] for error in document["errors"]] == [f"no fleet file at `{path}`"]


def test_what_modules_print_is_no_data(tmp_path: Path) -> None:
    write_module(
        tmp_path, "import os\nprint('hello')\nos.system('echo world')\ndef main(reactor, session): ...", "loud"
    )
    result = check(tmp_path, '[components.x]\nmain = "loud:main"\n', "--json")
    assert result.json["ok"]
    assert set(result.err.splitlines()) == {"hello", "world"}


def test_a_module_that_begins_a_thread_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    source = """
        import threading
        threading.Thread(target=threading.Event().wait).start()
        def main(reactor, session): ...
    """
    write_module(tmp_path, source, "threads")
    result = check(tmp_path, '[components.x]\nmain = "threads:main"\n')
    assert (result.code, result.out) == (0, "ok: fleet `fleet`, 1 component\n")


def test_what_others_can_change_is_told_and_root_does_not_start_it(tmp_path: Path) -> None:
    write_fleet(tmp_path, FINE).chmod(0o646)
    said = f"everybody can change `{tmp_path}/fleet.toml` (mode 0646)"
    hint = f"hint: chmod o-w {tmp_path}/fleet.toml"
    checked = check(tmp_path, FINE)
    if os.geteuid() == 0:
        refused = f"error: {said}, and root runs nothing that others can change\n{hint}\n"
        assert checked == Result(code=5, out="", err=refused)
        assert wampsup("start", tmp_path / "fleet.toml") == Result(code=5, out="", err=refused)
    else:
        warned = f"warning: {said}\n{hint}\n"
        assert checked == Result(code=0, out="ok: fleet `fleet`, 3 components\n", err=warned)


def test_a_secret_that_everybody_can_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret-token")
    (tmp_path / "token").chmod(0o644)
    text = '[components.x]\nmain = "parts:main"\nextra.token.file = "token"\n'
    said = f"everybody can read the secret in `{tmp_path}/token`"
    assert check(tmp_path, text).err == f"warning: {said}\nhint: chmod o-r {tmp_path}/token\n"
    assert check(tmp_path, text, "--json").json["warnings"] == [
        {"message": said, "hint": f"chmod o-r {tmp_path}/token"}
    ]


def test_twelve_mistakes_give_twelve_messages_each_at_its_own_line(tmp_path: Path) -> None:
    text = dedent("""\
        [supervisor]
        name = "the fleet"
        log_levl = "debug"

        [router]
        listen = "http://127.0.0.1:8080/ws"

        [defaults]
        restart = { policy = "allways" }

        [groups.kitchen]
        strategy = "one-by-one"

        [components.kettle]
        main = "parts.main"
        requires = "stove"
        restart = { initial_delay = 9, max_delay = 3 }
        transports = { url = "ws://127.0.0.1:1/ws", serializer = "cbor" }

        [components.waiter]
        mian = "parts:main"

        [components."two words"]
        main = "parts:main"
        group = "kitchens"
    """)
    result = check(tmp_path, text)
    assert result.code == 5
    lines = [int(line.split(":")[-2]) for line in result.err.splitlines() if "-->" in line]
    assert lines == [2, 3, 6, 9, 12, 15, 16, 17, 18, 21, 23, 25]
    assert len(words(result.err)) == len(lines)


def test_it_has_no_log_to_point_at(tmp_path: Path) -> None:
    for level in ("debug", "info"):
        text = f'[supervisor]\nlog_level = "{level}"\n[components.x]\nmain = "broken:main"\n'
        result = check(tmp_path, text)
        assert result.code == 5
        assert "ValueError: not today" in result.err
        assert "hint: " not in result.err
        assert "Traceback" not in result.err


def test_whatever_a_module_does_is_told_in_a_sentence(tmp_path: Path) -> None:
    sources = {
        "runs": "from twisted.internet import reactor\nreactor.run()",
        "exits": "import sys\nsys.exit(4)",
        "odd": "class Odd(BaseException):\n    def __str__(self): raise ValueError\nraise Odd",
        "late": "async def make(): ...",
        "shut": "import sys\nsys.stdout.close()\nsys.stderr.close()\nraise ValueError('dry')",
    }
    for name, source in sources.items():
        write_module(tmp_path, source, name)
    text = """
        [components.a]
        main = "exits:main"
        is_fatal = ["runs.q.Error", "exits.q.Error", "odd.Error"]
        [components.b]
        component = "late:make"
        [components.c]
        main = "shut:main"
    """
    result = check(tmp_path, text)
    assert (result.code, result.out) == (5, "")
    assert words(result.err) == [
        "`main` of component `a`: module `exits` does not import: SystemExit: 4 (exits.py, line 2)",
        (
            "`is_fatal` of component `a`: module `runs.q` runs the reactor when it is imported: "
            'put `run(...)` under `if __name__ == "__main__":`'
        ),
        "`is_fatal` of component `a`: module `exits.q` does not import: SystemExit: 4 (exits.py, line 2)",
        "`is_fatal` of component `a`: module `odd` does not import: Odd: <exception str() failed> (odd.py, line 3)",
        "`component` of component `b`: `late:make` is async, and has to return its Component at once",
        "`main` of component `c`: module `shut` does not import: ValueError: dry (shut.py, line 4)",
    ]
    assert len(result.err.split("error: ")) == 7
    assert "Traceback" not in result.err
    assert "never awaited" not in result.err


@pytest.mark.parametrize("arguments", [[], ["a.toml", "b.toml"], ["--all"]])
def test_it_takes_one_file(arguments: list[str]) -> None:
    result = wampsup("check", *arguments)
    assert (result.code, result.out) == (2, "")


def test_the_fleets_of_this_project_can_start() -> None:
    for path in sorted((Path(__file__).parents[2] / "configs").glob("*.toml")):
        assert wampsup("check", path).code == 0
