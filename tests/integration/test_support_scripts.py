from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project of which nothing has been installed, with an old Python and few other programs."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "cat", "cmp", "dirname", "env", "rm"):
        path = shutil.which(name)
        assert path is not None
        (programs / name).symlink_to(path)
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n")  # as 3.10 does when asked whether it is older than 3.11
    (programs / "python3").chmod(0o755)
    return tmp_path


def run(clone: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / "scripts" / script, *arguments],
        env={"PATH": str(clone / "bin")},
        cwd="/",
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("script", ["demo", "test", "check"])
def test_a_python_that_is_too_old_is_said_in_a_sentence(clone: Path, script: str) -> None:
    done = run(clone, script)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"setting up .venv in {clone}, which takes a while the first time\n"
        "error: Python 3.11 or newer is needed and none was found\n"
        f"hint: install one, or name it: PYTHON=/path/to/python3.11 {clone}/scripts/{script}\n"
    )


def test_the_gate_knows_its_arguments(clone: Path) -> None:
    done = run(clone, "check", "--fast")
    assert done.returncode == 1
    assert done.stderr == "error: unknown arguments `--fast`\nhint: scripts/check takes --fix or nothing\n"


def test_what_is_installed_already_is_left_alone(clone: Path) -> None:
    binaries = clone / ".venv/bin"
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(shutil.which("true") or "")
    (binaries / "wampsup").write_text("#!/bin/sh\necho $PWD: $*\n")
    (binaries / "wampsup").chmod(0o755)
    stamp = f"{clone}\n{(clone / 'pyproject.toml').read_text()}"
    (clone / ".venv/.installed-project").write_text(stamp)
    done = run(clone, "demo", "--detach")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{clone}: start configs/demo.toml --detach\n"


def test_what_the_system_lacks_is_said_where_nothing_can_install_it(clone: Path) -> None:
    ensure = ". scripts/lib.sh; ensure_system_packages bash=bash no-such-shell=its-package && echo all there"
    done = subprocess.run(
        [clone / "bin/bash", "-c", ensure],
        env={"PATH": str(clone / "bin")},
        cwd=clone,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: the tests need what is not installed: its-package\nhint: on Debian: apt-get install its-package\n"
    )
