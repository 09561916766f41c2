"""Keeps secrets out of everything that is shown: whoever reads one remembers it here, whoever shows a text masks it.

It is one memory for the whole process, since a secret may turn up anywhere: in the message of an exception, in a
traceback, in a line that a library logs. What was once a secret stays one.

Names of users are remembered apart. They are likely to be common words, so they are masked as whole words, and only
where a library writes out what it sends.
"""

from __future__ import annotations

import json

MASK = "..."

SHORTEST = 4
"""Characters. What is shorter is not looked for: it would be found everywhere, and is no secret anyway."""

SHORTEST_NAME = 2


class Masker:
    """Finds words in texts: those of `shortest` characters and more; as `whole` words, where that is asked for."""

    def __init__(self, shortest: int = SHORTEST, *, whole: bool = False) -> None:
        self._shortest = shortest
        self._whole = whole
        self._all: set[str] = set()
        # By their first characters and their length, the longest first.
        self._words: dict[str, dict[int, set[str]]] = {}
        self._known: set[str] = set()

    def add(self, word: str) -> None:
        """Look for `word` from now on."""
        if len(word) >= self._shortest:
            self._all.add(word)
            alike = self._words.setdefault(word[: self._shortest], {})
            if len(word) not in alike:
                alike[len(word)] = set()
                alike = dict(sorted(alike.items(), reverse=True))
                self._words[word[: self._shortest]] = alike
            alike[len(word)].add(word)

    def remember(self, secret: str) -> None:
        """Look for `secret` from now on, in every form in which it is likely to be written."""
        if secret not in self._known:
            self._known.add(secret)
            for form in _forms(secret):
                self.add(form)

    def mask(self, text: str) -> str:
        """`text` with each word in it replaced; takes time for its length alone, however many words there are."""
        words, shortest = self._words, self._shortest
        if not words:
            return text
        if len(self._all) < len(text) and not any(word in text for word in self._all):  # with few, this is quicker
            return text
        pieces, done, at = [], 0, 0
        while at <= len(text) - shortest:
            alike = words.get(text[at : at + shortest])
            length = 0 if alike is None else self._found(alike, text, at)
            if length:
                pieces += [text[done:at], MASK]
                done = at + length
            at += length or 1
        return "".join([*pieces, text[done:]]) if pieces else text

    def forget(self) -> None:
        """Look for nothing any more."""
        self._known.clear()
        self._all.clear()
        self._words.clear()

    def _found(self, alike: dict[int, set[str]], text: str, at: int) -> int:
        """The length of the word that stands there; 0 where none does."""
        for length, words in alike.items():
            if text[at : at + length] in words and not (self._whole and _goes_on(text, at, at + length)):
                return length
        return 0


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether what stands there is a part of a longer word."""
    around = (text[start - 1 : start], text[end : end + 1])
    return any(char.isalnum() or char == "_" for char in around if char)


def _forms(secret: str) -> set[str]:
    """A secret as it is, and as Python, JSON, URLs and hexadecimal dumps write it; of several lines, each alone too."""
    from urllib.parse import quote  # noqa: PLC0415 - the commands that know of no secret don't pay for it

    lines = {line.strip() for line in secret.splitlines()}
    forms = set()
    for plain in {secret, secret.strip(), *lines}:
        octets = plain.encode(errors="surrogateescape")
        written = {plain, json.dumps(plain)[1:-1], json.dumps(plain, ensure_ascii=False)[1:-1]}
        forms |= written | {repr(plain)[1:-1], repr(octets)[2:-1], quote(octets, safe="")}
        forms |= {form.encode(errors="surrogateescape").hex() for form in written}
    return forms


_secrets = Masker()
_names = Masker(SHORTEST_NAME, whole=True)

remember = _secrets.remember
mask = _secrets.mask
remember_name = _names.add
mask_names = _names.mask


def forget_all() -> None:
    """Start anew; for tests."""
    _secrets.forget()
    _names.forget()
