"""Oracle's own functions, written as PostgreSQL's: NVL, NVL2, DECODE, SYSDATE and FROM DUAL."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xtrig.plugin import Fact
from xtrig_pgfamily.reading.parser import Unparsed
from xtrig_pgfamily.reading.tokens import Tokens, closes, split, tokens, words

TYPES = {
    **{"varchar2": "varchar", "nvarchar2": "varchar", "number": "numeric", "clob": "text"},
    # Oracle's DATE has a time of day, to the second.
    **{"date": "timestamp(0)", "pls_integer": "integer", "binary_integer": "integer"},
}
"""Types, to portable ones."""

_CONTEXT = {
    "SESSION_USER": Fact.LOGIN_USER,
    "AUTHENTICATED_IDENTITY": Fact.LOGIN_USER,
    "CURRENT_USER": Fact.CURRENT_USER,
    "DB_NAME": Fact.DATABASE,
    "IP_ADDRESS": Fact.CLIENT_IP,
    "HOST": Fact.CLIENT_HOST,
    "CLIENT_PROGRAM_NAME": Fact.APPLICATION,
    "INSTANCE": Fact.INSTANCE,
}
"""Parameters of the namespace USERENV. Source: Oracle SQL Language Reference, SYS_CONTEXT."""

ALSO: tuple[tuple[Fact, str], ...] = (
    *((Fact.NOW, word) for word in ("sysdate", "systimestamp")),
    # Also under definer's rights it is the user of the session: Oracle SQL Language Reference, USER.
    (Fact.LOGIN_USER, "user"),
    *(
        (fact, f"sys_context('{case('USERENV')}', '{case(parameter)}')")
        for case in (str.upper, str.lower)
        for parameter, fact in _CONTEXT.items()
    ),
)
PREFIXES = ("polar_", "sys_context", "ora_")
"""What the vendor's own variables begin with; one that is no fact cannot be translated."""


def as_postgresql(text: str) -> str:
    """Return an expression or statement with Oracle's functions as PostgreSQL's.

    Raises :class:`Unparsed` for arithmetic with SYSDATE, which counts days.
    """
    found = tokens(text)
    if not _ORACLE & {token.word for token in found}:
        return text
    for number, token in enumerate(found):
        around = {found[number - 1].word if number else "", found[number + 1].word if found[number + 1 :] else ""}
        if token.word in ("sysdate", "systimestamp") and around & {"+", "-"}:
            raise Unparsed(f"{token.text} is counted in days, as only Oracle does")
    # A SELECT from it is one without a table.
    return _written(found[:-2] if words(found[-2:]) == "from dual" else found)


def _written(listed: Tokens) -> str:
    pieces: list[str] = []
    position = 0
    while position < len(listed):
        token = listed[position]
        function = _FUNCTIONS.get(token.word)
        is_call = function is not None and position + 1 < len(listed) and listed[position + 1].word == "("
        is_part = position > 0 and listed[position - 1].word == "."
        end = closes(listed, position + 1) if is_call and not is_part else -1
        if function is not None and end > 0:
            arguments = [_written(each) for each in split(listed[position + 2 : end])]
            piece, position = function(arguments), end + 1
        else:
            piece, position = token.text, position + 1
        pieces.append(f" {piece}" if token.gap and pieces else piece)
    return "".join(pieces)


def _decode(arguments: Sequence[str]) -> str:
    """Return DECODE as a CASE; to Oracle's DECODE two NULLs are equal."""
    if len(arguments) < 3:
        raise Unparsed("DECODE of less than three values")
    value, *rest = arguments
    pairs = [f"WHEN {value} IS NOT DISTINCT FROM {rest[n]} THEN {rest[n + 1]}" for n in range(0, len(rest) - 1, 2)]
    default = f" ELSE {rest[-1]}" if len(rest) % 2 else ""
    return f"(CASE {' '.join(pairs)}{default} END)"


def _nvl2(arguments: Sequence[str]) -> str:
    if len(arguments) != 3:
        raise Unparsed("NVL2 of other than three values")
    value, known, null = arguments
    return f"(CASE WHEN {value} IS NOT NULL THEN {known} ELSE {null} END)"


_FUNCTIONS: dict[str, Callable[[Sequence[str]], str]] = {
    "nvl": lambda arguments: f"COALESCE({', '.join(arguments)})",
    "nvl2": _nvl2,
    "decode": _decode,
}
_ORACLE = frozenset((*_FUNCTIONS, "sysdate", "systimestamp", "dual"))
