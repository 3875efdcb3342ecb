"""XT305: in a function with its owner's rights, current_user is the owner at every login."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.blocks import Tokens
from xtrig.checks.bodies.reading import Reading
from xtrig.checks.bodies.words import text_at
from xtrig.dialect import Language
from xtrig.findings import Check, Finding, Severity

_OWNER = ("current_user", "current_role")
_NO_VALUE = (".", "as", "to", "for", "role", "create", "alter", "drop")


def find(reading: Reading) -> Iterator[Finding]:
    """Yield a finding for each use of current_user as a value."""
    # Oracle's USER is the user who logged in.
    names = (*_OWNER, "user") if reading.language is Language.PLPGSQL else _OWNER
    for passage in reading.passages if reading.text.is_definer else ():
        for place, token in enumerate(passage.tokens):
            if token.word in names and _is_value(passage.tokens, place):
                message = f"{token.text} is the function's owner under security: definer, whoever logged in"
                yield reading.finding(CHECK, token, message, _remedy(reading))


def _is_value(tokens: Tokens, place: int) -> bool:
    return text_at(tokens, place - 1) not in _NO_VALUE and text_at(tokens, place + 1) not in (".", "mapping", ":=")


def _remedy(reading: Reading) -> str:
    return "write session_user" if reading.language is Language.PLPGSQL else "use the variable of the login user"


CHECK = Check("XT305", Severity.WARNING, find)
