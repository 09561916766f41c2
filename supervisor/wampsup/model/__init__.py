"""Frozen data: what a fleet should be, what it is, what happens to it, and what is to be done."""
