"""The reference of keys in the README, and the schema beside the example fleets, are made from the models."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
EMPTY = "# x\n\n<!-- keys -->\n<!-- /keys -->\n\nmore\n"
HINT = "hint: run .venv/bin/python scripts/reference\n"


def reference(root: Path, *arguments: str) -> tuple[int, str]:
    """Run the script that lies in `root`; its exit code, and what it said on stderr."""
    command = [sys.executable, str(root / "scripts" / "reference"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A project with a README and a schema of its own."""
    for folder in ("scripts", "configs"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "scripts" / "reference", tmp_path / "scripts")
    for made in ("fleet.schema.json", "wampsup.1"):
        shutil.copy(ROOT / "configs" / made, tmp_path / "configs")
    (tmp_path / "supervisor").symlink_to(ROOT / "supervisor")
    (tmp_path / "README.md").write_text(EMPTY)
    return tmp_path


@pytest.fixture
def written(copy: Path) -> str:
    """The reference that the script writes."""
    assert reference(copy) == (0, "")
    return (copy / "README.md").read_text()


def test_the_readme_and_the_example_fleets_have_what_the_models_say() -> None:
    assert reference(ROOT, "--check") == (0, "")


def test_a_readme_that_drifted_is_told_and_left_alone(copy: Path) -> None:
    assert reference(copy, "--check") == (1, f"error: README.md is not what the code says\n{HINT}")
    assert (copy / "README.md").read_text() == EMPTY


def test_a_schema_that_drifted_is_told_and_written_anew(copy: Path) -> None:
    schema = copy / "configs" / "fleet.schema.json"
    assert reference(copy) == (0, "")
    schema.write_text("{}")
    assert reference(copy, "--check") == (1, f"error: configs/fleet.schema.json is not what the code says\n{HINT}")
    assert schema.read_text() == "{}"
    schema.unlink()
    assert reference(copy, "--check")[0] == 1
    assert reference(copy) == (0, "")
    assert schema.read_text() == (ROOT / "configs" / "fleet.schema.json").read_text()


def test_it_is_written_between_its_markers_and_the_same_each_time(copy: Path, written: str) -> None:
    assert written.startswith("# x\n\n<!-- keys -->\nAny value may be a string with `${NAME}` ")
    assert "\n\n**`[supervisor]`**\n\n| key | is | default | |\n|---|---|---|---|\n" in written
    assert written.endswith("|\n\n<!-- /keys -->\n\nmore\n")
    assert reference(copy, "--check") == (0, "")
    assert reference(copy) == (0, "")
    assert (copy / "README.md").read_text() == written


@pytest.mark.parametrize(
    "row",
    [
        '| `log_format` | `"text"`, `"json"` | `"text"` |',
        "| `start_window` | whole number from 1 | `64` |",
        "| `listen` | string or list of strings | *required* |",
        "| `main` | string |  |",
        "| `transports` | string or table or list |  |",
        "| `jitter` | number from 0 to 1 | `0.1` |",
        "| `max_restarts` | whole number from -1 | `5` |",
        "| `stop_timeout` | number above 0 | `60` |",
        "| `version` | `4`, `6` |  |",
        "| `tls` | boolean or table |  |",
        "| `tls.hostname` | string |  |",
        "| `proxy.host` | string | *required* |",
        "| `restart` | table |  |",
    ],
)
def test_a_row_says_what_a_key_takes_and_what_it_is_without_it(written: str, row: str) -> None:
    assert f"\n{row} " in written


def test_each_table_of_the_file_has_one(written: str) -> None:
    titles = [line.strip("*") for line in written.splitlines() if line.startswith("**")]
    assert titles[:4] == [
        "`[supervisor]`",
        "`[router]`",
        "`[components.NAME]`: one of these, or `main` and `session_factory`",
        "`[components.NAME]` and `[defaults]`",
    ]
    assert {"`transports`", "`transports.endpoint`", "`authentication`", "`restart`", "`health`"} <= set(titles)
    assert titles[-1] == "`[groups.NAME]`"


def test_every_row_has_as_many_cells_as_the_head(written: str) -> None:
    rows = [line for line in written.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}


def test_a_readme_without_a_place_for_it_is_told(copy: Path) -> None:
    (copy / "README.md").write_text("# x\n")
    said = "error: README.md has no place for the keys\nhint: add <!-- keys --> and <!-- /keys -->\n"
    assert reference(copy) == (1, said)


def test_other_arguments_are_refused(copy: Path) -> None:
    assert reference(copy, "--chekc") == (2, "error: scripts/reference takes `--check` or nothing\n")
