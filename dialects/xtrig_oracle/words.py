"""Names and texts as Oracle reads them, and what plain names in an expression mean to it."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from xtrig.plugin import Words, identifier, literal

# Not by importlib.resources, which takes as long to import as some dialects.
RESERVED = frozenset(Path(__file__).with_name("reserved_words.txt").read_text("utf-8").splitlines())
"""Oracle SQL Reserved Words: SQL Language Reference 19c, appendix E; and words that begin or end parts of a block.

Others that PL/SQL reserves, such as TYPE, are bare columns of many tables, which a quoted name would not find."""
SESSION_SCHEMA = "public"
"""The schema of a definition that names none. Oracle's PUBLIC holds nothing: such names are those of whoever runs the
script."""

_PLAIN = re.compile(r"[a-z][a-z0-9_]*\Z")
# A line of a literal that SQL*Plus would take for a command: one that is / or . alone, one that begins with #, and a
# line after a hyphen, which it takes for the mark of a continuation (SQL*Plus User's Guide, Running Scripts).
_SPLIT = re.compile(r"(?<=-)\n|\n(?=[ \t]*[/.][ \t]*(?:\n|\Z)|[ \t]*#)|(?<=- )\n")


@lru_cache(maxsize=4096)
def name(word: str) -> str:
    """Return an identifier: bare, and so in capitals to Oracle, where it is lower case and not reserved."""
    # _PLAIN as well: no bare name of Oracle's begins with an underscore.
    return identifier(word, RESERVED) if _PLAIN.match(word) else identifier(word, {word})


def qualified(schema: str, word: str) -> str:
    """Return a name with its schema, which is left out for :data:`SESSION_SCHEMA`."""
    return name(word) if schema == SESSION_SCHEMA else f"{name(schema)}.{name(word)}"


def folded(word: str) -> str:
    """Return the name as Oracle's catalogs have it."""
    return word.upper() if name(word) == word else word


def text(value: str) -> str:
    """Return a string literal; a backslash means itself, and no line of it is a command to SQL*Plus."""
    return " || CHR(10) || ".join(literal(part, backslash_escapes=False) for part in _SPLIT.split(value))


FUNCTIONS = {
    each: each.upper()
    for each in "lower upper trim ltrim rtrim replace substr lpad rpad translate abs round floor ceil mod sign power "
    "sqrt coalesce nullif length count sum min max avg".split()
} | {"char_length": "LENGTH", "character_length": "LENGTH", "substring": "SUBSTR", "btrim": "TRIM", "ceiling": "CEIL"}
"""Functions of the portable language by what Oracle calls them, if both mean the same.

Not greatest and least, which are NULL in Oracle if one argument is; not concat, which takes two there; not initcap."""

_INSTEAD = {
    "now": "${now}",
    "current_user": "${current_user}",
    "session_user": "${login_user}",
    "user": "${login_user}",
    "current_timestamp": "${now}",
    "clock_timestamp": "${now}",
    "current_database": "${database}",
    "inet_client_addr": "${client_ip}",
    "pg_backend_pid": "${session_id}",
    "nvl": "coalesce(...)",
    "decode": "CASE ... WHEN ... THEN ... ELSE ... END",
    "sysdate": "${now}",
    "systimestamp": "${now}",
    "sys_context": "a fact such as ${login_user} or ${client_ip}",
    "greatest": "CASE WHEN ... THEN ... ELSE ... END",
    "least": "CASE WHEN ... THEN ... ELSE ... END",
    "concat": "one || other",
    "extract": "${hour('Asia/Seoul')}",
    "left": "substr(text, 1, n)",
}


@cache
def words() -> Words:
    """Return the functions of an expression that are translated."""
    return Words(functions=frozenset((*FUNCTIONS, "position", "split_part")), instead=_INSTEAD)
