"""The comment that marks what xtrig made: which set it belongs to, and a hash of what it was made as.

``xtrig:1/0.1.0:f1c3c0d645533b9e:audit`` reads: format 1, made by xtrig 0.1.0, hash, and the set ``audit``. The hash
tells an object that somebody changed by hand from one that is merely older than the definition. It is no seal: whoever
may change the object may also change its comment. Marks without a version are of before 0.1.0.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from xtrig._version import __version__

PREFIX = "xtrig:"
"""What the comment of every object made by xtrig begins with."""

FORMAT = 1
"""Changes with what the hash is made of: a hash of another format says nothing about a change by hand."""

_DIGITS = 16
_DISABLED = "disabled="


@dataclass(frozen=True, slots=True)
class Mark:
    """``digest`` is that of the object's state when it was made; ``set_name`` is the set that made it.

    ``witness`` stands on a line of its own: what the server itself made of the object then, where that cannot be
    predicted, or what a definition says and no other object shows.
    """

    digest: str
    set_name: str
    witness: str = field(default="", compare=False)
    version: str = field(default=__version__, compare=False)
    """The xtrig that made the object; "": one that did not say."""
    format: int = field(default=FORMAT, compare=False)
    disabled: str = ""
    """Of a trigger that ``xtrig disable`` has disabled: the firing state that it had, which ``digest`` is of."""

    def __str__(self) -> str:
        head = "/".join(filter(None, (str(self.format), self.version, self.disabled and _DISABLED + self.disabled)))
        witness = f"\n{self.witness}" if self.witness else ""
        return f"{PREFIX}{head}:{self.digest}:{self.set_name}{witness}"

    @property
    def is_newer(self) -> bool:
        """Whether a newer xtrig than this one has made the object."""
        return _numbers(self.version) > _numbers(__version__)


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
    head, _, rest = comment.removeprefix(PREFIX).partition(":")
    hexadecimal, _, rest = rest.partition(":")
    set_name, _, witness = rest.partition("\n")
    number, *more = head.split("/")
    version = next((each for each in more if not each.startswith(_DISABLED)), "")
    disabled = next((each.removeprefix(_DISABLED) for each in more if each.startswith(_DISABLED)), "")
    format_ = int(number) if number.isascii() and number.isdigit() and len(number) < _DIGITS else 0
    return Mark(hexadecimal, set_name, witness, version, format_, disabled)


def _numbers(version: str) -> tuple[int, ...]:
    """Return the release of a version; a development version is of its release."""
    release = re.match(r"\d{1,9}(?:\.\d{1,9})*", version)
    return tuple(map(int, release[0].split("."))) if release else ()
