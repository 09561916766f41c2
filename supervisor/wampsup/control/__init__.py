"""How a running fleet is watched and steered: HTTP and JSON on a unix socket, and reads over TCP.

`place` says where the socket lies, `lock` who may own it, `holder` who does, `handlers` what each request does,
`represent` how a fleet looks in JSON, `words` how in a sentence, and `request` makes values of HTTP requests. `unix`
and `tcp` are the ways in to a `server`: `peer` says who is at the other end, `guard` keeps web pages out, and `channel`
and `connections` bound what one client, and all together, may take. `feed` is what `/v1/events` and `/v1/logs` tell,
and `streams` sends it.
"""
