"""One type has several spellings: whether the catalogs' is what a definition wrote."""

from __future__ import annotations

import re

_MODIFIERS = re.compile(r"\([\d, ]+\)")
_NUMBERS = re.compile(r"(?<=[(, ])\d+(?=[), ])")
_UNWRITTEN = {("numeric", 1): ["0"], ("character", 0): ["1"], ("bit", 0): ["1"]}
"""Modifiers that the server adds to those that are written, by the type and how many are."""


def is_same_type(asked: str, meant: str | None, live: str) -> bool:
    """Whether ``live`` is the type that a definition writes as ``asked``, which the server knows as ``meant``.

    Before 17 a server cannot say what the modifiers of ``asked`` come to, so ``meant`` comes without them.
    """
    wanted, found = _NUMBERS.findall(asked), _NUMBERS.findall(live)
    if meant == live and (found or not wanted):
        return True
    same_numbers = found in (wanted, wanted + _UNWRITTEN.get((meant or "", len(wanted)), []))
    return same_numbers and meant == _MODIFIERS.sub("", live)
