"""Secrets of a whole fleet are shown nowhere: in no answer, no event, no error, no traceback, and no line of the log.

Each secret is marked. The fleet has every method of authentication, right and wrong, and code that raises, logs and
prints what it knows.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import tomli_w

from support.authenticated import AUTHENTICATION, AUTHID, METHODS, PRIVATE_KEY, SECRET
from support.command import fleet, wampsup
from support.files import write_module

if TYPE_CHECKING:
    from pathlib import Path

    from support.command import Fleet
    from support.crossbar import Crossbar

PARTS = """
from autobahn.twisted.wamp import ApplicationSession
from autobahn.wamp.exception import ApplicationError
from twisted.internet.defer import Deferred

async def stays(reactor, session):
    print("on the air")
    await Deferred()

async def talks(reactor, session):
    secret = session.config.extra["password"]
    print("I know", secret)
    session.log.info("I know {secret!r}", secret={"a": secret})
    session.log.debug("and {secret}", secret=secret.encode())
    import logging, sys
    logging.getLogger("talks").error("I know %s", secret)
    try:
        raise LookupError(secret)
    except LookupError:
        logging.getLogger("talks").exception("I know")
        session.log.failure("I know")
    print(f"I know\\n{secret}", file=sys.stderr)
    Deferred().callback(None)
    failed = Deferred()
    failed.errback(ValueError(secret))
    del failed
    await Deferred()

async def raises(reactor, session):
    raise ValueError(f"cannot log in with {session.config.extra!r}")

async def raises_error(reactor, session):
    secret = session.config.extra["password"]
    raise ApplicationError("com.example." + secret, secret, at=secret)

async def raises_authenticators(reactor, session):
    raise ValueError([vars(each)["_secret"] for each in session._authenticators.values()])

def is_fatal(error):
    raise LookupError(f"what is {error}?")

class Answers(ApplicationSession):
    def onConnect(self):
        self.join("realm1", ["ticket"], "joe")

    def onChallenge(self, challenge):
        raise ValueError(f"is it {self.config.extra['password']}?")

class Leaves(ApplicationSession):
    def onJoin(self, details):
        raise ValueError(self.config.extra["password"])

    def onLeave(self, details):
        raise ValueError(self.config.extra["password"])
"""

RUNNING = [*METHODS, "talks", "extra", "from-env", "from-file", "headers"]
FATAL = [*(f"wrong-{method}" for method in METHODS if not method.startswith("anonymous")), "nobody", "predicate"]
FAILED = ["raises", "raises-env", "raises-error", "raises-authenticators", "answers", "leaves"]


def components(crossbar: Crossbar) -> dict[str, Any]:
    """All of them."""
    knows = {"extra": {"password": SECRET}, "transports": crossbar.rawsocket_url}
    tables: dict[str, Any] = {}
    for method, authentication in AUTHENTICATION.items():
        over = crossbar.demanding(method)
        tables[method] = {"main": "parts:stays", "transports": over, "authentication": authentication}
        (name, right), *_ = authentication.items()
        wrong = {key: "ab" * 32 if key == "privkey" else "m4rked but wr0ng" for key in right if key in KEYS}
        if wrong:
            tables[f"wrong-{method}"] = tables[method] | {"authentication": {name: right | wrong}}
    ticket = AUTHENTICATION["ticket"]["ticket"]
    extra = {"ticket": ticket | {"authextra": {"note": "m4rked in authextra", "deep": [{"er": "m4rked deeper"}]}}}
    nobody = {"ticket": ticket | {"authid": "nobody.of.note"}}
    headed = {"headers": {"Authorization": "Bearer m4rked-header", "X-Token": {"env": "ELSEWHERE"}}}
    on_rawsocket = {"main": "parts:stays", "transports": crossbar.demanding_rawsocket_url}
    return tables | {
        "extra": on_rawsocket | {"authentication": extra},
        "nobody": on_rawsocket | {"authentication": nobody},
        "from-env": on_rawsocket | {"authentication": {"ticket": ticket | {"ticket": {"env": "TICKET"}}}},
        "from-file": on_rawsocket | {"authentication": {"ticket": ticket | {"ticket": {"file": "ticket"}}}},
        "raises-env": knows | {"main": "parts:raises", "extra": {"password": [{"of": {"env": "ELSEWHERE"}}]}},
        "talks": knows | {"main": "parts:talks"},
        "raises": knows | {"main": "parts:raises"},
        "raises-error": knows | {"main": "parts:raises_error"},
        "raises-authenticators": on_rawsocket
        | {"main": "parts:raises_authenticators", "authentication": AUTHENTICATION["wampcra"]},
        "answers": {
            "session_factory": "parts:Answers",
            "extra": knows["extra"],
            "transports": crossbar.demanding_rawsocket_url,
        },
        "leaves": knows | {"session_factory": "parts:Leaves"},
        "headers": {"main": "parts:stays", "transports": headed | {"url": crossbar.websocket_url}},
        "headers-lost": {"main": "parts:stays", "transports": headed | {"url": "ws://127.0.0.1:1/ws"}},
        "predicate": knows | {"main": "parts:raises", "is_fatal": "parts:is_fatal"},
    }


KEYS = ("ticket", "secret", "password", "privkey")
MARKS = re.compile(
    "|".join(
        re.escape(form)
        for mark in ("m4rked", "sécret", "wr0ng", PRIVATE_KEY, "ab" * 32)
        for form in {mark, json.dumps(mark)[1:-1], repr(mark.encode())[2:-1], mark.encode().hex(), mark.upper()}
    )
)
NAMES = re.compile(rf"\b{AUTHID}\b|nobody\.of\.note|{AUTHID.encode().hex()}")


ENVIRONMENT = {"TICKET": SECRET, "ELSEWHERE": "m4rked in the environment"}


def write(folder: Path, crossbar: Crossbar, level: str, form: str) -> Path:
    write_module(folder, PARTS)
    (folder / "ticket").write_text(f"{SECRET}\n", encoding="utf-8")
    defaults = {"restart": {"policy": "never"}}
    supervisor = {"name": "marked", "log_level": level, "log_format": form, "log_file": "edge.log"}
    path = folder / "fleet.toml"
    document = {"supervisor": supervisor, "defaults": defaults, "components": components(crossbar)}
    path.write_text(tomli_w.dumps(document), encoding="utf-8")
    return path


def clean(text: str, where: str) -> str:
    """The text; raises AssertionError where something marked is in it."""
    for line in text.splitlines():
        assert not MARKS.search(line), f"{where}: {line}"
    return text


def nameless(text: str, where: str) -> str:
    """The same for who the components say they are."""
    for line in clean(text, where).splitlines():
        assert not NAMES.search(line), f"{where}: {line}"
    return text


def everything_said(running: Fleet) -> dict[str, str]:
    """All that each command and each address tells."""
    said = {}
    names = [one["name"] for one in running.wampsup("status", "--json").json["components"]]
    commands = [["status"], ["events"], ["logs"], ["reload", "--dry-run"], ["stop", "raises", "nobody"]]
    commands += [["show", name] for name in names] + [["start", "raises", "nobody", "predicate"]]
    for command in commands:
        for extra in ([], ["--json"]):
            done = running.wampsup(*command, *extra)
            said[" ".join([*command, *extra])] = done.out + done.err
    for address in ("components", "supervisor", *(f"components/{name}" for name in names)):
        said[address] = str(running.request("GET", f"/v1/{address}").body)
    return said


@pytest.mark.parametrize(("level", "form"), [("debug", "text"), ("trace", "json"), ("trace", "text")])
def test_a_fleet_shows_none_of_its_secrets(crossbar: Crossbar, tmp_path: Path, level: str, form: str) -> None:
    path = write(tmp_path, crossbar, level, form)
    with fleet(path, env=ENVIRONMENT) as running:
        for state, names in (("running", RUNNING), ("fatal", FATAL), ("failed", FAILED)):
            for name in names:
                running.until(name, state)
        said = everything_said(running)
        running.wampsup("shutdown")
        running.wait()
    for where, text in said.items():
        nameless(text, where)
    assert "is it ...?" in said["show answers"]
    assert "cannot log in with {'password': '...'}" in said["show raises"]
    assert "cannot log in with {'password': [{'of': '...'}]}" in said["show raises-env"]
    assert 'no principal with authid "..." exists' in said["status"]
    # Autobahn's lines on HELLO and the like are there, but for the log of components' own.
    assert "I know ..." in clean(running.err, "the log")
    assert ("AUTHENTICATE" in running.err) == (level == "trace")
    for line in running.err.splitlines():
        assert not NAMES.search(line), line
    assert (tmp_path / "edge.log").read_text(encoding="utf-8").splitlines() == list(running.lines)


WRONG_FILES = [
    '[components.x]\nmain = "parts:stays"\nauthentication = {{ ticket = {{ tickt = {secret} }} }}\n',
    '[components.x]\nmain = "parts:stays"\nauthentication.ticket = {secret}\n',
    '[components.x]\nmain = "parts:stays"\nauthentication.cryptosign.privkey = {secret}\n',
    "[components.x]\nmain = 3\nauthentication = {{ ticket = {{ ticket = {secret} }} }}\nrealm = 3\n",
    '[components.x]\nmain = "parts:stays"\nauthentication.ticket = {{ ticket = {secret}, authid = 3 }}\n',
    '[components.x]\nmain = "parts:stays"\nauthentication.ticket.ticket = {secret} x\n',
    '[components.x]\nmain = "leaky:main"\nauthentication = {{ ticket = {{ ticket = {secret} }} }}\n',
    '[components.x]\ncomponent = "leakier:make"\nauthentication = {{ ticket = {{ ticket = {secret} }} }}\n',
    '[components.x]\nmain = "parts:stays"\nis_fatal = [ "leaky:x" ]\nauthentication.ticket.ticket = {secret}\n',
]


@pytest.mark.parametrize("text", WRONG_FILES)
@pytest.mark.parametrize("command", ["start", "start --detach", "check", "check --json"])
def test_a_wrong_file_shows_none_of_its_secrets(tmp_path: Path, runtime: Path, text: str, command: str) -> None:
    write_module(tmp_path, PARTS)
    write_module(tmp_path, f"raise ValueError('no way in with ' + {SECRET!r})", "leaky")
    write_module(tmp_path, f"def make():\n    raise ValueError('no way in with ' + {SECRET!r})", "leakier")
    path = tmp_path / "fleet.toml"
    head = '[supervisor]\nlog_level = "trace"\n'
    path.write_text(head + text.format(secret=json.dumps(SECRET, ensure_ascii=False)), encoding="utf-8")
    done = wampsup(*command.split(), path)
    assert done.code == 5, done
    clean(done.out + done.err, text)
    for log in runtime.glob("**/*.log"):
        clean(log.read_text(), text)


def test_a_wrong_file_shows_none_when_it_is_read_again(crossbar: Crossbar, tmp_path: Path) -> None:
    path = write(tmp_path, crossbar, "trace", "text")
    text = path.read_text()
    with fleet(path, env=ENVIRONMENT) as running:
        running.until("ticket", "running")
        for wrong in ('privkey = "m4rked, but no key"', "ticket = 3", 'ticket = "m4rked" x'):
            key = wrong.partition(" ")[0]
            path.write_text(re.sub(rf"^{key} = .*$", wrong, text, count=1, flags=re.MULTILINE))
            for extra in ([], ["--json"]):
                done = running.wampsup("reload", *extra)
                assert done.code != 0
                clean(done.out + done.err, wrong)
        path.write_text(text.replace("m4rked but wr0ng", "m4rked anew, wr0ng as well"))
        assert running.wampsup("reload").code == 0
        running.until("wrong-ticket", "fatal")
        for where, said in everything_said(running).items():
            nameless(said, where)
    clean(running.err, "the log")


PROGRAM = """
    from autobahn.twisted.component import Component
    from autobahn.wamp.auth import create_authenticator
    from wampsup import RestartPolicy, run

    async def main(reactor, session):
        raise ValueError("cannot log in with " + TICKET)

    TICKET = {ticket!r}
    who = {{"authid": "joe", "ticket": TICKET}}
    over = {url!r}
    tables = Component(main=main, transports=over, authentication={{"ticket": who}})
    objects = Component(main=main, transports=over, authentication={{"ticket": create_authenticator("ticket", **who)}})
    wrong = Component(main=main, transports=over, authentication={{"ticket": who | {{"ticket": "m4rked but wr0ng"}}}})
    components = {{"tables": tables, "objects": objects, "wrong": wrong}}
    run(components, log_level="debug", restart=RestartPolicy(policy="never"))
"""


def test_a_program_shows_none_of_the_secrets_that_it_hands_over(crossbar: Crossbar, tmp_path: Path) -> None:
    path = write_module(tmp_path, PROGRAM.format(ticket=SECRET, url=crossbar.ticket_url), "program")
    done = subprocess.run([sys.executable, path], capture_output=True, encoding="utf-8", timeout=60, check=False)
    said = clean(done.stdout + done.stderr, "the program")
    assert said.count("cannot log in with ...") >= 2
    assert "ticket in static WAMP-Ticket authentication is invalid" in said
