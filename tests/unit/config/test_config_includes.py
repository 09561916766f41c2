"""Fleets of several files: which files, in which order, and what is wrong with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wampsup.config import FleetFile, load
from wampsup.errors import FleetFileError
from wampsup.model.spec import Mistake, TcpEndpoint, TlsSpec, UnixEndpoint

MAIN = '[supervisor]\ninclude = ["conf.d/*.toml"]\n'


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def component(name: str, more: str = "") -> str:
    return f'[components.{name}]\nmain = "m:f"\n{more}'


def names(fleet_file: FleetFile) -> list[str]:
    return [one.name for one in fleet_file.spec.components]


def refusal(path: str = "edge.toml") -> FleetFileError:
    with pytest.raises(FleetFileError) as caught:
        load(Path(path))
    return caught.value


def told(path: str = "edge.toml") -> list[str]:
    """`FILE:LINE:COLUMN MESSAGE` of each mistake."""
    lines = []
    for mistake in refusal(path).mistakes:
        first, place, *_ = mistake.render().splitlines()
        lines.append(f"{place.strip().removeprefix('--> ')} {first.removeprefix('error: ')}")
    return lines


def test_the_files_come_in_the_order_of_the_list_and_those_of_a_pattern_by_name(folder: Path) -> None:
    write("edge.toml", '[supervisor]\ninclude = ["z.toml", "conf.d/*.toml"]\n' + component("first"))
    write("z.toml", component("second"))
    write("conf.d/10-b.toml", component("third"))
    write("conf.d/20-a.toml", component("fourth"))
    fleet_file = load(Path("edge.toml"))
    assert names(fleet_file) == ["first", "second", "third", "fourth"]
    assert fleet_file.included == (folder / "z.toml", folder / "conf.d/10-b.toml", folder / "conf.d/20-a.toml")


def test_a_file_that_several_patterns_match_counts_once_and_the_fleet_file_itself_not_at_all(folder: Path) -> None:
    write("edge.toml", '[supervisor]\ninclude = ["a.toml", "*.toml", "a.toml"]\n')
    write("a.toml", component("a"))
    assert names(load(Path("edge.toml"))) == ["a"]


def test_a_pattern_may_match_nothing_and_passes_over_folders_and_hidden_files(folder: Path) -> None:
    write("edge.toml", MAIN + component("a"))
    assert names(load(Path("edge.toml"))) == ["a"]
    write("conf.d/.hidden.toml", "not = [")
    (folder / "conf.d/folder.toml").mkdir()
    assert names(load(Path("edge.toml"))) == ["a"]


def test_a_pattern_may_be_absolute_and_may_reach_down(folder: Path) -> None:
    write("edge.toml", f'[supervisor]\ninclude = ["{folder}/deep/**/*.toml"]\n')
    write("deep/a.toml", component("a"))
    write("deep/er/b.toml", component("b"))
    assert sorted(names(load(Path("edge.toml")))) == ["a", "b"]


def test_a_pattern_may_name_an_environment_variable(folder: Path) -> None:
    write("edge.toml", '[supervisor]\ninclude = ["${SITE}.toml"]\n')
    write("paris.toml", component("a"))
    assert names(load(Path("edge.toml"), {"SITE": "paris"})) == ["a"]


def test_all_tables_may_stand_in_any_file_and_defaults_are_those_of_the_whole_fleet(folder: Path) -> None:
    write("edge.toml", MAIN + 'log_level = "debug"\n[defaults]\nrealm = "r"\n' + component("a"))
    write(
        "conf.d/x.toml",
        '[supervisor]\nname = "shop"\n[router]\nlisten = "ws://127.0.0.1:1/"\n'
        '[defaults]\nstart_timeout = 3\n[groups.g]\nstrategy = "one-for-all"\n'
        + component("b", 'group = "g"\nrequires = "a"\n'),
    )
    spec = load(Path("edge.toml")).spec
    assert (spec.supervisor.name, spec.supervisor.log_level) == ("shop", "debug")
    assert spec.router is not None
    assert [group.name for group in spec.groups] == ["g"]
    assert {(one.name, one.realm, one.start_timeout, one.requires) for one in spec.components} == {
        ("a", "r", 3.0, ()),
        ("b", "r", 3.0, ("a",)),
    }


def test_paths_are_relative_to_the_file_that_they_stand_in(folder: Path) -> None:
    write("edge.toml", MAIN + 'python_path = ["lib"]\n' + component("a"))
    write(
        "conf.d/x.toml",
        '[supervisor]\nsocket = "s.sock"\n[router]\nlisten = "rs://unix:r.sock"\n'
        '[defaults]\ntransports = "rs://unix:d.sock"\n'
        + component("b", 'transports = { url = "wss://h/", endpoint.host = "h", endpoint.port = 1, ')
        .rstrip()
        .removesuffix(",")
        + ', endpoint.tls.trust_root = "ca.pem" }\n',
    )
    spec = load(Path("edge.toml")).spec
    assert spec.supervisor.python_path == (folder, folder / "lib")
    assert spec.supervisor.socket == folder / "conf.d/s.sock"
    assert spec.router is not None
    assert spec.router.listen == (f"rs://unix:{folder}/conf.d/r.sock",)
    first, second = (one.transports for one in spec.components)
    assert first is not None
    assert second is not None
    assert first[0].endpoint == UnixEndpoint(path=f"{folder}/conf.d/d.sock")
    tls = TlsSpec(trust_root=(folder / "conf.d/ca.pem",))
    assert second[0].endpoint == TcpEndpoint(host="h", port=1, tls=tls)


def test_what_is_given_twice_is_a_mistake_that_names_both_files(folder: Path) -> None:
    write("edge.toml", MAIN + 'name = "one"\n[defaults]\nrealm = "r"\n' + component("a"))
    write(
        "conf.d/x.toml",
        '[supervisor]\nname = "two"\n[defaults]\nrealm = "s"\n[components.a.restart]\ngrowth = 2\n'
        "[groups.g]\n[groups.h]\n",
    )
    write("conf.d/y.toml", "groups.g = {}\n")
    assert told() == [
        "conf.d/x.toml:2:1 `name` in `[supervisor]` is given twice: here, and in `edge.toml` on line 3",
        "conf.d/x.toml:4:1 `realm` in `[defaults]` is given twice: here, and in `edge.toml` on line 5",
        "conf.d/x.toml:5:13 component `a` is given twice: here, and in `edge.toml` on line 6",
        "conf.d/y.toml:1:8 group `g` is given twice: here, and in `conf.d/x.toml` on line 7",
    ]


def test_mistakes_of_all_files_come_at_once_each_at_its_place(folder: Path) -> None:
    write("sub/edge.toml", MAIN + "bad = 1\n" + component("a", 'requires = "c"\n'))
    write("sub/conf.d/x.toml", component("b", 'realm = 3\nafter = "d"\n'))
    write("sub/conf.d/y.toml", component("c", "[router]\nlisten = 3\n"))
    assert told("sub/edge.toml") == [
        "sub/edge.toml:3:1 unknown key `bad` in `[supervisor]`",
        "sub/conf.d/x.toml:3:9 `realm` of component `b` must be a string without spaces that is not empty, not `3`",
        "sub/conf.d/x.toml:4:9 unknown component `d` in `after` of component `b`",
        "sub/conf.d/y.toml:4:10 `listen` in `[router]` must be a URL or a list of URLs, not `3`",
    ]
    assert refusal("sub/edge.toml").message == "`sub/edge.toml` has 4 mistakes"


def test_a_file_that_cannot_be_read_is_told_with_all_else_and_nobody_is_missed_then(folder: Path) -> None:
    (folder / "folder").mkdir()
    os.mkfifo("pipe")
    write(
        "edge.toml",
        '[supervisor]\ninclude = ["gone.toml", "x.toml", "folder", "pipe", "${GONE}"]\n[defaults]\nbad = 1\n',
    )
    write("x.toml", component("a", 'requires = "b"\n') + "= 3\n")
    assert told() == [
        "edge.toml:2:12 no fleet file at `gone.toml`",
        "edge.toml:2:35 `folder/` is a folder, not a fleet file",
        "edge.toml:2:45 `pipe` is no regular file",
        "edge.toml:2:53 the environment variable `GONE`, which `include[4]` in `[supervisor]` refers to, is not set",
        "edge.toml:4:1 unknown key `bad` in `[defaults]`",
        "x.toml:4:1 not valid TOML: invalid statement",
    ]


def test_a_file_that_is_included_includes_no_others(folder: Path) -> None:
    write("edge.toml", '[supervisor]\ninclude = ["x.toml"]\n')
    write("x.toml", '[supervisor]\ninclude = ["y.toml"]\n' + component("a"))
    told_of_include = "`include` in `[supervisor]` is for the fleet file itself, and not for a file that it includes"
    assert told() == [f"x.toml:2:1 {told_of_include}"]


def test_an_include_that_is_none_is_told_as_such(folder: Path) -> None:
    write("edge.toml", '[supervisor]\ninclude = "x.toml"\n' + component("a"))
    assert told() == ['edge.toml:2:11 `include` in `[supervisor]` must be a list, not `"x.toml"`']
    write("edge.toml", "[supervisor]\ninclude = [3, '']\n" + component("a"))
    assert told() == [
        "edge.toml:2:12 `include[0]` in `[supervisor]` must be a string that is not empty, not `3`",
        'edge.toml:2:15 `include[1]` in `[supervisor]` must be a string that is not empty, not `""`',
    ]


def test_mistakes_found_later_are_shown_in_the_file_of_their_component(folder: Path) -> None:
    write("edge.toml", MAIN + component("a"))
    write("conf.d/x.toml", '[defaults]\ntransports = "ws://h"\n' + component("b"))
    fleet_file = load(Path("edge.toml"))
    mistakes = [
        Mistake(path=("components", "b", "main"), message="no module"),
        Mistake(path=("components", "a", "transports", 0), message="no host"),
    ]
    rendered = fleet_file.error(mistakes).render()
    assert " --> conf.d/x.toml:2:14\n" in rendered
    assert " --> conf.d/x.toml:4:8\n" in rendered


def test_what_can_be_no_path_is_told_at_its_place(folder: Path) -> None:
    Path("loop.toml").symlink_to("loop.toml")
    long = "n" * 300
    write("edge.toml", f'[supervisor]\ninclude = ["loop.toml", "{long}", "a\\u0000b", "l*.toml"]\n' + component("a"))
    assert told() == [
        "edge.toml:2:12 cannot read `loop.toml`: too many levels of symbolic links",
        f"edge.toml:2:25 cannot read `{long}`: file name too long",
        'edge.toml:2:329 `include[2]` in `[supervisor]` must be a string without NUL, not `"a\\u0000b"`',
    ]


def test_mistakes_come_in_the_order_of_the_files_also_of_those_that_are_no_toml(folder: Path) -> None:
    write("edge.toml", '[supervisor]\ninclude = ["a.toml", "b.toml"]\n')
    write("a.toml", "= 3\n")
    write("b.toml", component("b", "realm = 3\n"))
    assert [line.split(":")[0] for line in told()] == ["a.toml", "b.toml"]
