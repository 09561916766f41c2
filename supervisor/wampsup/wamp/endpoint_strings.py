"""What is wrong with a Twisted client endpoint string, in words for people: Twisted speaks of its own functions."""

from __future__ import annotations

import re
from typing import Any

from twisted.internet.endpoints import clientFromString
from twisted.internet.interfaces import IStreamClientEndpointStringParserWithReactor
from twisted.plugin import getPlugins

from wampsup.config.words import did_you_mean, listed, shown

_BUILT_IN = {"ssl", "tcp", "unix"}
"""Kinds that Twisted takes without a plugin."""

_HIGHEST_PORT = 65535
_EXAMPLE = "such as `tcp:router.example:8080`"

_SAID = (
    (r"Unknown endpoint type: '(.*)'", "there is no kind `{0}`"),
    (r"missing \d+ required positional arguments?: (.*)", "it lacks {0}"),
    (r"unexpected keyword argument '(.*)'", "it has no `{0}`"),
    (r"unrecognized keyword arguments present', \[(.*)\]", "it has no {0}"),
    (r"takes .* positional arguments? but", "it has too many parts"),
    (r"invalid literal for int\(\) with base 10: b?'(.*)'", "`{0}` is no number"),
    (r"could not convert string to float: b?'(.*)'", "`{0}` is no number"),
)


def endpoint_string_problem(description: str, reactor: Any) -> tuple[str, str | None] | None:
    """What is wrong, and a hint where there is one; `None` where Twisted can build it."""
    try:
        port = _port(clientFromString(reactor, description))
    except Exception as error:  # noqa: BLE001 - each parser, a third party's as well, raises what it likes
        plugins = {plugin.prefix.lower() for plugin in getPlugins(IStreamClientEndpointStringParserWithReactor)}
        return _in_words(error), _hint(description, sorted(_BUILT_IN | plugins))
    if _verifies_nothing(description):
        return "without `hostname=`, Twisted's `ssl:` takes any certificate", "`tls:HOST:PORT` looks at it"
    if isinstance(port, int) and not 1 <= port <= _HIGHEST_PORT:
        return f"{shown(port)} is no port", None
    return None


def _verifies_nothing(description: str) -> bool:
    return description.lower().startswith("ssl:") and "hostname=" not in description


def _port(endpoint: Any) -> Any:
    """The port of Twisted's own endpoints, that within TLS as well: they do not look at it before they connect."""
    return getattr(getattr(endpoint, "_wrappedEndpoint", endpoint), "_port", None)


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"cannot read `{error.filename}`: {(error.strerror or 'it can not be opened').lower()}"
    said = str(error)
    for pattern, words in _SAID:
        found = re.search(pattern, said)
        if found is not None:
            return words.format(*(group.replace("' and '", "` and `").replace("'", "`") for group in found.groups()))
    return said or type(error).__name__


def _hint(description: str, kinds: list[str]) -> str | None:
    kind, colon, rest = description.partition(":")
    if rest.startswith("//"):
        return f"a URL belongs into `url`; an endpoint is {_EXAMPLE}"
    if kind.lower() in kinds:
        return None
    return (did_you_mean(kind, kinds) if colon else None) or f"{_EXAMPLE}; its kinds are {listed(kinds)}"
