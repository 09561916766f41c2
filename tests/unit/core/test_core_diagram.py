"""The state diagram in the README is drawn from `step()`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
EMPTY = "# x\n\n<!-- diagram -->\n<!-- /diagram -->\n\nmore\n"


def diagram(root: Path, *arguments: str) -> tuple[int, str]:
    """Run the script that lies in `root`; its exit code, and what it said on stderr."""
    command = [sys.executable, str(root / "scripts" / "diagram"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A project with a README of its own."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "diagram", tmp_path / "scripts")
    (tmp_path / "supervisor").symlink_to(ROOT / "supervisor")
    (tmp_path / "README.md").write_text(EMPTY)
    return tmp_path


def test_the_readme_shows_what_step_does() -> None:
    assert diagram(ROOT, "--check") == (0, "")


def test_a_readme_that_drifted_is_told_and_left_alone(copy: Path) -> None:
    said = "error: the diagram in README.md is not that of step()\nhint: run scripts/diagram\n"
    assert diagram(copy, "--check") == (1, said)
    assert (copy / "README.md").read_text() == EMPTY


def test_the_diagram_is_drawn_between_its_markers(copy: Path) -> None:
    assert diagram(copy) == (0, "")
    drawn = (copy / "README.md").read_text()
    assert drawn.startswith("# x\n\n<!-- diagram -->\n```mermaid\nstateDiagram-v2\n")
    assert drawn.endswith("```\n<!-- /diagram -->\n\nmore\n")
    for line in ("waiting --> connecting: admitted", "connecting --> running: ready", "ended --> reconnecting: lost"):
        assert f"    {line}\n" in drawn
    assert diagram(copy, "--check") == (0, "")
    assert diagram(copy) == (0, "")
    assert (copy / "README.md").read_text() == drawn


def test_a_readme_without_a_place_for_it_is_told(copy: Path) -> None:
    (copy / "README.md").write_text("# x\n")
    said = "error: README.md has no place for the diagram\nhint: add <!-- diagram --> and <!-- /diagram -->\n"
    assert diagram(copy) == (1, said)


def test_other_arguments_are_refused(copy: Path) -> None:
    assert diagram(copy, "--chekc") == (2, "error: scripts/diagram takes `--check` or nothing\n")
