"""Files that cannot be read as a fleet at all, and how their errors name them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wampsup.config import load
from wampsup.config.reading import LARGEST
from wampsup.errors import FleetFileError

if TYPE_CHECKING:
    from unit.config.conftest import Refuse

FLEET = '[components.clock]\nmain = "clock:main"\n'


def refusal(path: str) -> FleetFileError:
    with pytest.raises(FleetFileError) as caught:
        load(Path(path))
    return caught.value


def test_no_file(folder: Path) -> None:
    assert refusal("x.toml").render() == "error: no fleet file at `x.toml`"


def test_a_folder(folder: Path) -> None:
    Path("x").mkdir()
    assert refusal("x/").render() == (
        "error: `x/` is a folder, not a fleet file\nhint: name the file in it, such as `x/fleet.toml`"
    )


def test_a_relative_path_from_a_folder_that_is_gone(folder: Path) -> None:
    Path("fleet.toml").write_text(FLEET)
    gone = folder / "gone"
    gone.mkdir()
    os.chdir(gone)  # the fixture goes back
    gone.rmdir()
    assert refusal("../fleet.toml").render() == (
        "error: the working directory is gone, and `../fleet.toml` begins there\n"
        "hint: change to a folder that is there, or give the whole path of the file"
    )


def test_a_path_through_a_file(folder: Path) -> None:
    Path("x").write_text("")
    assert refusal("x/fleet.toml").render() == "error: cannot read `x/fleet.toml`: not a directory"


def test_a_loop_of_links(folder: Path) -> None:
    Path("x.toml").symlink_to("x.toml")
    assert refusal("x.toml").render() == "error: cannot read `x.toml`: too many levels of symbolic links"


def test_not_toml(refuse: Refuse) -> None:
    error = refuse("[components.clock]\nmain = \n")
    assert error.render() == (
        "error: not valid TOML: invalid value\n --> edge.toml:2:8\n  |\n2 | main = \n  |        ^"
    )
    assert error.message == "not valid TOML: invalid value"


def test_not_toml_at_the_end_of_the_file(refuse: Refuse) -> None:
    assert refuse("[components.clock").render() == (
        "error: not valid TOML: expected ']' at the end of a table declaration\n"
        " --> edge.toml:1:18\n"
        "  |\n"
        "1 | [components.clock\n"
        "  |                  ^"
    )


def test_not_utf_8(refuse: Refuse) -> None:
    assert refuse(b"# one\r\nrealm = '\xfc'\n").render() == (
        "error: not valid UTF-8\n"
        " --> edge.toml:2:10\n"
        "  |\n"
        "2 | realm = '\N{REPLACEMENT CHARACTER}'\n"
        "  |          ^\n"
        "hint: save the file as UTF-8"
    )


def test_nested_too_deeply(refuse: Refuse) -> None:
    assert refuse(f"a = {'[' * 5000}{']' * 5000}").render() == "error: `edge.toml` nests tables or lists too deeply"


def test_nested_too_deeply_by_keys(refuse: Refuse) -> None:
    text = f"[components.x]\nextra{'.a' * 600} = '${{X:-1}}'\n"
    assert refuse(text).render() == "error: `edge.toml` nests tables or lists too deeply"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[components.a]\n[components.a]\n", "not valid TOML: `[components.a]` is there twice"),
        ("[a]\nb = 1\nb = 2\n", "not valid TOML: a key is there twice"),
        ("a = { b = 1, b = 2 }\n", "not valid TOML: a key is there twice"),
    ],
)
def test_what_is_there_twice(refuse: Refuse, text: str, message: str) -> None:
    assert refuse(text).message == message


def test_a_file_without_an_end(folder: Path) -> None:
    assert refusal("/dev/zero").message == f"`/dev/zero` is longer than {LARGEST} bytes"


def test_a_number_too_long_for_python(refuse: Refuse) -> None:
    assert refuse(f"a = {'1' * 5000}").render() == "error: `edge.toml` holds a number with too many digits"


@pytest.mark.parametrize("number", [str(2**63), str(-(2**63) - 1), "1" + "0" * 400, "0x" + "f" * 4000])
def test_an_integer_that_toml_does_not_have(refuse: Refuse, number: str) -> None:
    for key in ("main", "start_timeout", "restart.initial_delay", "extra.x"):
        error = refuse(f"[components.x]\n{key} = {number}\n")
        assert error.message == "not valid TOML: an integer must fit into 64 bits"
        assert f"--> edge.toml:2:{len(key) + 4}\n" in error.render()


def test_a_byte_order_mark_and_dos_line_ends_are_fine(folder: Path) -> None:
    Path("x.toml").write_bytes(b"\xef\xbb\xbf" + FLEET.replace("\n", "\r\n").encode())
    assert load(Path("x.toml")).spec.components[0].main == "clock:main"


def test_columns_of_a_file_with_dos_line_ends(refuse: Refuse) -> None:
    assert " --> edge.toml:3:1\n" in refuse(f"{FLEET}bad = 1\n".replace("\n", "\r\n")).render()


def test_the_name_of_a_file_that_cannot_be_the_name_of_its_fleet(folder: Path) -> None:
    Path("my fleet.toml").write_text(FLEET)
    assert refusal("my fleet.toml").render() == (
        "error: the fleet takes the name `my fleet` from its file, but a name must be made of letters, digits, "
        "`-`, `_` and `.`, and begin with a letter, a digit or `_`\n"
        "  --> my fleet.toml\n"
        "hint: give it a `name` in `[supervisor]`"
    )


def test_errors_name_the_file_as_it_was_given(folder: Path) -> None:
    Path("sub").mkdir()
    Path("sub/x.toml").write_text("bad = 1")
    for path in ("sub/x.toml", "sub/../sub/x.toml", str(folder / "sub/x.toml")):
        assert f"--> {path}:1:1\n" in refusal(path).render()


def test_the_path_is_absolute_and_keeps_the_name_of_a_link(folder: Path) -> None:
    Path("versions").mkdir()
    Path("versions/1.toml").write_text(FLEET)
    Path("edge.toml").symlink_to("versions/1.toml")
    fleet_file = load(Path("edge.toml"))
    assert fleet_file.path == folder / "edge.toml"
    assert fleet_file.spec.supervisor.name == "edge"
    assert fleet_file.spec.supervisor.python_path == (folder,)
