"""The comment that marks what xtrig made: which set it belongs to, and a hash of what it was made as.

``xtrig:1:f1c3c0d645533b9e:audit`` reads: format 1, hash, and the set ``audit``. The hash tells an object that
somebody changed by hand from one that is merely older than the definition. It is no seal: whoever may change
the object may also change its comment.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

PREFIX = "xtrig:"
"""What the comment of every object made by xtrig begins with."""

_FORMAT = "1"
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Mark:
    """``digest`` is that of the object's state when it was made; ``set_name`` is the set that made it.

    ``witness`` stands on a line of its own: what the server itself made of the object then, where that cannot be
    predicted, or what a definition says and no other object shows.
    """

    digest: str
    set_name: str
    witness: str = field(default="", compare=False)

    def __str__(self) -> str:
        witness = f"\n{self.witness}" if self.witness else ""
        return f"{PREFIX}{_FORMAT}:{self.digest}:{self.set_name}{witness}"


def mark(state: Mapping[str, str], set_name: str) -> Mark:
    """Return the mark of an object: ``state`` is what the server's catalogs say of it, attribute by attribute."""
    return Mark(digest(state), set_name)


def digest(state: Mapping[str, str]) -> str:
    """Return 16 hexadecimal digits that change with ``state``."""
    text = json.dumps(dict(state), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def read_mark(comment: str | None) -> Mark | None:
    """Return the mark that a comment is; None for the comment of anybody else."""
    if comment is None or not comment.startswith(PREFIX):
        return None
    _, _, rest = comment.removeprefix(PREFIX).partition(":")
    hexadecimal, _, rest = rest.partition(":")
    set_name, _, witness = rest.partition("\n")
    return Mark(hexadecimal, set_name, witness)
