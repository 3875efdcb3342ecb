"""Names and texts as Firebird reads them, and what plain names in an expression mean to it."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from xtrig.plugin import Words, literal, quoted

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")


@cache
def _reserved() -> frozenset[str]:
    """Return the words that 3.0.11 or 5.0.4 refuse as a name.

    Source: RDB$KEYWORDS of 5.0.4, each made a column and a table on both servers; quotes do no harm on the other.
    """
    # Not by importlib.resources, which takes as long to import as the rest of the dialect.
    return frozenset(Path(__file__).with_name("reserved_words.txt").read_text("utf-8").splitlines())


def folded(word: str) -> str:
    """Return a name as the catalogs have it: one that needs no quotes anywhere is stored in capitals.

    A definition's ``users_log`` is the table that ``SELECT * FROM users_log`` finds; in other words a name is quoted
    only if it could not be written without. ``"Users Log"`` stays as it is.
    """
    return word.upper() if _PLAIN.match(word) else word


def unfolded(stored: str) -> str:
    """Return a name of the catalogs as a definition would write it; :func:`folded` gives it back."""
    plain = stored.lower()
    return plain if folded(plain) == stored else stored


@lru_cache(maxsize=4096)
def name(word: str) -> str:
    """Return an identifier as SQL."""
    if _PLAIN.match(word) and word not in _reserved() and not word.startswith("_"):
        return word
    return quoted(folded(word))


def text(value: str) -> str:
    """Return a string literal; a backslash means itself."""
    return literal(value, backslash_escapes=False)


# Firebird 3.0 Language Reference, Built-in Scalar Functions and Aggregate Functions; none is of 4.0 alone.
_FUNCTIONS = (
    "abs ascii_char ascii_val avg bin_and bin_not bin_or bin_shl bin_shr bin_xor bit_length cast ceil ceiling "
    "char_length char_to_uuid character_length coalesce count dateadd datediff decode exp extract floor gen_id "
    "gen_uuid hash iif left list ln log log10 lower lpad max maxvalue min minvalue mod nullif octet_length overlay "
    "position power rand replace reverse right round rpad sign sqrt substring sum trim trunc upper uuid_to_char"
)
_TRANSLATED = "btrim length substr"
"""Functions of others that :mod:`xtrig_firebird.expressions` writes in Firebird's words."""
_VALUES = (
    "current_connection current_date current_role current_time current_timestamp current_transaction current_user "
    "localtime localtimestamp user"
)
_ZONE = "${hour('Asia/Seoul')}"
_INSTEAD = {
    "now": "${now}",
    "clock_timestamp": "${now}",
    "sysdate": "${now}",
    "systimestamp": "${now}",
    "getdate": "${now}",
    "session_user": "${login_user}",
    "system_user": "${login_user}",
    "current_database": "${database}",
    "inet_client_addr": "${client_ip}",
    "inet_client_port": "${client_port}",
    "version": "${server_version}",
    "concat": "... || ...",
    "concat_ws": "... || ...",
    "format": "... || ...",
    "strpos": "position(... IN ...)",
    "instr": "position(... IN ...)",
    "charindex": "position(... IN ...)",
    "split_part": "substring(... FROM ... FOR ...)",
    "greatest": "maxvalue(...), which is NULL if one of them is",
    "least": "minvalue(...), which is NULL if one of them is",
    "date_part": "extract(... FROM ...)",
    "datepart": _ZONE,
    "to_char": "CAST(... AS varchar(n))",
    "to_date": "CAST(... AS date)",
    "to_number": "CAST(... AS numeric(18, 4))",
    "nvl": "coalesce(...)",
    "ifnull": "coalesce(...)",
    "isnull": "coalesce(...)",
    "if": "CASE WHEN ... THEN ... ELSE ... END",
    "len": "char_length(...)",
    "string_agg": "list(..., ',')",
    "group_concat": "list(..., ',')",
    "pg_has_role": "${member_of('audit_reader')}",
    "sys_context": "a fact such as ${login_user} or ${client_ip}",
}


@cache
def expression_words() -> Words:
    """Return Firebird's words. Nothing leads to another schema: there are none."""
    return Words(
        functions=frozenset((*_FUNCTIONS.split(), *_TRANSLATED.split())),
        values=frozenset(_VALUES.split()),
        prefix="rdb$",
        types=dict.fromkeys(("current_user", "user", "current_role", "rdb$get_context"), "text")
        | {"current_timestamp": "timestamptz", "localtimestamp": "timestamp", "current_date": "date"}
        | dict.fromkeys(("current_connection", "current_transaction", "rdb$set_context"), "integer"),
        instead=_INSTEAD,
    )
