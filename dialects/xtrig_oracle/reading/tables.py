"""CREATE TABLE of Oracle's as a table of a definition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from xtrig.expressions import tree
from xtrig.model import Column
from xtrig.plugin import Event, Fact, Kind, Token, literal
from xtrig.sqltokens import split
from xtrig_oracle.column_types import COLUMN_TYPES
from xtrig_oracle.printing import Untranslated
from xtrig_oracle.reading.body import place
from xtrig_oracle.reading.recognised import Known, name_of, parsed

_TYPES = {
    "varchar2": "varchar",
    "nvarchar2": "varchar",
    "varchar": "varchar",
    "char": "character",
    "nchar": "character",
    "clob": "text",
    "nclob": "text",
    "long": "text",
    "float": "double precision",
    "binary_double": "double precision",
    "binary_float": "real",
    "blob": "bytea",
    "raw": "bytea",
    "integer": "numeric(38)",
    "int": "numeric(38)",
    "smallint": "numeric(38)",
}
_SIZED = frozenset(("varchar", "character"))
_MOMENTS = frozenset(("date", "timestamp"))
_AFTER_TYPE = frozenset("default generated not null primary unique check references constraint enable".split())


@dataclass
class Made:
    """A table that a script makes, and what a definition has no word for."""

    schema: str | None
    name: str
    at: int
    columns: dict[str, Column] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_known: bool = True
    """Whether each of its columns has a type that is known."""
    is_ours: bool = False


def read_table(words: Sequence[Token], *, is_ours: bool = False) -> Made | None:
    """Return the table of CREATE TABLE name (...); None for another form. Raises :class:`Untranslated`.

    ``is_ours``: its types are those that xtrig writes.
    """
    start = next((number for number, token in enumerate(words[:8]) if token.word == "table"), None)
    if start is None or any(token.word in ("temporary", "private") for token in words[:start]):
        return None
    at = start + 1
    if [token.word for token in words[at : at + 3]] == ["if", "not", "exists"]:
        at += 3
    path = []
    while at < len(words) and words[at].name:
        path.append(name_of(words[at]))
        at += 2 if at + 1 < len(words) and words[at + 1].text == "." else 1
        if words[at - 1].text != ".":
            break
    if len(path) not in (1, 2) or at >= len(words) or words[at].text != "(":
        return None
    end = place(words, ")", at + 1)
    made = Made(path[0] if len(path) == 2 else None, path[-1], words[0].start, is_ours=is_ours)
    keys: list[str] = []
    for part in split(words[at + 1 : end]):
        keys += _take(made, part)
    for name in keys:
        if name in made.columns:
            made.columns[name] = made.columns[name].model_copy(update={"primary_key": True})
    if words[end + 1 :]:
        made.problems.append(" ".join(token.text for token in words[end + 1 : end + 4]).upper())
    return made


def _take(made: Made, part: Sequence[Token]) -> Iterator[str]:
    """Take a column or a constraint; yield the columns of a primary key."""
    if not part:
        raise Untranslated("a column is missing", "correct the script", made.at)
    first = part[0].word
    if first == "constraint":
        part = part[2:]
        first = part[0].word if part else ""
    if first in ("primary", "unique", "foreign", "check", "supplemental"):
        if first == "primary" and len(part) > 3:
            yield from (name_of(token) for token in part[3:-1] if token.name)
        else:
            made.problems.append(first.upper())
        return
    name = name_of(part[0]) if part else ""
    if not name or len(part) < 2:
        raise Untranslated("a column without a name, or without a type", "correct the script", made.at)
    number = next((n for n, token in enumerate(part) if n and token.word in _AFTER_TYPE), len(part))
    type_ = _type(made, name, part[1:number])
    made.columns[name] = _options(made, name, type_, part[number:])


def _type(made: Made, name: str, words: Sequence[Token]) -> str:
    word = words[0].word if words else ""
    if made.is_ours and (own := _own("".join(token.text for token in words))) is not None:
        return own
    size = [token.text for token in words if token.kind is Kind.NUMBER]
    if word in _MOMENTS:
        if "zone" not in [token.word for token in words]:
            made.notes.append(f"the column {name}: {word.upper()} is the server's clock, timestamptz a moment")
        return "timestamptz"
    if word in ("number", "numeric", "decimal"):
        return _number(size)
    known = _TYPES.get(word)
    if known is None:
        made.is_known = False
        made.problems.append(f"the type {' '.join(token.text for token in words).upper()}")
        return "text"
    return f"{known}({size[0]})" if known in _SIZED and size else known


def _own(written: str) -> str | None:
    """Return the type of a definition for one that xtrig writes, which holds it without blanks."""
    for wanted, spelt in COLUMN_TYPES.items():
        pattern = re.escape(spelt.replace(" ", "")).replace(r"\{\}", r"([\d,]+)")
        if found := re.fullmatch(pattern, written):
            return wanted.replace("()", f"({found[1]})" if found.groups() else "()")
    return None


def _number(size: Sequence[str]) -> str:
    if not size:
        return "numeric"
    if len(size) > 1 and size[1] != "0":
        return f"numeric({size[0]}, {size[1]})"
    digits = int(size[0])
    return "integer" if digits < 10 else "bigint" if digits < 19 else f"numeric({digits})"


def _options(made: Made, name: str, type_: str, words: Sequence[Token]) -> Column:
    given: dict[str, object] = {"type": type_}
    rest = [token.word or token.text for token in words]
    while rest:
        if rest[:2] == ["not", "null"]:
            given["nullable"] = False
            rest = rest[2:]
        elif rest[0] in ("null", "enable"):
            rest = rest[1:]
        elif rest[:2] == ["primary", "key"]:
            given["primary_key"] = True
            rest = rest[2:]
        elif rest[0] == "constraint":
            rest = rest[2:]
        elif rest[0] == "generated":
            given |= {"identity": True, "type": "bigint"}
            rest = rest[rest.index("identity") + 1 :] if "identity" in rest else []
            if rest[:1] == ["("]:
                rest = rest[rest.index(")") + 1 :] if ")" in rest else []
        elif rest[0] == "default":
            value = words[len(words) - len(rest) + 1 :]
            size = next((n for n, token in enumerate(value) if token.word in _AFTER_TYPE and n), len(value))
            given |= _default(made, name, value[:size])
            rest = rest[size + 1 :]
        else:
            made.problems.append(f"{rest[0].upper()} of the column {name}")
            rest = []
    return Column.model_validate(given)


def _default(made: Made, name: str, words: Sequence[Token]) -> dict[str, object]:
    if words and words[-1].word == "nextval":
        made.notes.append(f"the column {name}: numbered by the server, and no more by a sequence")
        return {"identity": True, "type": "bigint"}
    try:
        value = parsed(words, Known(Event.LOGON))
    except Untranslated:
        value = None
    match value:
        case tree.Literal(type="text", text=text) if text:
            return {"default": literal(text)}
        case tree.Literal(type="integer" | "numeric", text=text):
            return {"default": text}
        case tree.FactNode(fact=Fact.NOW):
            return {"default": "now()"}
        case tree.Literal():
            return {}
        case _:
            made.problems.append(f"DEFAULT of the column {name}")
            return {}
