"""A real Crossbar.io that speaks all transports which it has: each serializer, compression, TLS, IPv6, unix sockets."""

from __future__ import annotations

from typing import Any

from support.crossbar import Crossbar
from support.tls import Authority, split
from support.waiting import free_port

SERIALIZERS = ("cbor", "msgpack", "json", "ubjson")


class TransportsCrossbar(Crossbar):
    """A node with more ways to it, which all take anybody.

    `websocket_url` and `rawsocket_url` know all `SERIALIZERS`; behind `deflate_url` messages may be compressed, behind
    `small_url` they may not be large; `unix_websocket_path` is a websocket's. `tls_url` and `tls_rawsocket_url` show a
    certificate for `router.example`, 127.0.0.1 and ::1 that `authority` has signed, and `tls6_url` is the same over
    IPv6; `strict_url` asks for a certificate that `authority` has signed, such as `client`.
    """

    def __init__(self) -> None:
        self._ports = {name: free_port() for name in ("tls", "tls_rawsocket", "tls6", "strict", "plain6")}
        super().__init__()
        web = f"ws://127.0.0.1:{self.websocket_port}"
        self.deflate_url = f"{web}/deflate"
        self.small_url = f"{web}/small"
        self.plain6_url = f"ws://[::1]:{self._ports['plain6']}/ws"
        self.tls_url = f"wss://127.0.0.1:{self._ports['tls']}/ws"
        self.tls_rawsocket_url = f"rss://127.0.0.1:{self._ports['tls_rawsocket']}"
        self.tls6_url = f"wss://[::1]:{self._ports['tls6']}/ws"
        self.strict_url = f"wss://127.0.0.1:{self._ports['strict']}/ws"
        tcp = [("127.0.0.1", self._ports[name]) for name in ("tls", "tls_rawsocket", "strict")]
        self._addresses = (*self._addresses, *tcp, self.unix_websocket_path)

    def _config(self) -> dict[str, Any]:
        self.authority = Authority(self._folder)
        self.client = self.authority.sign("kettle.example")
        self.unix_websocket_path = str(self._folder / "ws.sock")
        config = super()._config()
        worker = config["workers"][0]
        web, rawsocket, *others = worker["transports"]
        everything = {"serializers": list(SERIALIZERS)}
        web["paths"] |= {
            "ws": {"type": "websocket", **everything},
            "deflate": {"type": "websocket", "options": {"compression": {"deflate": {}}}},
            "small": {"type": "websocket", "options": {"max_message_size": 4096}},
        }
        rawsocket["serializers"] = [
            name for name in SERIALIZERS if name != "flatbuffers"
        ]  # as its check of files wants
        paths = {"/": {"type": "static", "directory": "empty"}, "ws": {"type": "websocket"}}
        worker["transports"] = [
            web,
            rawsocket,
            *others,
            {"type": "websocket", "endpoint": {"type": "unix", "path": self.unix_websocket_path}},
            {"type": "web", "endpoint": self._endpoint("plain6"), "paths": paths},
            {"type": "web", "endpoint": self._endpoint("tls", tls=self._tls()), "paths": paths},
            {"type": "rawsocket", "endpoint": self._endpoint("tls_rawsocket", tls=self._tls())},
            {"type": "web", "endpoint": self._endpoint("tls6", tls=self._tls()), "paths": paths},
            {
                "type": "web",
                "endpoint": self._endpoint("strict", tls=self._tls() | {"ca_certificates": [str(self.authority.path)]}),
                "paths": paths,
            },
        ]
        return config

    def _endpoint(self, name: str, **more: Any) -> dict[str, Any]:
        family = {"version": 6, "interface": "::1"} if name.endswith("6") else {"interface": "127.0.0.1"}
        return {"type": "tcp", "port": self._ports[name], **family, **more}

    def _tls(self) -> dict[str, Any]:
        certificate, key = split(self.authority.sign("router.example", "127.0.0.1", "::1"))
        return {"certificate": str(certificate), "key": str(key)}
