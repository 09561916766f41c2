"""Hypothesis writes fleet files: an editor that has the JSON Schema marks nothing in one that loads."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import tomli
from hypothesis import HealthCheck, event, given, settings
from jsonschema import Draft7Validator

from support.files import write_fleet
from support.written import ENVIRONMENT, right, written, wrong
from wampsup.config import load
from wampsup.config.json_schema import fleet_schema
from wampsup.errors import FleetFileError

if TYPE_CHECKING:
    from pathlib import Path

LONG = bool(os.environ.get("WAMPSUP_LONG"))
SETTINGS = settings(max_examples=6000 if LONG else 200, deadline=None, suppress_health_check=list(HealthCheck))
ENVIRON = {**ENVIRONMENT, "WRITTEN_PORT": "8080"}
SPACES_TO_PYTHON = re.compile(r"\\u001[c-f]", re.IGNORECASE)
"""What `\\s` is to Python's `re`, with which the patterns are read here, and not to pydantic or an editor."""

VALIDATOR = Draft7Validator(fleet_schema())


def marked(document: dict[str, Any]) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(tomli.loads(written(document)))]


def test_what_is_right_is_not_marked() -> None:
    @SETTINGS
    @given(right())
    def prove(document: dict[str, Any]) -> None:
        assert marked(document) == []

    prove()


def test_what_is_marked_does_not_load(tmp_path: Path) -> None:
    @SETTINGS
    @given(wrong())
    def prove(document: dict[str, Any]) -> None:
        if SPACES_TO_PYTHON.search(written(document)) or not marked(document):
            event("not marked")
            return
        try:
            load(write_fleet(tmp_path, written(document)), ENVIRON)
        except FleetFileError:
            event("marked")
        else:
            raise AssertionError(marked(document))

    prove()
