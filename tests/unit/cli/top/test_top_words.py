"""The head, the foot and the keys, in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from support.viewed import component, event, supervisor
from wampsup.cli.top import words
from wampsup.cli.top.history import History
from wampsup.cli.top.listing import Listing
from wampsup.cli.top.recent import MOST, Recent, spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wampsup.cli.top.columns import Span

NOW = datetime(2026, 11, 22, 20, 16, 11, 802000, tzinfo=UTC).timestamp()
ERROR = {"type": "builtins.ValueError", "message": "dry", "uri": None, "at": "2026-11-22T20:16:07.802Z"}


def text(line: Sequence[Span]) -> str:
    return "".join(span.text for span in line)


def test_the_head_is_that_of_status_with_its_states_in_their_roles() -> None:
    fleet = [component("a"), component("b"), component("c", "fatal")]
    line = words.head(supervisor(*fleet) | {"name": "1 fatal"}, 80)
    assert text(line) == "1 fatal · up 3 h · 3 components: 2 running, 1 fatal · busy 4.1 %"
    assert [(span.text, span.role) for span in line if span.role != "head"] == [
        ("2 running", "running"),
        ("1 fatal", "fatal"),
    ]


def test_a_head_that_does_not_fit_begins_with_the_worst() -> None:
    fleet = [component("a"), component("b"), component("c", "backoff"), component("d", "fatal")]
    wide = "edge · up 3 h · 4 components: 2 running, 1 backoff, 1 fatal · busy 4.1 %"
    assert text(words.head(supervisor(*fleet), len(wide))) == wide
    narrow = words.head(supervisor(*fleet), len(wide) - 1)
    assert text(narrow) == "edge · up 3 h · 4 components: 1 fatal, 1 backoff, 2 running · busy 4.1 %"


def test_the_gauges_tell_of_the_loop_and_of_what_is_listed() -> None:
    listing, history = Listing(), History()
    listing.show([component("clock"), component("kettle")])
    history.add(4.0, [])
    told = text(words.gauges(supervisor(), history, listing, 0.0031))
    assert told == "▄ answered in 3 ms · longest lag 12 ms · 45 MiB"
    listing.filter("kett")
    told = text(words.gauges(supervisor() | {"loop": None}, history, listing, 1.25))
    assert told == "▄ answered in 1.2 s · 45 MiB · 1 of 2 match `kett`"


def test_silence_is_told_with_its_cause() -> None:
    told = text(words.silence("the supervisor of fleet `edge` does not answer", 12.5))
    assert told == "the supervisor of fleet `edge` does not answer; seen 12 s ago, trying again"


def test_the_title_tells_how_the_component_is() -> None:
    kettle = component("kettle", "backoff", 1.25, restarts=3, reconnects=1, group="kitchen")
    assert text(words.title(kettle, NOW)) == (
        "kettle  backoff for 4 s · 3 restarts · 1 reconnect · busy 1.2 % · group kitchen · ws://127.0.0.1:8080/ws"
    )
    leaving = component("kettle", "running", 0.0, desired="down", transport=None)
    assert text(words.title(leaving, NOW)) == "kettle  running for 4 s · to be stopped"


def test_a_last_error_is_told_unless_the_note_does() -> None:
    told = [text(line) for line in words.troubles(component("kettle", note="ValueError: dry", last_error=ERROR), NOW)]
    assert told == ["ValueError: dry"]
    told = [text(line) for line in words.troubles(component("kettle", last_error=ERROR), NOW)]
    assert told == ["last error 4 s ago: builtins.ValueError: dry"]
    empty = ERROR | {"message": "", "uri": "com.example.dry"}
    told = [text(line) for line in words.troubles(component("kettle", note="stopped", last_error=empty), NOW)]
    assert told == ["stopped", "last error 4 s ago: builtins.ValueError (com.example.dry)"]
    assert words.troubles(component("kettle"), NOW) == []


def test_the_keys_that_matter_least_go_where_there_is_no_room() -> None:
    assert text(words.keys(80)) == ("S start  T stop  R restart  ⏎ details  l log  bsn sort  / filter  ? help  q quit")
    assert "e events" in text(words.keys(120))
    assert text(words.keys(20)) == "? help  q quit"
    assert text(words.keys(1)) == "? help  q quit"


def test_help_fits_on_a_small_screen() -> None:
    assert max(len(line) for line in words.HELP.splitlines()) <= 78


def test_recent_events_are_those_of_all_or_of_one_newest_first() -> None:
    recent = Recent()
    recent.add([event("clock", "stopped"), event("kettle", "backoff", "dry"), {"lost": 3, "after": 7}])
    recent.add([event("clock", "waiting")])
    assert [told[9:] for told in recent.latest(10, "clock")] == ["clock running -> waiting", "clock running -> stopped"]
    assert recent.latest(10)[1] == "3 events lost: they came faster than they could be shown"
    assert len(recent.latest(2)) == 2
    recent.add([event("noisy", "waiting")] * MOST)
    assert recent.latest(1, "clock") == []


def test_an_event_has_the_state_that_it_led_to_in_its_role() -> None:
    line = spans("20:16:07 kettle running -> backoff  ValueError: a -> fatal")
    assert text(line) == "20:16:07 kettle running -> backoff  ValueError: a -> fatal"
    assert [span.text for span in line if span.role == "backoff"] == ["backoff"]
    for words_of in (
        "20:16:07 kettle stalled  for 1 s -> x",
        "3 events lost: they came",
        "20:16:07 the fleet: reloaded",
    ):
        assert text(spans(words_of)) == words_of
