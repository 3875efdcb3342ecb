"""What the system tables say of triggers, tables and exceptions, as objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from xtrig.dialect.driver import Row
from xtrig.plugin import read_mark
from xtrig_firebird.events import clause_of
from xtrig_firebird.objects import Denial, FirebirdObject, Procedure, Role, Trigger
from xtrig_firebird.relations import Table, TableColumn, View
from xtrig_firebird.steps import DENIED
from xtrig_firebird.words import folded, name, text, unfolded

QUERIES = (
    "SELECT trim(t.rdb$trigger_name) name, cast(t.rdb$trigger_type AS BIGINT) kind, t.rdb$trigger_sequence place,"
    " coalesce(t.rdb$trigger_inactive, 0) inactive, t.rdb$trigger_source source, t.rdb$description said"
    " FROM rdb$triggers t WHERE coalesce(t.rdb$system_flag, 0) = 0 ORDER BY t.rdb$trigger_name",
    "SELECT trim(p.rdb$user) name, trim(p.rdb$relation_name) granted, p.rdb$object_type kind"
    " FROM rdb$user_privileges p WHERE p.rdb$user_type = 2 AND p.rdb$privilege = 'X' ORDER BY p.rdb$relation_name",
    "SELECT trim(p.rdb$relation_name) name, p.rdb$privilege privilege, trim(p.rdb$user) who, p.rdb$user_type kind,"
    " trim(p.rdb$field_name) field FROM rdb$user_privileges p JOIN rdb$relations r"
    " ON r.rdb$relation_name = p.rdb$relation_name AND p.rdb$object_type = 0 AND coalesce(r.rdb$system_flag, 0) = 0"
    " WHERE p.rdb$user <> r.rdb$owner_name ORDER BY p.rdb$relation_name",
    "SELECT trim(p.rdb$procedure_name) name, p.rdb$procedure_source source, p.rdb$description said"
    " FROM rdb$procedures p WHERE coalesce(p.rdb$system_flag, 0) = 0 AND p.rdb$package_name IS NULL"
    " ORDER BY p.rdb$procedure_name",
    "SELECT trim(r.rdb$role_name) name, r.rdb$description said FROM rdb$roles r"
    " WHERE coalesce(r.rdb$system_flag, 0) = 0 ORDER BY r.rdb$role_name",
    "SELECT trim(r.rdb$relation_name) name, r.rdb$view_source source, r.rdb$description said,"
    " trim(c.rdb$field_name) field, f.rdb$field_type type, f.rdb$field_sub_type sub_type,"
    " f.rdb$field_scale scale, f.rdb$field_precision digits,"
    " f.rdb$character_length letters, trim(s.rdb$character_set_name) letters_set, c.rdb$null_flag required,"
    " c.rdb$default_source filled, c.rdb$identity_type numbered"
    " FROM rdb$relations r JOIN rdb$relation_fields c ON c.rdb$relation_name = r.rdb$relation_name"
    " JOIN rdb$fields f ON f.rdb$field_name = c.rdb$field_source"
    " LEFT JOIN rdb$character_sets s ON s.rdb$character_set_id = f.rdb$character_set_id"
    " WHERE coalesce(r.rdb$system_flag, 0) = 0 ORDER BY r.rdb$relation_name, c.rdb$field_position",
    f"SELECT 1 there FROM rdb$exceptions WHERE rdb$exception_name = {text(folded(DENIED))}",
)
# Language Reference, System Tables: RDB$FIELDS.RDB$FIELD_TYPE, and RDB$USER_PRIVILEGES.RDB$OBJECT_TYPE.
_TYPES = {
    7: "SMALLINT",
    8: "INTEGER",
    10: "FLOAT",
    12: "DATE",
    13: "TIME",
    14: "CHAR",
    16: "BIGINT",
    23: "BOOLEAN",
    26: "INT128",
    27: "DOUBLE PRECISION",
    28: "TIME WITH TIME ZONE",
    29: "TIMESTAMP WITH TIME ZONE",
    35: "TIMESTAMP",
    37: "VARCHAR",
    261: "BLOB SUB_TYPE TEXT",
}
_INTEGERS = frozenset((7, 8, 16, 26))
_PRIVILEGES = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE", "R": "REFERENCES"}
_GRANTEES = {1: "VIEW", 2: "TRIGGER", 5: "PROCEDURE", 8: "USER", 13: "ROLE", 15: "FUNCTION", 18: "PACKAGE"}
_EXECUTABLE = {5: "PROCEDURE", 15: "FUNCTION", 18: "PACKAGE"}


def objects(results: Sequence[Sequence[Row]]) -> Iterator[FirebirdObject]:
    """Yield the objects that the results of :data:`QUERIES` tell of, with their marks."""
    triggers, privileges, shared, procedures, roles, columns, exceptions = results
    grants: defaultdict[str, list[str]] = defaultdict(list)
    for row in privileges:
        kind = _EXECUTABLE.get(row["kind"], "PROCEDURE")
        grants[row["name"]].append(f"{kind} {name(unfolded(row['granted']))}")
    if exceptions:
        yield Denial(path=(DENIED,))
    for row in triggers:
        mark = read_mark(row["said"])
        made = Trigger(
            path=(unfolded(row["name"]),),
            clause=clause_of(row["kind"]),
            position=row["place"] or 0,
            enabled=not row["inactive"],
            body=_body(row["source"] or ""),
            grants=tuple(grants[row["name"]]),
            definition=mark.witness if mark is not None else "",
        )
        yield _said(made, row["said"])
    for row in procedures:
        yield _said(Procedure(path=(unfolded(row["name"]),), body=_body(row["source"] or "")), row["said"])
    for row in roles:
        yield _said(Role(path=(unfolded(row["name"]),)), row["said"])
    given: defaultdict[str, list[str]] = defaultdict(list)
    for row in shared:
        given[row["name"]].append(_grant(row))
    for relation, rows in groupby(columns, key=lambda row: str(row["name"])):
        fields, path, granted = list(rows), (unfolded(relation),), tuple(given[relation])
        query = fields[0]["source"]
        found: FirebirdObject
        if query is None:
            found = Table(path=path, columns=tuple(map(_column, fields)), grants=granted)
        else:
            found = View(path=path, query=query.strip(), grants=granted)
        yield _said(found, fields[0]["said"])


def _grant(row: Row) -> str:
    """Return a right as GRANT and REVOKE write it."""
    column = f" ({name(unfolded(row['field']))})" if row["field"] else ""
    who = "PUBLIC" if row["who"] == "PUBLIC" else f"{_GRANTEES.get(row['kind'], '')} {name(unfolded(row['who']))}"
    return f"{_PRIVILEGES[row['privilege'].strip()]}{column} ON {name(unfolded(row['name']))} TO {who}"


def _said(found: FirebirdObject, comment: str | None) -> FirebirdObject:
    return replace(found, mark=read_mark(comment), comment=comment)


def _body(source: str) -> str:
    """Return what stands behind AS and its line: the catalogs keep the text as it was sent."""
    return source[2:].removeprefix("\n") if source[:2].lower() == "as" else source


def _column(row: Row) -> TableColumn:
    rest = " GENERATED BY DEFAULT AS IDENTITY" if row["numbered"] is not None else ""
    rest += f" {' '.join(row['filled'].split())}" if row["filled"] else ""
    rest += " NOT NULL" if row["required"] else ""
    return TableColumn(name=unfolded(row["field"]), type=_type(row), rest=rest)


def _type(row: Row) -> str:
    found = _TYPES.get(row["type"], f"type {row['type']}")
    if row["type"] in _INTEGERS and (row["sub_type"] or row["scale"]):
        return f"NUMERIC({row['digits']}, {-(row['scale'] or 0)})"
    if found in ("CHAR", "VARCHAR"):
        found += f"({row['letters']})"
    if row["letters_set"] is not None and found not in ("DATE", "TIME"):
        found += f" CHARACTER SET {row['letters_set']}"
    return found
