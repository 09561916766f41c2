"""The version stands in two places, so that the command need not ask for the package's metadata."""

from __future__ import annotations

from importlib.metadata import version

import wampsup


def test_the_module_and_the_package_have_one_version() -> None:
    assert wampsup.__version__ == version("wampsup")
