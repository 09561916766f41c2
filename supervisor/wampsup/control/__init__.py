"""How a running fleet is watched and steered: HTTP and JSON on a unix socket.

`place` says where the socket lies, `lock` who may own it, `handlers` what each request does, `represent` how a fleet
looks in JSON, `words` how in a sentence, and `server` speaks HTTP. `events` is what `/v1/events` streams, `streams`
sends it, and `connections` bounds how many clients there are.
"""
