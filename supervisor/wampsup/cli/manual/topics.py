"""The topics of `wampsup help` that are no commands.

Paragraphs of at most 78 columns; one that is indented is shown as it is.
"""

from __future__ import annotations

NAMES = """\
Commands take names of components, and patterns as shells have them: `*` is
anything, `?` one character, `[ab]` one of these. They stand in quotes, so that
the shell leaves them alone:

  wampsup status 'sensor-*'      all whose names begin so
  wampsup stop group:kitchen     the members of a group
  wampsup restart 'feed@*'       all instances of feed
  wampsup start --all            every component

A name or a pattern that matches nothing is an error (exit code 4), and then
nothing is done. Behind `--`, everything is a name.

Which fleet? `--fleet NAME` or `--socket PATH`, else $WAMPSUP_SOCKET, else the
only one that runs; where several do, the error lists them."""

STATES = """\
  stopped       not running and not wanted: no socket, no session, no timer
  waiting       wanted; held by what it is `after`, `requires`, its group, or
                the start window
  connecting    an attempt is under way: transport, handshake, authentication,
                join handlers
  running       joined and ready
  reconnecting  the connection was lost or refused; it will be tried again
  backoff       it failed; its restart policy will start it again
  stopping      it is leaving its realm
  completed     it ended by itself, well, and its policy leaves it so
  failed        it failed, and its policy leaves it, or has given up
  fatal         an error that no retry can mend: only a person starts it again

A lost connection is no failure and counts for no restart. `wampsup show NAME`
says what happens next, and why."""

EXIT_CODES = """\
  0  done
  1  it did not work; `status --check` found something down; a critical
     component has ended the fleet
  2  wrong usage
  3  no supervisor answers
  4  no such component
  5  the fleet file is wrong
  6  timed out waiting
  7  the loop was stuck for `fatal_stall`

Data goes to standard output, everything else to standard error. With `--json`,
standard output holds one document, or one a line of what follows, also where
something went wrong: {"error": ..., "hint": ...}."""

ENVIRONMENT = """\
  WAMPSUP_SOCKET   the control socket of the fleet that commands are for
  XDG_RUNTIME_DIR  control sockets lie in its folder `wampsup`; without it, in
                   /run/wampsup for root, else in /tmp/wampsup-UID
  NO_COLOR         no colours, also on a terminal (as with TERM=dumb)
  COLUMNS, LINES   the size of the terminal, where it does not tell
  NOTIFY_SOCKET, WATCHDOG_USEC
                   what systemd wants to be told

Strings of a fleet file hold others as ${NAME} or ${NAME:-default}."""

FLEET_FILE = """\
A fleet file is TOML. `wampsup init` writes one to start from; `wampsup schema`
prints what editors need to complete its keys; the README lists all of them.

  [supervisor]          name, socket, socket_mode, socket_group, http,
                        http_hosts, log_level, log_format, log_file,
                        log_lines, include, python_path, reactor, exit_when,
                        stop_timeout, start_window, stall_after, fatal_stall
  [router]              an embedded router for development: listen, realms
  [defaults]            keys that components do not have themselves
  [components.NAME]     a component
  [groups.NAME]         strategy, max_restarts, window

A component is exactly one of `main`, `session_factory` and `component`, each
as "package.module:name", and may have:

  transports            URLs or tables: url, endpoint, serializers, options,
                        headers, proxy, max_retries, delays
  realm, extra, authentication
  is_fatal              URIs, exceptions or functions: what no retry can mend;
                        is_fatal_default
  restart               policy ("on-failure", "always", "never"),
                        initial_delay, max_delay, growth, jitter,
                        reset_after, max_restarts within window
  health                procedure, interval, timeout, failures
  after, requires       whom it waits for; requires: whose end stops it, too
  group, instances, autostart, critical
  start_timeout, stop_timeout, max_stall, on_user_error, cleanup

  [components.hello]
  main = "hello:main"
  transports = "ws://127.0.0.1:8080/ws"
  restart = { policy = "always", max_restarts = -1 }

${NAME} and ${NAME:-default} are taken from the environment. A secret is better
kept elsewhere: { env = "NAME" } or { file = "path" }."""

TOPICS = {
    "names": ("how components and fleets are named", NAMES),
    "states": ("what a component can be", STATES),
    "fleet-file": ("the keys of a fleet file, in short", FLEET_FILE),
    "exit-codes": ("how a command ends", EXIT_CODES),
    "environment": ("variables that are heeded", ENVIRONMENT),
}
"""Of each topic what it is about, and its text."""
