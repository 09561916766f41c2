"""What `import wampsup` costs, and what it shows."""

from __future__ import annotations

import subprocess
import sys

import pytest

import wampsup

HEAVY = ("autobahn", "psutil", "pydantic", "rich", "textual", "twisted", "txaio", "zope")


def loaded_by(statement: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded after it."""
    program = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    return set(done.stdout.split()) & set(HEAVY)


@pytest.mark.parametrize(
    "statement",
    [
        "import wampsup",
        "from wampsup import Backoff, RestartPolicy",
        "import wampsup.cli.main",
        "dir(__import__('wampsup'))",
    ],
)
def test_neither_the_package_nor_its_policies_load_twisted(statement: str) -> None:
    assert loaded_by(statement) == set()


def test_run_and_fleet_load_it_when_they_are_asked_for() -> None:
    assert {"autobahn", "twisted"} <= loaded_by("from wampsup import Fleet, run")


def test_a_star_gives_all_that_is_public() -> None:
    program = "from wampsup import *; print(run.__name__, Fleet.__name__, RestartPolicy.__name__, Backoff.__name__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "run Fleet RestartPolicy Backoff\n"


def test_the_package_lists_what_it_has_not_loaded_yet() -> None:
    assert {"Backoff", "Fleet", "RestartPolicy", "__version__", "run"} <= set(dir(wampsup))


def test_a_name_that_it_does_not_have_is_missing_in_pythons_words() -> None:
    with pytest.raises(AttributeError, match=r"^module `wampsup` has no attribute `start`$"):
        wampsup.start  # type: ignore[attr-defined]  # noqa: B018 - that is what is tried
