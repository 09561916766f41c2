"""Frozen data: what a fleet should be (`spec`), what it is (`state`).

What happens to it (`event`) and what to do (`effect`).
"""
