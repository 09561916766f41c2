"""Paths and queries of requests, however they are written."""

from __future__ import annotations

import pytest

from wampsup.control.target import target


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        (b"/v1/components/sensor-1", "/v1/components/sensor-1"),
        (b"/v1/components/sensor%2D1", "/v1/components/sensor-1"),
        (b"/%76%31/supervisor", "/v1/supervisor"),
        (b"/v1/components/k%C3%A4se", "/v1/components/käse"),
        (b"/v1/components/k\xc3\xa4se", "/v1/components/käse"),
        (b"/v1/components/%ff", "/v1/components/\N{REPLACEMENT CHARACTER}"),
        (b"/v1/components/a+b", "/v1/components/a+b"),
        (b"/v1/components/", "/v1/components/"),
        (b"http://wampsup/v1/supervisor", "/v1/supervisor"),
        (b"HTTPS://127.0.0.1:9100/v1/supervisor", "/v1/supervisor"),
        (b"http://wampsup", ""),
        (b"*", "*"),
        (b"", ""),
    ],
)
def test_a_path_is_decoded(uri: bytes, path: str) -> None:
    assert target(uri) == (path, {})


def test_a_slash_within_a_part_divides_nothing() -> None:
    assert target(b"/v1%2Fsupervisor/%61%2fb")[0] == "/v1%2Fsupervisor/%61%2fb"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (b"select=a%2Ab&select=c", {"select": ["a*b", "c"]}),
        (b"select=k%C3%A4se+x", {"select": ["käse x"]}),
        (b"follow=1&follow=", {"follow": ["1", ""]}),
        (b"follow", {"follow": [""]}),
        (b"a=b=c", {"a": ["b=c"]}),
        (b"a;b", {"a;b": [""]}),
        (b"a?b", {"a?b": [""]}),
        (b"", {}),
        (b"&&", {}),
    ],
)
def test_nothing_of_a_query_is_lost(query: bytes, told: dict[str, list[str]]) -> None:
    assert target(b"/x?" + query) == ("/x", told)
    assert target(b"http://x?" + query)[1] == told
