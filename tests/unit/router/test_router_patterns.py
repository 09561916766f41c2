from __future__ import annotations

import pytest

from wampsup.router.patterns import PatternTable


@pytest.fixture
def table() -> PatternTable[str]:
    """Some of each kind; the values say what was added."""
    made: PatternTable[str] = PatternTable()
    for uri in ("com.a", "com.a.b"):
        made.add("exact", uri, f"={uri}")
    for uri in ("", "com.", "com.a"):
        made.add("prefix", uri, f"^{uri}")
    for uri in ("com.", "..b", "com..b", ".a.b"):
        made.add("wildcard", uri, f"*{uri}")
    return made


def test_the_best_match_comes_first(table: PatternTable[str]) -> None:
    assert table.matching("com.a") == ["=com.a", "^com.a", "^com.", "^", "*com."]
    assert table.matching("com.a.b") == ["=com.a.b", "^com.a", "^com.", "^", "*com..b", "*.a.b", "*..b"]
    assert table.matching("com.abc") == ["^com.a", "^com.", "^", "*com."]
    assert table.matching("org") == ["^"]


def test_what_is_removed_matches_no_more(table: PatternTable[str]) -> None:
    for match, uri in (("exact", "com.a"), ("prefix", ""), ("prefix", "com."), ("wildcard", "com.")):
        table.remove(match, uri)  # type: ignore[arg-type]  # mypy widens the literal
    assert table.matching("com.a") == ["^com.a"]
    assert table.matching("org.a") == []


def test_one_uri_may_be_kept_as_each_kind(table: PatternTable[str]) -> None:
    assert table.of_kind("wildcard")["com."] == "*com."
    assert table.of_kind("prefix")["com."] == "^com."
    assert "com." not in table.of_kind("exact")
