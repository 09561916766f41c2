"""The exact words and the place of each kind of mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wampsup.config.reference_rules import MOST_HINTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from unit.config.conftest import Refuse

FINE = '[components.fine]\nmain = "fine:main"\n'
NAME_RULE = "made of letters, digits, `-`, `_` and `.`, and begin with a letter, a digit or `_`"
SCHEMES = "`ws://`, `wss://`, `rs://` or `rss://`"


_ADDRESS = "an address and a port such as `127.0.0.1:9100` or `[::1]:9100`"


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ("main = 3", "2:8 `main` of component `x` must be a string, not `3`"),
        (
            'main = "clock"',
            '2:8 `main` of component `x` must be a reference such as `package.module:name`, not `"clock"`',
        ),
        (
            'main = "clock.main"',
            (
                '2:8 `main` of component `x` must be a reference such as `package.module:name`, not `"clock.main"`'
                " (did you mean `clock:main`?)"
            ),
        ),
        (
            'main = "m:f"\nrestrat = { policy = "always" }',
            "3:1 unknown key `restrat` in component `x` (did you mean `restart`?)",
        ),
        (
            'main = "m:f"\nxyz = 1',
            (
                "3:1 unknown key `xyz` in component `x` (its keys are `realm`, `transports`, `extra`, `authentication`,"
                " `is_fatal`, `is_fatal_default`, `autostart`, `critical`, `after`, `requires`, `group`, `instances`,"
                " `start_timeout`, `stop_timeout`, `max_stall`, `on_user_error`, `cleanup`, `restart`, `health`,"
                " `main`, `session_factory`, `component`)"
            ),
        ),
        ('mian = "m:f"', "2:1 unknown key `mian` in component `x` (did you mean `main`?)"),
        (
            "realm = 'r'",
            "1:13 component `x` says nothing to run (give it one of `main`, `session_factory`, `component`)",
        ),
        ('main = "m:f"\ncomponent = "m:g"', "3:1 component `x` has both `main` and `component` (keep one of them)"),
        (
            'component = "m:f"\nsession_factory = "m:g"',
            "3:1 component `x` has both `component` and `session_factory` (keep one of them)",
        ),
    ],
)
def test_what_a_component_runs(mistakes: Callable[[str], list[str]], lines: str, mistake: str) -> None:
    assert mistakes(f"[components.x]\n{lines}") == [mistake]


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("realm = ''", '3:9 `realm` of component `x` must be a string without spaces that is not empty, not `""`'),
        ("extra = 1", "3:9 `extra` of component `x` must be a table, not `1`"),
        (
            "start_timeout = 'soon'",
            '3:17 `start_timeout` of component `x` must be a number of seconds above 0, not `"soon"`',
        ),
        ("start_timeout = 0", "3:17 `start_timeout` of component `x` must be a number of seconds above 0, not `0`"),
        ("stop_timeout = inf", "3:16 `stop_timeout` of component `x` must be a number of seconds above 0, not `inf`"),
        ("stop_timeout = nan", "3:16 `stop_timeout` of component `x` must be a number of seconds above 0, not `nan`"),
        ("stop_timeout = true", "3:16 `stop_timeout` of component `x` must be a number of seconds above 0, not `true`"),
        ("critical = 'yes'", '3:12 `critical` of component `x` must be `true` or `false`, not `"yes"`'),
        ("autostart = 1", "3:13 `autostart` of component `x` must be `true` or `false`, not `1`"),
        ("is_fatal_default = {}", "3:20 `is_fatal_default` of component `x` must be `true` or `false`, not a table"),
        (
            "on_user_error = 'logg'",
            "3:17 `on_user_error` of component `x` must be one of `fail`, `log`, not `logg` (did you mean `log`?)",
        ),
        (
            "is_fatal = 'wamp.error.no_such_role'",
            (
                "3:12 `is_fatal` of component `x` must be a reference such as `package.module:function`, "
                'not `"wamp.error.no_such_role"` (to name an error, put it into a list: `[...]`)'
            ),
        ),
        ("is_fatal = 3", "3:12 `is_fatal` of component `x` must be a reference or a list of errors, not `3`"),
        (
            "is_fatal = ['a', 3]",
            "3:18 `is_fatal[1]` of component `x` must be a string without spaces that is not empty, not `3`",
        ),
        *(
            (
                f"restart = '{policy}'",
                (
                    f'3:11 `restart` of component `x` must be a table, not `"{policy}"`'
                    f' (restart = {{ policy = "{policy}" }})'
                ),
            )
            for policy in ("always", "on-failure", "never")
        ),
        ("restart = 'sometimes'", '3:11 `restart` of component `x` must be a table, not `"sometimes"`'),
        ("restart = []", "3:11 `restart` of component `x` must be a table, not a list"),
        (
            "restart.policy = 'sometimes'",
            "3:18 `restart.policy` of component `x` must be one of `on-failure`, `always`, `never`, not `sometimes`",
        ),
        (
            "restart.policy = 'allways'",
            (
                "3:18 `restart.policy` of component `x` must be one of `on-failure`, `always`, `never`, not `allways`"
                " (did you mean `always`?)"
            ),
        ),
        (
            "restart = {polcy = 'always'}",
            "3:12 unknown key `polcy` in `restart` of component `x` (did you mean `policy`?)",
        ),
        (
            "restart.initial_delay = 0",
            "3:25 `restart.initial_delay` of component `x` must be a number of seconds from 0.0001 up, not `0`",
        ),
        (
            "restart.initial_delay = 61",
            "3:25 `restart.initial_delay` of component `x` must not be above `max_delay` (`60`)",
        ),
        (
            "restart.max_delay = 0.5",
            "3:21 `restart.max_delay` of component `x` must not be below `initial_delay` (`1`)",
        ),
        ("restart.growth = 0.9", "3:18 `restart.growth` of component `x` must be a number from 1 up, not `0.9`"),
        ("restart.jitter = 1.1", "3:18 `restart.jitter` of component `x` must be a number from 0 to 1, not `1.1`"),
        (
            "restart.reset_after = -1",
            "3:23 `restart.reset_after` of component `x` must be a number of seconds, 0 or more, not `-1`",
        ),
        (
            "restart.max_restarts = -2",
            "3:24 `restart.max_restarts` of component `x` must be a whole number, or -1 for no limit, not `-2`",
        ),
        (
            "restart.max_restarts = 1.5",
            "3:24 `restart.max_restarts` of component `x` must be a whole number, or -1 for no limit, not `1.5`",
        ),
        ("restart.window = 0", "3:18 `restart.window` of component `x` must be a number of seconds above 0, not `0`"),
        ("after = 3", "3:9 `after` of component `x` must be a name or a list of names, not `3`"),
        (
            "requires = ['']",
            '3:13 `requires[0]` of component `x` must be a string without spaces that is not empty, not `""`',
        ),
        (
            "group = ' '",
            '3:9 `group` of component `x` must be a string without spaces that is not empty, not `" "`',
        ),
        ("group = []", "3:9 `group` of component `x` must be a string without spaces that is not empty, not a list"),
        *(
            (
                f"instances = {count}",
                f"3:13 `instances` of component `x` must be a whole number from 0 to 10000, not `{count}`",
            )
            for count in ("-1", "10001", "1.0", "true")
        ),
        (
            "instances = 2\nextra = { instance = 1 }",
            "4:11 `extra.instance` of component `x` is set by its `instances` (choose another key)",
        ),
        (
            "health = 'com.example.ping'",
            (
                '3:10 `health` of component `x` must be a table, not `"com.example.ping"`'
                ' (health = { procedure = "com.example.ping" })'
            ),
        ),
        ("health = 3", "3:10 `health` of component `x` must be a table, not `3`"),
        (
            "health.interval = 3",
            ('3:1 `health` of component `x` needs a `procedure` (such as `procedure = "com.example.health"`)'),
        ),
        (
            "health.procedur = 'a.b'",
            "3:8 unknown key `procedur` in `health` of component `x` (did you mean `procedure`?)",
        ),
        *(
            (
                f"health.procedure = '{uri}'",
                (
                    "3:20 `health.procedure` of component `x` must be a WAMP URI such as `com.example.health`,"
                    f' not `"{uri}"`'
                ),
            )
            for uri in ("", "a b", "a..b", ".a", "a.", "a#b")
        ),
        (
            "health = { procedure = 'a', interval = 0 }",
            "3:40 `health.interval` of component `x` must be a number of seconds above 0, not `0`",
        ),
        (
            "health = { procedure = 'a', timeout = 0 }",
            "3:39 `health.timeout` of component `x` must be a number of seconds above 0, not `0`",
        ),
        (
            "health = { procedure = 'a', failures = 0 }",
            "3:40 `health.failures` of component `x` must be a whole number from 1 up, not `0`",
        ),
    ],
)
def test_how_a_component_lives(mistakes: Callable[[str], list[str]], line: str, mistake: str) -> None:
    assert mistakes(f'[components.x]\nmain = "m:f"\n{line}') == [mistake]


NO_SERVER_NAME = (
    ", and nothing says which name its router has"
    ' (say it with the path: `endpoint = { path = "PATH", tls = { hostname = "router.example" } }`)'
)


@pytest.mark.parametrize(
    ("value", "mistake"),
    [
        ("3", "3:14 `transports` of component `x` must be a URL, a table, or a list of both, not `3`"),
        ("[]", "3:14 `transports` of component `x` must not be empty"),
        ("[3]", "3:15 `transports[0]` of component `x` must be a URL or a table, not `3`"),
        (
            "'127.0.0.1:80'",
            f'3:14 `transports` of component `x` must be a URL that begins with {SCHEMES}, not `"127.0.0.1:80"`',
        ),
        (
            "['http://h']",
            (
                f'3:15 `transports[0]` of component `x` must be a URL that begins with {SCHEMES}, not `"http://h"`'
                " (did you mean `ws://`?)"
            ),
        ),
        (
            "'WS://h'",
            (
                f'3:14 `transports` of component `x` must be a URL that begins with {SCHEMES}, not `"WS://h"`'
                " (did you mean `ws://`?)"
            ),
        ),
        (
            "'ws://h:70000'",
            '3:14 `transports` of component `x` must be a URL with a port from 1 to 65535, not `"ws://h:70000"`',
        ),
        (
            "'ws://h:0'",
            '3:14 `transports` of component `x` must be a URL with a port from 1 to 65535, not `"ws://h:0"`',
        ),
        ("'ws://:80'", '3:14 `transports` of component `x` must be a URL with a host, not `"ws://:80"`'),
        ("'ws://[::1'", '3:14 `transports` of component `x` must be a URL with a valid host, not `"ws://[::1"`'),
        ("'ws://a b'", '3:14 `transports` of component `x` must be a URL without spaces, not `"ws://a b"`'),
        ("'ws://h/#a'", '3:14 `transports` of component `x` must be a URL without a fragment, not `"ws://h/#a"`'),
        (
            "'rs://h:1/ws'",
            (
                '3:14 `transports` of component `x` must be a URL without a path, not `"rs://h:1/ws"`'
                " (a rawsocket is a host and a port, or `unix:` and a path)"
            ),
        ),
        (
            "'rs://h'",
            (
                '3:14 `transports` of component `x` must be a URL with a port, not `"rs://h"`'
                " (a rawsocket has no usual port)"
            ),
        ),
        (
            "'rs://unix:'",
            '3:14 `transports` of component `x` must be a URL with a path after `rs://unix:`, not `"rs://unix:"`',
        ),
        (
            "{ type = 'websocket' }",
            '3:1 `transports` of component `x` needs a `url` (such as `url = "ws://127.0.0.1:8080/ws"`)',
        ),
        (
            "{ type = 'rawsocket' }",
            '3:1 `transports` of component `x` needs a `url` (such as `url = "ws://127.0.0.1:8080/ws"`)',
        ),
        ("{ ulr = 'ws://h' }", "3:16 unknown key `ulr` in `transports` of component `x` (did you mean `url`?)"),
        (
            "['ws://h', { ulr = 'ws://h' }]",
            "3:27 unknown key `ulr` in `transports[1]` of component `x` (did you mean `url`?)",
        ),
        (
            "{ url = 'ws://h', type = 'websock' }",
            (
                "3:39 `transports.type` of component `x` must be one of `websocket`, `rawsocket`, not `websock`"
                " (did you mean `websocket`?)"
            ),
        ),
        (
            "{ url = 'rs://h:1', type = 'websocket' }",
            (
                "3:22 `transports.url` of component `x` must begin with `ws://` or `wss://`, "
                "because its `type` is `websocket`"
            ),
        ),
        (
            "{ url = 'ws://h', serializer = 'cbor' }",
            (
                "3:32 `transports.serializer` of component `x` is only for a rawsocket"
                " (a websocket offers several: `serializers`)"
            ),
        ),
        (
            "{ url = 'rs://h:1', serializers = ['cbor'] }",
            (
                "3:34 `transports.serializers` of component `x` is only for a websocket"
                " (a rawsocket has one: `serializer`)"
            ),
        ),
        (
            "{ url = 'rs://h:1', headers = {} }",
            "3:34 `transports.headers` of component `x` is only for a websocket",
        ),
        (
            "{ url = 'rs://h:1', proxy = { host = 'p', port = 1 } }",
            "3:34 `transports.proxy` of component `x` is only for a websocket",
        ),
        ("{ url = 'ws://h', proxy = { host = 'p' } }", "3:32 `transports.proxy` of component `x` needs a `port`"),
        (
            "{ url = 'ws://h', serializers = ['jsn'] }",
            (
                "3:47 `transports.serializers[0]` of component `x` must be one of "
                "`json`, `msgpack`, `cbor`, `ubjson`, `flatbuffers`, not `jsn` (did you mean `json`?)"
            ),
        ),
        (
            "{ url = 'ws://h', headers = { a = 1 } }",
            (
                "3:48 `transports.headers.a` of component `x` must be"
                ' a string that is not empty, `{ env = "NAME" }` or `{ file = "path" }`'
            ),
        ),
        (
            "{ url = 'ws://h', headers = { 'a b' = 'x' } }",
            (
                "3:44 `transports.headers.a b` of component `x` can't be a header:"
                " its name must be made of letters, digits and `-`"
            ),
        ),
        (
            "{ url = 'ws://h', headers = { Host = 'x' } }",
            "3:44 `transports.headers.Host` of component `x` is sent by the handshake itself",
        ),
        (
            "{ url = 'ws://h', headers = { X-A = '1', x-a = '2' } }",
            "3:55 `transports.headers.x-a` of component `x` is the same header as `X-A`",
        ),
        (
            '{ url = "ws://h", headers = { X-A = "1\\nHost: h" } }',
            "3:50 `transports.headers.X-A` of component `x` must be one line without control characters",
        ),
        ("{ url = 'ws://h', options = 1 }", "3:42 `transports.options` of component `x` must be a table, not `1`"),
        (
            "{ url = 'ws://h', max_retry_delay = 1 }",
            "3:50 `transports.max_retry_delay` of component `x` must not be below `initial_retry_delay` (`1.5`)",
        ),
        (
            "{ url = 'ws://h', endpoint = 1 }",
            "3:43 `transports.endpoint` of component `x` must be a table or a Twisted client endpoint string, not `1`",
        ),
        ("{ url = 'ws://h', endpoint = {host = 'h'} }", "3:32 `transports.endpoint` of component `x` needs a `port`"),
        (
            "{ url = 'ws://h', endpoint = {type = 'unix'} }",
            "3:32 `transports.endpoint` of component `x` needs a `path`",
        ),
        (
            "{ url = 'ws://h', endpoint = {path = 'p', version = 4} }",
            "3:56 `transports.endpoint.version` of component `x` is only for an endpoint of type `tcp`",
        ),
        (
            "{ type = 'rawsocket', endpoint = {path = 'p', tls = true} }",
            "3:47 `transports` of component `x` speaks TLS over a unix socket" + NO_SERVER_NAME,
        ),
        (
            "{ url = 'rss://unix:/p', endpoint = {path = 'p', tls = {trust_root = 'r'}} }",
            "3:50 `transports` of component `x` speaks TLS over a unix socket" + NO_SERVER_NAME,
        ),
        ("'rss://unix:/p'", "3:14 `transports` of component `x` speaks TLS over a unix socket" + NO_SERVER_NAME),
        (
            "['rs://h:1', 'wss://unix:/p']",
            "3:27 `transports[1]` of component `x` speaks TLS over a unix socket" + NO_SERVER_NAME,
        ),
        (
            "{ url = 'ws://h', endpoint = {host = '::1', port = 1, version = 4} }",
            "3:78 `transports.endpoint.version` of component `x` is `4`, but its `host` is an IPv6 address",
        ),
        (
            "{ url = 'ws://h', endpoint = {host = '127.0.0.1', port = 1, version = 6} }",
            "3:84 `transports.endpoint.version` of component `x` is `6`, but its `host` is an IPv4 address",
        ),
        (
            "{ url = 'ws://h', endpoint = 'tcp:h:1', proxy = {host = 'p', port = 1} }",
            "3:54 `transports.proxy` of component `x` connects to a host and a port, and the transport has none",
        ),
        (
            "{ url = 'ws://unix:/p', proxy = {host = 'p', port = 1} }",
            "3:38 `transports.proxy` of component `x` connects to a host and a port, and the transport has none",
        ),
        (
            "{ url = 'ws://h', proxy = {host = 'p', port = 1}, endpoint = {host = 'h', port = 1, version = 4} }",
            (
                "3:98 `transports.endpoint.version` of component `x` has no meaning with a `proxy`,"
                " which looks up the host by itself"
            ),
        ),
        (
            "{ url = 'ws://h', endpoint = {type = 'tcp', host = 'h', port = 1, path = 'p'} }",
            "3:80 `transports.endpoint.path` of component `x` is only for an endpoint of type `unix`",
        ),
        (
            "{ url = 'ws://h', endpoint = {host = 'h', port = 65536} }",
            "3:63 `transports.endpoint.port` of component `x` must be a port from 1 to 65535, not `65536`",
        ),
        (
            "{ url = 'ws://h', endpoint = {host = 'h', port = 1, version = 5} }",
            "3:76 `transports.endpoint.version` of component `x` must be one of `4`, `6`, not `5`",
        ),
        (
            "{ url = 'ws://h', endpoint = {host = 'h', port = 1, tls = 'yes'} }",
            '3:72 `transports.endpoint.tls` of component `x` must be `true`, `false` or a table, not `"yes"`',
        ),
        (
            "{ url = 'ws://h', endpoint = {host = 'h', port = 1, tls = {key = 'k'}} }",
            "3:66 `transports.endpoint.tls` of component `x` needs a `certificate` beside its `key`",
        ),
        (
            "{ url = 'ws://h', endpoint = {host = 'h', port = 1, tls = {trust_root = 1}} }",
            "3:86 `transports.endpoint.tls.trust_root` of component `x` must be a path or a list of paths, not `1`",
        ),
    ],
)
def test_how_a_component_connects(mistakes: Callable[[str], list[str]], value: str, mistake: str) -> None:
    assert mistakes(f'[components.x]\nmain = "m:f"\ntransports = {value}') == [mistake]


def test_a_url_takes_no_user_name(mistakes: Callable[[str], list[str]]) -> None:
    assert mistakes(FINE + 'transports = "ws://joe@h"') == [
        (
            '3:14 `transports` of component `fine` must be a URL without a user name, not `"ws://...@h"`'
            " (say who it is under `authentication`)"
        )
    ]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a b", NAME_RULE),
        ("a/b", NAME_RULE),
        ("feed@1", NAME_RULE),
        ("group:x", NAME_RULE),
        ("a*", NAME_RULE),
        (".a", NAME_RULE),
        ("-a", NAME_RULE),
        ("", NAME_RULE),
        ("\u00e9", NAME_RULE),
        ("a.toml", "a name that does not end in `.toml`, which would make it a fleet file"),
    ],
)
def test_names(mistakes: Callable[[str], list[str]], name: str, problem: str) -> None:
    assert mistakes(f'[components."{name}"]\nmain = "m:f"') == [
        f"1:13 the name of component `{name}` must be {problem}"
    ]
    assert mistakes(f'[groups."{name}"]\n{FINE}') == [f"1:9 the name of group `{name}` must be {problem}"]
    assert mistakes(f'[supervisor]\nname = "{name}"\n{FINE}') == [
        f'2:8 `name` in `[supervisor]` must be {problem}, not `"{name}"`'
    ]


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ("supervisor = 3", "1:14 `[supervisor]` must be a table, not `3`"),
        ("[supervisors]", "1:2 unknown key `supervisors` at the top of the file (did you mean `supervisor`?)"),
        (
            "[supervisor]\nsocket_mode = 600",
            '2:15 `socket_mode` in `[supervisor]` must be an octal mode such as `"0600"`, not `600`',
        ),
        (
            "[supervisor]\nsocket_mode = '0999'",
            '2:15 `socket_mode` in `[supervisor]` must be an octal mode such as `"0600"`, not `"0999"`',
        ),
        (
            "[supervisor]\nlog_level = 'warning'",
            (
                "2:13 `log_level` in `[supervisor]` must be one of `critical`, `error`, `warn`, `info`, `debug`, "
                "`trace`, "
                "not `warning` (did you mean `warn`?)"
            ),
        ),
        (
            "[supervisor]\nlog_file = true",
            "2:12 `log_file` in `[supervisor]` must be a path or a table, not `true`",
        ),
        (
            "[supervisor]\nlog_file = 'log/'",
            '2:12 `log_file` in `[supervisor]` must be the path of a file, not `"log/"`',
        ),
        (
            "[supervisor]\nlog_file = 'log/{name}.log'",
            (
                "2:12 `log_file` in `[supervisor]` must be a path in which nothing but `{component}` stands in braces,"
                ' not `"log/{name}.log"`'
            ),
        ),
        (
            "[supervisor]\nlog_file = { path = 'x', max_bytes = -1 }",
            "2:38 `log_file.max_bytes` in `[supervisor]` must be a whole number of bytes, or 0 for no limit, not `-1`",
        ),
        (
            "[supervisor]\nlog_file = { path = 'x', backups = 1001 }",
            "2:36 `log_file.backups` in `[supervisor]` must be a whole number from 0 to 1000, not `1001`",
        ),
        (
            "[supervisor]\nlog_format = 'xml'",
            "2:14 `log_format` in `[supervisor]` must be one of `text`, `json`, not `xml`",
        ),
        (
            "[supervisor]\nlog_lines = -1",
            "2:13 `log_lines` in `[supervisor]` must be a whole number from 0 to 100000, not `-1`",
        ),
        (
            "[supervisor]\nreactor = 'uvlop'",
            (
                "2:11 `reactor` in `[supervisor]` must be one of `auto`, `epoll`, `kqueue`, `poll`, `asyncio`,"
                " `uvloop`, not `uvlop` (did you mean `uvloop`?)"
            ),
        ),
        (
            "[supervisor]\nexit_when = 'all_done'",
            (
                "2:13 `exit_when` in `[supervisor]` must be one of `never`, `all-done`, not `all_done`"
                " (did you mean `all-done`?)"
            ),
        ),
        ("[supervisor]\npython_path = 'lib'", '2:15 `python_path` in `[supervisor]` must be a list, not `"lib"`'),
        (
            "[supervisor]\nsocket = '/s'\nsocket_group = 'rooot'",
            (
                '3:16 `socket_group` in `[supervisor]` must be a group of this system, or its number, not `"rooot"`'
                " (did you mean `root`?)"
            ),
        ),
        (
            "[supervisor]\nsocket_group = '0'",
            (
                "2:1 `socket_group` needs a `socket`: the usual place of control sockets is open to their owner alone"
                ' (such as `socket = "/run/edge/edge.sock"`, in a folder that the group can enter)'
            ),
        ),
        (
            "[supervisor]\nsocket = '/s'\nsocket_group = '0'\nsocket_mode = '0600'",
            ('4:15 `socket_mode` `0600` keeps out the group that `socket_group` lets in (such as `"0660"`)'),
        ),
        *(
            (
                f"[supervisor]\nhttp = '{http}'",
                (
                    f'2:8 `http` in `[supervisor]` must be {expected or _ADDRESS}, not `"{http}"`'
                    + (f" (did you mean `{meant}`?)" if meant else "")
                ),
            )
            for http, expected, meant in (
                ("9100", None, "127.0.0.1:9100"),
                (":9100", None, "127.0.0.1:9100"),
                ("http://edge:9100/", None, "edge:9100"),
                ("edge", None, None),
                ("::1:9100", None, None),
                ("[::g]:9100", None, None),
                ("edge:99999", "an address with a port from 0 to 65535", None),
            )
        ),
        (
            "[supervisor]\nhttp_hosts = ['edge:9100']",
            '2:15 `http_hosts[0]` in `[supervisor]` must be the name of a host, without a port, not `"edge:9100"`',
        ),
        ("[supervisor]\nsocket = ''", '2:10 `socket` in `[supervisor]` must be a string that is not empty, not `""`'),
        (
            "[supervisor]\nstart_window = 0",
            "2:16 `start_window` in `[supervisor]` must be a whole number from 1 up, not `0`",
        ),
        (
            "[supervisor]\nstall_after = -1",
            "2:15 `stall_after` in `[supervisor]` must be a number of seconds, 0 or more, not `-1`",
        ),
        (
            "[supervisor]\nfatal_stall = 0.5",
            "2:15 `fatal_stall` in `[supervisor]` must be a number of seconds from 1 up, or 0 for never, not `0.5`",
        ),
        (
            "[defaults]\nmax_stall = true",
            "2:13 `max_stall` in `[defaults]` must be a number of seconds, 0 or more, not `true`",
        ),
        ("[router]", "1:2 `[router]` needs a `listen`"),
        ("[router]\nlisen = 'ws://h'", "2:1 unknown key `lisen` in `[router]` (did you mean `listen`?)"),
        ("[router]\nlisten = []", "2:10 `listen` in `[router]` must not be empty"),
        ("[router]\nlisten = 1", "2:10 `listen` in `[router]` must be a URL or a list of URLs, not `1`"),
        (
            "[router]\nlisten = ['wss://h']",
            '2:11 `listen[0]` in `[router]` must be a URL that begins with `ws://` or `rs://`, not `"wss://h"`',
        ),
        (
            "[router]\nlisten = 'ws://unix:/r.sock'",
            (
                '2:10 `listen` in `[router]` must be a URL with a host and a port, not `"ws://unix:/r.sock"`'
                " (did you mean `rs://unix:/r.sock`?)"
            ),
        ),
        (
            "[router]\nlisten = 'ws://h:-1'",
            '2:10 `listen` in `[router]` must be a URL with a port from 0 to 65535, not `"ws://h:-1"`',
        ),
        ("[router]\nlisten = 'ws://h'\nrealms = []", "3:10 `realms` in `[router]` must not be empty"),
        (
            "[router]\nport = 8080\nlisten = 'ws://h'",
            "2:1 unknown key `port` in `[router]` (its keys are `listen`, `realms`)",
        ),
        (
            "[supervisor]\nworkers = 2",
            (
                "2:1 unknown key `workers` in `[supervisor]` (its keys are `name`, `socket`, `socket_mode`,"
                " `socket_group`, `http`, `http_hosts`, `log_level`, `log_format`, `log_file`, `log_lines`, `reactor`,"
                " `include`, `python_path`, `exit_when`,"
                " `stop_timeout`, `start_window`, `stall_after`, `fatal_stall`)"
            ),
        ),
        (
            "[zzz]",
            (
                "1:2 unknown key `zzz` at the top of the file"
                " (its keys are `supervisor`, `router`, `defaults`, `components`, `groups`)"
            ),
        ),
        (
            "[defaults]\nmain = 'm:f'",
            (
                "2:1 unknown key `main` in `[defaults]` (its keys are `realm`, `transports`, `extra`,"
                " `authentication`, `is_fatal`, `is_fatal_default`, `autostart`, `critical`, `after`, `requires`,"
                " `group`, `instances`, `start_timeout`, `stop_timeout`, `max_stall`, `on_user_error`, `cleanup`,"
                " `restart`, `health`)"
            ),
        ),
        (
            "[defaults]\nrealm = 1",
            "2:9 `realm` in `[defaults]` must be a string without spaces that is not empty, not `1`",
        ),
        ("[groups]\nedge = 'one-for-all'", '2:8 group `edge` must be a table, not `"one-for-all"`'),
        (
            "[groups.edge]\nstrategy = 'one-for-al'",
            (
                "2:12 `strategy` of group `edge` must be one of `one-for-one`, `one-for-all`, `rest-for-one`,"
                " not `one-for-al` (did you mean `one-for-all`?)"
            ),
        ),
        (
            "[groups.edge]\nmax_restarts = -2",
            "2:16 `max_restarts` of group `edge` must be a whole number, or -1 for no limit, not `-2`",
        ),
        (
            "[groups.edge]\nwindow = 0",
            "2:10 `window` of group `edge` must be a number of seconds above 0, not `0`",
        ),
        (
            "[groups.edge]\nmembers = []",
            "2:1 unknown key `members` in group `edge` (its keys are `strategy`, `max_restarts`, `window`)",
        ),
        (
            "[defaults]\nrestart = { max_delay = 0.1 }",
            "2:25 `restart.max_delay` in `[defaults]` must not be below `initial_delay` (`1`)",
        ),
    ],
)
def test_the_fleet_as_a_whole(mistakes: Callable[[str], list[str]], lines: str, mistake: str) -> None:
    assert mistakes(f"{lines}\n{FINE}") == [mistake]


@pytest.mark.parametrize("text", ["", "# nothing\n", "[supervisor]\nname = 'x'\n", "components = {}\n"])
def test_a_fleet_without_components_is_refused(mistakes: Callable[[str], list[str]], text: str) -> None:
    (mistake,) = mistakes(text)
    assert mistake.partition(" ")[2] == (
        'the fleet has no components (add a table such as `[components.clock]` with `main = "clock:main"`)'
    )


def test_misspelt_components_are_not_missed_as_well(mistakes: Callable[[str], list[str]]) -> None:
    assert mistakes('[componets.x]\nmain = "m:f"') == [
        "1:2 unknown key `componets` at the top of the file (did you mean `components`?)"
    ]
    assert mistakes(f"{FINE}group = 'edge'\nafter = 'group:edge'\n[group.edge]") == [
        "5:2 unknown key `group` at the top of the file (did you mean `groups`?)"
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[components]\nx = 1", "2:5 component `x` must be a table, not `1`"),
        ("components = 1", "1:14 `[components]` must be a table, not `1`"),
        ("[[components]]", "1:3 `[components]` must be a table, not a list"),
    ],
)
def test_a_component_that_is_no_table(mistakes: Callable[[str], list[str]], text: str, mistake: str) -> None:
    assert mistakes(text) == [mistake]


def test_a_mistake_in_a_default_is_told_once(mistakes: Callable[[str], list[str]]) -> None:
    components = '[components.a]\nmain = "m:f"\n[components.b]\nmain = "m:f"'
    text = f"[defaults]\nstop_timeout = 0\nrestart.initial_delay = 90\n{components}"
    assert [line.partition(" ")[0] for line in mistakes(text)] == ["2:16", "3:25"]


def test_a_component_is_held_to_the_order_of_delays_that_it_inherits(mistakes: Callable[[str], list[str]]) -> None:
    text = '[defaults]\nrestart.max_delay = 5\n[components.a]\nmain = "m:f"\nrestart.initial_delay = 6\n'
    assert mistakes(text) == ["5:25 `restart.initial_delay` of component `a` must not be above `max_delay` (`5`)"]


def test_a_fleet_without_a_name_needs_a_file_whose_name_will_do(
    refuse: Refuse, mistakes: Callable[[str], list[str]]
) -> None:
    assert mistakes(f"[supervisor]\nname = '.'\n{FINE}") == [
        f'2:8 `name` in `[supervisor]` must be {NAME_RULE}, not `"."`'
    ]


DOZEN = """\
[supervisor]
log_format = "xml"
[router]
listen = 3
[defaults]
autostart = 3
[components.a]
main = "m"
start_timeout = "soon"
restart.policy = "sometimes"
reaml = "r"
[components.b]
main = "m:f"
component = "m:f"
transports = [
    "ws://h",
    "http://h",
    { url = "ws://h", max_retries = 1.5 },
]
authentication = { tiket = {} }
[components.c]
extra = []
"""


def test_a_dozen_mistakes_give_a_dozen_messages_each_at_its_own_line(
    refuse: Refuse, mistakes: Callable[[str], list[str]]
) -> None:
    lines = [int(mistake.partition(":")[0]) for mistake in mistakes(DOZEN)]
    assert lines == [2, 4, 6, 8, 9, 10, 11, 14, 17, 18, 20, 21, 22]
    assert refuse(DOZEN).message == "`edge.toml` has 13 mistakes"


def test_the_picture_of_a_mistake(refuse: Refuse) -> None:
    text = "\n" * 11 + '[components.pricing]\nmain = "m:f"\nrestrat = { policy = "always" }\n'
    error = refuse(text)
    assert error.render() == (
        "error: unknown key `restrat` in component `pricing`\n"
        "  --> edge.toml:14:1\n"
        "   |\n"
        '14 | restrat = { policy = "always" }\n'
        "   | ^^^^^^^\n"
        "hint: did you mean `restart`?"
    )
    assert error.message == "unknown key `restrat` in component `pricing`"
    assert error.hint == "did you mean `restart`?"
    assert error.exit_code == 5
    assert [mistake.exit_code for mistake in error.mistakes] == [5]


def test_pictures_are_separated_by_a_blank_line(refuse: Refuse) -> None:
    assert refuse('[components.a]\nmain\t= 1\n\tcomponent = """\nx"""\n').render() == (
        "error: `main` of component `a` must be a string, not `1`\n"
        " --> edge.toml:2:8\n"
        "  |\n"
        "2 | main    = 1\n"
        "  |           ^\n"
        "\n"
        "error: component `a` has both `main` and `component`\n"
        " --> edge.toml:3:2\n"
        "  |\n"
        '3 |     component = """\n'
        "  |     ^^^^^^^^^\n"
        "hint: keep one of them\n"
        "\n"
        'error: `component` of component `a` must be a reference such as `package.module:name`, not `"x"`\n'
        " --> edge.toml:3:14\n"
        "  |\n"
        '3 |     component = """\n'
        "  |                 ^^^"
    )


def test_a_long_value_is_cut_and_what_a_terminal_would_obey_is_not_shown(refuse: Refuse) -> None:
    text = f'[components.a]\nmain = "m:f"\nrealm = "{"x " * 100}"\n"k\\u001b[31m" = 1 # \u202e\n'
    rendered = refuse(text).render()
    assert f'not `"{"x " * 29}x...`' in rendered
    assert "unknown key `k\\x1b[31m` in component `a`" in rendered
    assert "\u202e" not in rendered
    assert '4 | "k\\u001b[31m" = 1 # \\u202e\n  | ^^^^^^^^^^^^^\n' in rendered + "\n"


def test_of_a_long_line_only_what_is_around_the_mistake_is_shown(refuse: Refuse) -> None:
    text = f"components.a = {{ main = 'm:f', extra = {{ a = '{'x' * 500}' }}, realm = 3, after = ['{'y' * 500}'] }}\n"
    rendered = refuse(text).render().split("\n\n")[0].splitlines()
    shown, marks = rendered[3].removeprefix("1 | "), rendered[4].removeprefix("  | ")
    assert len(shown) == 166
    assert shown.startswith("...xxx")
    assert shown.endswith("yyy...")
    assert shown[marks.index("^") : len(marks)] == "3"


def test_the_mark_stands_right_behind_wide_characters(refuse: Refuse) -> None:
    rendered = refuse('components.a = { main = "m:f", extra.a = "\N{TEACUP WITHOUT HANDLE}漢字é", realm = 3 }').render()
    *_, shown, marks = rendered.splitlines()
    assert marks.index("^") == shown.index("3 }") + 3  # three of them are as wide as two


def test_names_are_near_whatever_their_case(mistakes: Callable[[str], list[str]]) -> None:
    text = '[components.DB_MAIN]\nmain = "m:f"\n[components.x]\nmain = "m:f"\nrequires = "DB_MIAN"\n'
    assert mistakes(text) == [
        "5:12 unknown component `DB_MIAN` in `requires` of component `x` (did you mean `DB_MAIN`?)"
    ]


def test_who_has_very_many_unknown_names_gets_no_hints_in_the_end(refuse: Refuse) -> None:
    names = [f"kettle{number}" for number in range(MOST_HINTS + 10)]
    text = "".join(f'[components.{name}]\nmain = "m:f"\nrequires = "{name}x"\n' for name in names)
    hints = [mistake.hint for mistake in refuse(text).mistakes]
    assert [hint is None for hint in hints] == [False] * MOST_HINTS + [True] * 10
