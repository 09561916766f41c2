"""Completion: what may follow on a command line is found by `wampsup` itself, which every shell asks at every TAB.

So there is one source, the parsers of the commands, and names are those of what runs just now.
"""
