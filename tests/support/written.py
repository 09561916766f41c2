"""Fleet files as Hypothesis writes them: right ones, and what becomes of them when a person makes mistakes."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Any

import tomli_w
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]
Place = tuple[dict[str, Any] | list[Any], Any]

MODULE = "written_parts"
PARTS = """
    from autobahn.twisted.component import Component
    from autobahn.twisted.wamp import Session
    from twisted.internet.defer import Deferred

    def plain(reactor, session): ...

    async def stays(reactor, session):
        await Deferred()

    class Own(Session): ...

    def make():
        return Component(main=stays)

    def is_fatal(error):
        return False
"""
SOCKET = "rs://unix:router.sock"
WEB = "ws://127.0.0.1:${WRITTEN_PORT}/ws"
"""Where the embedded router listens; the port is a free one."""

ENVIRONMENT = {"WRITTEN_REALM": "realm1", "WRITTEN_NUMBER": "3", "WRITTEN_TICKET": "a-ticket"}
NAMES = ["clock", "feed", "pricing", "x-1", "y_2"]

seconds = st.one_of(st.sampled_from([1, 60, 0.5]), st.floats(0.2, 1e9))
share = st.floats(0, 1)
limit = st.integers(-1, 100)
delays = st.tuples(st.floats(0.01, 10), st.floats(10, 100))


def some(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    """A table with some of these keys."""
    return st.fixed_dictionaries({}, optional=values)


restart = st.builds(
    lambda table, delay: {**table, **(dict(zip(("initial_delay", "max_delay"), delay, strict=True)) if delay else {})},
    some(
        policy=st.sampled_from(["on-failure", "always", "never"]),
        growth=st.floats(1, 5),
        jitter=share,
        reset_after=st.floats(0, 100),
        max_restarts=st.one_of(limit, st.just("${WRITTEN_NUMBER}")),
        window=seconds,
    ),
    st.none() | delays,
)
websocket = st.builds(
    lambda table, options: {"url": WEB, **table, **options},
    some(
        type=st.just("websocket"),
        serializers=st.lists(st.sampled_from(["cbor", "json", "msgpack"]), min_size=1, unique=True),
        headers=st.just({"X-Token": {"env": "WRITTEN_TICKET"}}),
        endpoint=st.sampled_from(
            [
                "tcp:127.0.0.1:${WRITTEN_PORT}",
                {"host": "127.0.0.1", "port": "${WRITTEN_PORT}", "version": 4},
                {"host": "localhost", "port": "${WRITTEN_PORT}", "timeout": 5},
            ]
        ),
        max_retries=limit,
        retry_delay_jitter=share,
    ),
    some(
        options=some(
            auto_ping_interval=st.floats(1, 100),
            open_handshake_timeout=st.integers(1, 60),
            fail_by_drop=st.booleans(),
            maxMessagePayloadSize=st.integers(1024, 4096),
        )
    ),
)
rawsocket = st.builds(
    lambda table: {"url": SOCKET, **table},
    some(
        serializer=st.sampled_from(["cbor", "json", "msgpack"]),
        options=st.just({"max_message_payload_size": 4096}),
        endpoint=st.just({"path": "router.sock"}),
        retry_delay_growth=st.floats(1, 3),
    ),
)
unreachable = st.sampled_from(
    [
        "rss://127.0.0.1:1",
        {"url": "ws://127.0.0.1:1/ws", "proxy": {"host": "127.0.0.1", "port": 1}},
        {
            "url": "wss://127.0.0.1:1/ws",
            "endpoint": {"host": "127.0.0.1", "port": 1, "tls": {"hostname": "router.example"}},
        },
    ]
)
transport = st.one_of(st.sampled_from([SOCKET, WEB]), rawsocket, websocket, unreachable)
common = some(
    realm=st.sampled_from(["realm1", "${WRITTEN_REALM}"]),
    transports=st.one_of(transport, st.lists(transport, min_size=1, max_size=3)),
    extra=st.sampled_from([{}, {"a": [1, {"b": "$${c}"}], "token": {"env": "WRITTEN_TICKET"}}]),
    is_fatal=st.sampled_from([f"{MODULE}:is_fatal", ["wamp.error.*", "builtins.ValueError", f"{MODULE}:is_fatal"]]),
    is_fatal_default=st.booleans(),
    autostart=st.sampled_from([True, True, True, False]),
    critical=st.booleans(),
    start_timeout=seconds,
    stop_timeout=seconds,
    max_stall=st.sampled_from([0, 0.5, 30]),
    on_user_error=st.sampled_from(["fail", "log"]),
    restart=restart,
    health=st.just({"procedure": "com.example.health", "interval": 60}),
)
_TICKET = {"authentication": {"ticket": {"authid": "joe", "ticket": {"env": "WRITTEN_TICKET"}}}}
refused: st.SearchStrategy[Document] = st.sampled_from([{}, {}, {}, _TICKET])
"""The embedded router lets nobody in by a ticket."""

kinds = st.sampled_from(
    [
        {"main": f"{MODULE}:plain"},
        {"main": f"{MODULE}:stays"},
        {"session_factory": f"{MODULE}:Own"},
        {"main": f"{MODULE}:stays", "session_factory": f"{MODULE}:Own"},
        {"component": f"{MODULE}:make"},
    ]
)


@st.composite
def right(draw: st.DrawFn) -> Document:
    """A fleet that can start; the router, if it has one, listens at `SOCKET`."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    groups = draw(st.dictionaries(st.sampled_from(["g", "h"]), some(max_restarts=limit, window=seconds), max_size=2))
    components = {name: {**draw(kinds), **draw(common), **draw(refused)} for name in names}
    for index, name in enumerate(names):
        earlier = st.lists(st.sampled_from(names[:index]), unique=True, max_size=2) if index else st.just([])
        components[name] |= draw(some(after=earlier, requires=earlier, instances=st.integers(0, 3)))
        if group := draw(st.sampled_from([None, *groups])):
            components[name]["group"] = group
    settings = some(
        log_level=st.sampled_from(["error", "debug"]),
        log_format=st.sampled_from(["text", "json"]),
        log_file=st.sampled_from(["written.log", {"path": "{component}.log", "max_bytes": 1000, "backups": 1}]),
        log_lines=st.integers(0, 1000),
        reactor=st.sampled_from(["auto", "asyncio"]),
        exit_when=st.sampled_from(["never", "all-done"]),
        start_window=st.integers(1, 100),
        stall_after=st.sampled_from([0, 0.1, 2]),
        fatal_stall=st.sampled_from([0, 60]),
        python_path=st.just(["lib"]),
    )
    document: Document = {
        "supervisor": {"name": "written", **draw(settings)},
        "components": components,
        "groups": groups,
    }
    if draw(st.sampled_from([True, True, True, False])):
        document["router"] = {"listen": [SOCKET, WEB], **draw(some(realms=st.just(["realm1"])))}
    document["defaults"] = {"transports": draw(st.sampled_from([SOCKET, WEB])), **draw(common)}
    return document


junk = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "x",
            "a b",
            "m:f",
            f"{MODULE}:nothing",
            "ws://",
            "ws://h:0",
            "ws://h:0/ws",
            "rs://127.0.0.1:0",
            "rs://unix:",
            "rs://h",
            "${UNSET}",
            "${",
            "wamp.error",
            "\n\x1b[0m",
        ]
    ),
    st.sampled_from([-1, 0, 1, 2**62, -0.5, 1e300, float("inf"), float("nan"), True, False]),
    st.sampled_from([[], {}, [[]], [1], {"a": 1}, {"env": "UNSET"}, {"file": "gone"}, dt.date(2026, 1, 1)]),
    st.text(max_size=10),
)


@st.composite
def wrong(draw: st.DrawFn) -> Document:
    """A fleet file in which a person has made one to three mistakes, most of which matter."""
    document = copy.deepcopy(draw(right()))
    for _ in range(draw(st.integers(1, 3))):
        table, key = draw(st.sampled_from(list(_places(document))))
        mistake = draw(st.sampled_from(["replace", "replace", "delete", "misspell", "add"]))
        if isinstance(table, list) or mistake == "replace":
            table[key] = copy.deepcopy(draw(junk))
        elif mistake == "delete":
            del table[key]
        elif mistake == "misspell":
            table[key[1:] or "q"] = table.pop(key)
        else:
            table[draw(st.sampled_from(["bad", "realms", "urls", "NAME"]))] = copy.deepcopy(draw(junk))
    return document


def _places(value: Any) -> Iterator[Place]:
    """Every key of every table, and every index of every list, within `value`."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _places(inner)


def written(document: Document) -> str:
    """The document as TOML."""
    return tomli_w.dumps(document)


@st.composite
def garbled(draw: st.DrawFn) -> str:
    """The text of a fleet file in which some characters are missing, and others have come in."""
    text = written(draw(right()))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 5))
        put = draw(st.sampled_from(["", '"', "'", "[", "]", "{", "}", "=", ".", "\n", "#", "\\", "\x00", "é", "'''"]))
        text = text[:start] + put + text[end:]
    return text
