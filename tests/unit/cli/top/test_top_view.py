"""The view on a screen: what a person presses, and what is seen then."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from support.viewed import GONE, MemorySource, component, event, supervisor, watching
from wampsup.cli.top.source import Seen
from wampsup.errors import WampsupError

HOSTILE = "[red]not red[/red] [/] [link='x']\x1b]0;owned\x07\x1b[2J\u202e\n"


def fleet() -> MemorySource:
    return MemorySource(
        component("clock", busy=9.0),
        component("pricing", "backoff", 1.0, note="ValueError: the kettle is dry; next try in 2.1 s (3 of 5)"),
        component("billing", "fatal", 0.0, note="no licence"),
        component("feed@2", busy=2.0),
        component("feed@10", busy=3.0),
    )


def many(count: int) -> MemorySource:
    return MemorySource(*(component(f"feed@{number}", busy=0.0) for number in range(1, count + 1)))


def test_a_fleet_is_seen_at_once() -> None:
    async def test() -> None:
        async with watching(fleet()) as screen:
            assert "edge · up 3 h · 5 components: 3 running, 1 backoff, 1 fatal · busy 4.1 %" in screen.lines[0]
            await screen.lists(["clock", "feed@10", "feed@2", "pricing", "billing"])
            assert "S start" in screen.lines[-1]

    asyncio.run(test())


def test_keys_sort_it() -> None:
    async def test() -> None:
        async with watching(fleet()) as screen:
            await screen.press("s")
            await screen.lists(["billing", "pricing", "clock", "feed@2", "feed@10"])
            await screen.press("n")
            await screen.lists(["billing", "clock", "feed@2", "feed@10", "pricing"])
            await screen.press("r")
            await screen.lists(["pricing", "feed@10", "feed@2", "clock", "billing"])
            await screen.press("o")
            await screen.lists(["clock", "feed@10", "feed@2", "pricing", "billing"])
            await screen.press("n", "b")
            assert screen.names[0] == "clock"

    asyncio.run(test())


def test_the_selection_goes_with_its_component() -> None:
    async def test() -> None:
        source = fleet()
        async with watching(source) as screen:
            await screen.press("down", "j")
            await screen.selects("feed@2")
            source.components = [
                one | {"busy_percent": 99.0 if one["name"] == "feed@2" else 0.5} for one in source.components
            ]
            await screen.until(lambda: screen.names[0] == "feed@2")
            await screen.selects("feed@2")
            await screen.press("k")
            await screen.selects("feed@2")

    asyncio.run(test())


def test_keys_move_through_a_long_list() -> None:
    async def test() -> None:
        async with watching(many(200), order="name") as screen:
            page = len(screen.names)
            await screen.press("pagedown")
            await screen.selects(f"feed@{page + 1}")
            await screen.press("end")
            await screen.selects("feed@200")
            assert screen.names[-1] == "feed@200"
            await screen.press("pageup", "pageup", "up")
            await screen.selects(f"feed@{199 - 2 * page}")
            await screen.press("home")
            assert (screen.selected, screen.names[0]) == ("feed@1", "feed@1")
            await screen.press("G", "g")
            await screen.selects("feed@1")

    asyncio.run(test())


def test_a_selected_row_stays_in_sight_where_it_was_and_elsewhere_the_view_stays() -> None:
    async def test() -> None:
        source = many(200)
        async with watching(source, order="busy") as screen:
            await screen.press("end")
            source.components[-1] = component("feed@200", busy=50.0)
            await screen.until(lambda: screen.names[0] == "feed@200")

    asyncio.run(test())


def test_a_click_selects() -> None:
    async def test() -> None:
        async with watching(fleet()) as screen:
            await screen.click(5, 5)
            await screen.selects("feed@2")

    asyncio.run(test())


@pytest.mark.parametrize(
    ("key", "question", "sent", "told"),
    [
        ("S", "Start `clock`?", ("start", "clock"), "clock: running"),
        ("T", "Stop `clock`?", ("stop", "clock"), "clock: stopped"),
        ("x", "Stop `clock`?", ("stop", "clock"), "clock: stopped"),
        ("R", "Restart `clock`?", ("restart", "clock"), "clock: running"),
    ],
)
def test_a_command_is_sent_after_a_yes(key: str, question: str, sent: tuple[str, str], told: str) -> None:
    async def test() -> None:
        source = fleet()
        async with watching(source) as screen:
            await screen.press(key)
            assert question in screen.text
            assert source.commands == []
            await screen.press("y")
            await screen.sees(told)
            assert source.commands == [sent]
            await screen.misses(question)

    asyncio.run(test())


@pytest.mark.parametrize("key", ["n", "enter", "escape", "q", "space", "T", "down", "ctrl+y"])
def test_any_other_answer_is_a_no(key: str) -> None:
    async def test() -> None:
        source = fleet()
        async with watching(source) as screen:
            await screen.press("T")
            await screen.press(key)
            await screen.misses("Stop `")
            await screen.selects("clock")
            await screen.press("y")
            assert source.commands == []

    asyncio.run(test())


@pytest.mark.parametrize(("keys", "sent"), [("yy", [("stop", "clock")]), ("nj", []), ("ny", [])])
def test_the_first_answer_counts_however_fast_others_follow(keys: str, sent: list[tuple[str, str]]) -> None:
    async def test() -> None:
        source = fleet()
        async with watching(source) as screen:
            await screen.press("T")
            await screen.type(keys)
            await screen.misses("Stop `")
            await screen.press("enter")
            await screen.type("qq")
            await screen.misses("all about it")
            assert source.commands == sent

    asyncio.run(test())


def test_it_is_the_component_of_the_question_that_is_commanded_wherever_the_selection_is_then() -> None:
    async def test() -> None:
        source = fleet()
        async with watching(source) as screen:
            await screen.press("T")
            source.components = [component("other", busy=1.0)]
            await screen.until(lambda: screen.main.listing.total == 1)
            await screen.sees("Stop `clock`?")
            source.refusal = WampsupError("no component `clock` in fleet `edge`")
            await screen.press("y")
            await screen.sees("no component `clock` in")
            assert source.commands == [("stop", "clock")]

    asyncio.run(test())


def test_what_a_command_fails_with_is_told_as_it_is() -> None:
    async def test() -> None:
        source = fleet()
        source.refusal = WampsupError("`clock` has [b]failed[/b]: \x1b[31mdry", hint="wait")
        async with watching(source) as screen:
            await screen.press("R", "y")
            await screen.sees("has [b]failed[/b]:")
            await screen.sees("hint: wait")
            assert "\x1b" not in screen.text

    asyncio.run(test())


def test_without_a_component_no_key_does_anything() -> None:
    async def test() -> None:
        source = MemorySource()
        async with watching(source) as screen:
            await screen.press("S", "T", "R", "y", "enter", "l", "down", "end", "pageup", "e", "r")
            await screen.lists([])
            assert source.commands == []
            await screen.press("slash", "a", "enter", "T", "y")
            assert source.commands == []

    asyncio.run(test())


def test_a_filter_works_while_it_is_typed_and_escape_takes_it_away() -> None:
    async def test() -> None:
        async with watching(fleet()) as screen:
            await screen.press("slash", *"feed")
            await screen.lists(["feed@10", "feed@2"])
            await screen.sees("2 of 5 match `feed`")
            await screen.press("enter", "down", "T")
            await screen.sees("Stop `feed@2`?")
            await screen.press("n")
            await screen.lists(["feed@10", "feed@2"])
            await screen.press("escape")
            assert len(screen.names) == 5
            await screen.misses("match")
            await screen.press("slash", "q", "x", "escape")
            assert len(screen.names) == 5

    asyncio.run(test())


def test_the_foot_tells_of_the_selected_one() -> None:
    error = {"type": "builtins.OSError", "message": "no milk", "uri": None, "at": "2026-11-22T20:16:07.802Z"}

    async def test() -> None:
        source = fleet()
        source.components[3] |= {"last_error": error, "restarts": 4, "group": "kitchen"}
        async with watching(source, order="name") as screen:
            await screen.press("end")
            await screen.sees("ValueError: the kettle is dry; next try in 2.1 s (3 of 5)")
            await screen.press("up", "up")
            await screen.sees("builtins.OSError: no milk")
            await screen.sees("4 restarts")
            await screen.sees("group kitchen")

    asyncio.run(test())


def test_events_are_told_as_they_happen_of_one_or_of_all() -> None:
    async def test() -> None:
        source = fleet()
        async with watching(source) as screen:
            await screen.sees("its events: none yet")
            source.happened.put([event("clock", "stopped"), event("billing", "fatal", "no licence")])
            await screen.sees("clock running -> stopped")
            await screen.misses("billing running -> fatal")
            await screen.press("e")
            await screen.sees("billing running -> fatal  no licence")
            await screen.press("e", "down")
            await screen.misses("running -> ")

    asyncio.run(test())


def test_a_supervisor_that_goes_and_comes_back_is_told_and_seen_again() -> None:
    async def test() -> None:
        source = fleet()
        async with watching(source) as screen:
            await screen.until(lambda: source.streams == 1)
            source.lost = GONE
            source.happened.put(None)
            await screen.sees("the supervisor of fleet `edge` does not answer; seen 0 s ago, trying again")
            assert len(screen.names) == 5
            await screen.press("n", "down", "e", "l", "q", "enter", "q")
            source.lost = None
            source.components = [component("anew")]
            await screen.misses("does not answer")
            await screen.until(lambda: screen.names == ["anew"])
            await screen.until(lambda: source.streams > 1)
            source.happened.put([event("anew", "stopped")])
            await screen.sees("anew running -> stopped")

    asyncio.run(test())


def test_details_and_log_are_pages_that_q_closes() -> None:
    async def test() -> None:
        source = fleet()
        async with watching(source) as screen:
            await screen.press("enter")
            await screen.sees("all about it")
            source.lines = ["more about it"]
            await screen.sees("more about it")
            await screen.press("T", "y")
            assert source.commands == []
            await screen.press("q")
            await screen.misses("more about it")
            await screen.press("l")
            await screen.sees("[clock] more about it")
            await screen.press("escape")
            assert screen.names[0] == "clock"

    asyncio.run(test())


def test_a_log_is_seen_at_its_end_until_somebody_scrolls() -> None:
    async def test() -> None:
        source = fleet()
        source.lines = [f"line {number}" for number in range(100)]
        async with watching(source) as screen:
            await screen.press("l")
            await screen.sees("[clock] line 99")
            source.lines = [*source.lines, "the last one"]
            await screen.sees("[clock] the last one")
            await screen.press("home")
            await screen.sees("[clock] line 0 ")
            source.lines = [*source.lines, "another one"]
            looks = source.looks
            await screen.until(lambda: source.looks > looks + 3)
            await screen.sees("[clock] line 0 ")

    asyncio.run(test())


def test_a_page_that_cant_be_had_tells_why() -> None:
    class Refusing(MemorySource):
        def log(self, name: str) -> list[str]:
            raise WampsupError("this fleet keeps no lines of its log", hint="give `log_lines` a number")

    async def test() -> None:
        async with watching(Refusing(component("clock"))) as screen:
            await screen.press("l")
            await screen.sees("error: this fleet keeps no lines of its log")
            await screen.sees("hint: give `log_lines` a number")

    asyncio.run(test())


def test_help_tells_the_keys() -> None:
    async def test() -> None:
        async with watching(fleet()) as screen:
            await screen.press("question_mark")
            await screen.sees("by state, worst first")
            await screen.press("q")
            assert screen.names

    asyncio.run(test())


@pytest.mark.parametrize("keys", [["q"], ["ctrl+c"], ["enter", "ctrl+c"], ["T", "ctrl+c"], ["slash", "ctrl+c"]])
def test_q_ends_it_and_ctrl_c_does_anywhere(keys: list[str]) -> None:
    async def test() -> None:
        async with watching(fleet()) as screen:
            await screen.press(*keys)
            await screen.until(lambda: not screen.app.is_running or screen.app._exit)
            assert not screen.app.return_code

    asyncio.run(test())


def test_hostile_text_is_shown_as_it_is_and_steers_nothing() -> None:
    error = {"type": HOSTILE, "message": HOSTILE, "uri": HOSTILE, "at": "2026-11-22T20:16:07.802Z"}

    async def test() -> None:
        source = MemorySource(component("clock", note=HOSTILE, group=HOSTILE, transport=HOSTILE, last_error=error))
        source.lines = [HOSTILE]
        async with watching(source, size=(160, 40)) as screen:
            source.happened.put([event("clock", "stopped", HOSTILE)])
            await screen.sees("clock running -> stopped")
            await screen.sees("[red]not red[/red] [/] [link='x']\\x1b]0;owned\\x07\\x1b[2J\\u202e\\n")
            for key in ("l", "enter"):
                await screen.press(key)
                await screen.sees("[red]not red[/red]")
                assert not set(screen.text) & {"\x1b", "\x07", "\u202e"}
                await screen.press("q")
            assert not set(screen.text) & {"\x1b", "\x07", "\u202e"}

    asyncio.run(test())


def test_a_state_that_is_not_known_here_is_a_word_like_another() -> None:
    async def test() -> None:
        async with watching(MemorySource(component("clock", "frozen"))) as screen:
            await screen.press("s")
            await screen.sees("frozen")

    asyncio.run(test())


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (10, 3), (1, 1), (80, 24), (132, 43), (200, 60)])
def test_it_lives_on_screens_of_every_size(size: tuple[int, int]) -> None:
    async def test() -> None:
        source = fleet()
        async with watching(source, size=size) as screen:
            await screen.press("down", "n", "r", "e", "T", "n", "enter", "q", "l", "q", "question_mark", "q")
            await screen.press("slash", "f", "escape", "end")
            assert [len(line) for line in screen.lines] == [size[0]] * size[1]
            await screen.resize(80, 24)
            await screen.sees("edge · up 3 h")
            await screen.resize(40, 10)
            await screen.until(lambda: len(screen.lines) == 10)
            await screen.sees("edge · up 3 h · 5 components: 1 fatal, …")
            assert len(screen.names) >= 3
            assert screen.lines[-1].rstrip().endswith("? help  q quit")

    asyncio.run(test())


def test_a_reactor_without_accounts_is_a_fleet_whose_busy_times_are_not_known() -> None:
    class Unknown(MemorySource):
        def look(self) -> Seen:
            told: dict[str, Any] = supervisor(*self.components)
            return Seen(told | {"loop": None, "cpu": {"percent": {"1": None, "10": None}}}, self.components, 0.0)

    async def test() -> None:
        async with watching(Unknown(component("clock", busy=None))) as screen:
            await screen.sees("clock")
            await screen.misses("None")

    asyncio.run(test())
