"""The README: its contents are all of its sections, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TITLES = re.findall(r"^## (.+)$", README, re.MULTILINE)


def anchor(title: str) -> str:
    """As GitHub makes it."""
    return "#" + re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_its_contents_are_its_sections_in_their_order() -> None:
    contents, _, _ = README.partition("\n## ")
    assert re.findall(r"\[([^]]+)\]\((#[^)]+)\)", contents) == [(title, anchor(title)) for title in TITLES]


def test_its_links_lead_to_what_is_there() -> None:
    places = re.findall(r"\]\(([^)\s]+)\)", README)
    assert {place for place in places if place.startswith("#")} <= {anchor(title) for title in TITLES}
    files = [place for place in places if not place.startswith(("#", "http"))]
    assert files
    assert [place for place in files if not (ROOT / place).exists()] == []


def test_shells_leave_its_addresses_alone() -> None:
    bare = re.findall(r"^    curl [^']*\shttp\S*[?*]", README, re.MULTILINE)
    assert bare == [], "zsh takes `?` and `*` for patterns"
