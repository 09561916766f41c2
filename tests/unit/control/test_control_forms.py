"""In which form a client gets a stream."""

from __future__ import annotations

import pytest

from wampsup.control.forms import form_for

LINES, EVENTS = "application/x-ndjson", "text/event-stream"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", LINES),
        ("*/*", LINES),
        ("application/json", LINES),
        ("text/event-stream", EVENTS),
        ("Text/Event-Stream; charset=utf-8", EVENTS),
        ("text/html, text/event-stream;q=0.9, */*;q=0.1", EVENTS),
        ("text/event-stream, application/x-ndjson", EVENTS),
        ("text/event-stream;q=0.5, application/x-ndjson", LINES),
        ("text/event-stream;q=0.5, application/x-ndjson;q=0.4", EVENTS),
        ("text/event-stream;q=0", LINES),
        ("text/event-stream;q=much", EVENTS),
        ("text/event-stream;q", EVENTS),
        (";,;q=,", LINES),
    ],
)
def test_a_client_gets_server_sent_events_where_it_accepts_them(accept: str, media_type: str) -> None:
    assert form_for(accept).media_type == media_type
