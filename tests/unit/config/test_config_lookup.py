"""Secrets that stand in the environment or in files of their own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from wampsup.config import load
from wampsup.config.lookup import LARGEST
from wampsup.errors import FleetFileError
from wampsup.model.secret import Secret

HEAD = '[components.x]\nmain = "m:f"\n'
ENVIRON = {"TICKET": "s3cret", "EMPTY": ""}


def extra(text: str) -> Any:
    Path("edge.toml").write_text(HEAD + text)
    return load(Path("edge.toml"), ENVIRON).spec.components[0].extra


def refusal(text: str) -> str:
    Path("edge.toml").write_text(HEAD + text)
    with pytest.raises(FleetFileError) as caught:
        load(Path("edge.toml"), ENVIRON)
    return caught.value.render()


def message(text: str) -> str:
    return refusal(text).splitlines()[0].removeprefix("error: ")


def test_the_environment_and_files_hold_secrets(folder: Path) -> None:
    Path("ticket").write_text("s3cret\n")
    assert extra('extra = { a = { env = "TICKET" }, b = [{ file = "ticket" }] }') == {
        "a": Secret("s3cret"),
        "b": [Secret("s3cret")],
    }


def test_only_the_last_line_break_of_a_file_is_none_of_the_secret(folder: Path) -> None:
    Path("ticket").write_bytes(b" two \nlines\r\n")
    assert extra('extra.a.file = "ticket"') == {"a": Secret(" two \nlines")}


def test_a_path_may_name_the_folder_of_systemd_credentials(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("credentials").mkdir()
    Path("credentials/ticket").write_text("s3cret")
    monkeypatch.setitem(ENVIRON, "CREDENTIALS_DIRECTORY", str(folder / "credentials"))
    assert extra('extra.a.file = "${CREDENTIALS_DIRECTORY}/ticket"') == {"a": Secret("s3cret")}


def test_a_table_with_more_than_one_key_is_a_plain_one(folder: Path) -> None:
    tables = {"a": {"env": "TICKET", "file": "x"}, "b": {"env": "TICKET", "more": 1}, "c": {}}
    assert extra('extra = { a = { env = "TICKET", file = "x" }, b = { env = "TICKET", more = 1 }, c = {} }') == tables


def test_extra_itself_is_a_plain_table(folder: Path) -> None:
    assert extra('extra = { env = "prod" }') == {"env": "prod"}


def test_the_secret_of_a_file_is_looked_for_beside_the_file_that_names_it(folder: Path) -> None:
    Path("conf.d").mkdir()
    Path("conf.d/ticket").write_text("s3cret")
    Path("conf.d/x.toml").write_text('[defaults]\nextra.a.file = "ticket"\n')
    Path("edge.toml").write_text('[supervisor]\ninclude = ["conf.d/x.toml"]\n' + HEAD)
    fleet_file = load(Path("edge.toml"))
    assert fleet_file.spec.components[0].extra == {"a": Secret("s3cret")}
    assert fleet_file.secrets == (folder / "conf.d/ticket",)


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ('env = "GONE"', "the environment variable `GONE` is not set"),
        ('env = "EMPTY"', "the environment variable `EMPTY` is empty"),
        ('file = "gone"', "there is no file `gone`"),
        ('file = "empty"', "the file `empty` is empty"),
        ('file = "folder"', "the file `folder` is no regular file"),
        ('file = "pipe"', "the file `pipe` is no regular file"),
        ('file = "/dev/zero"', "the file `/dev/zero` is no regular file"),
        ('file = "large"', f"the file `large` is longer than {LARGEST} bytes"),
        ('file = "binary"', "the file `binary` is not valid UTF-8"),
        ('file = "empty/x"', "the file `empty/x` cannot be read (not a directory)"),
    ],
)
def test_a_secret_that_is_not_there_is_a_mistake(folder: Path, place: str, problem: str) -> None:
    Path("empty").write_text("\n")
    Path("folder").mkdir()
    os.mkfifo("pipe")
    Path("large").write_text("s" * (LARGEST + 1))
    Path("binary").write_bytes(b"\xff\xfe")
    assert message(f"extra.key = {{ {place} }}") == f"{problem}, where `extra.key` of component `x` should be"


def test_a_place_that_is_none_is_a_mistake(folder: Path) -> None:
    assert (
        message("extra.key.env = 3") == "`extra.key.env` of component `x` must be the name of an environment variable"
    )
    assert message("extra.key.file = ''") == "`extra.key.file` of component `x` must be the path of a file"


def test_the_mistake_is_shown_where_the_secret_is_looked_for(folder: Path) -> None:
    assert " --> edge.toml:3:22\n" in refusal('extra = { a = {env = "GONE" } }')


def test_nothing_else_is_told_of_a_secret_that_is_not_known(folder: Path) -> None:
    text = 'authentication.ticket = { authid = "joe", ticket = { env = "GONE" } }'
    assert refusal(text).count("error: ") == 1
