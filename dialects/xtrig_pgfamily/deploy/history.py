"""The history of deployments as a table ``xtrig.deployments``, in each database that xtrig deploys to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xtrig.dialect.history import Entry
from xtrig.dialect.history import History as Contract
from xtrig.plugin import Lines, Mark, Statement, Version, literal
from xtrig_pgfamily.catalog.trust import Trust
from xtrig_pgfamily.statements import RAISED, do_block, drop_empty_schema, drop_empty_table

_SCHEMA, _TABLE = "xtrig", "deployments"
_NAME = f"{_SCHEMA}.{_TABLE}"
_MARK = literal(str(Mark("", "")))
"""The mark of no set: its name is empty."""
_COLUMNS = "role, command, set_name, xtrig, before, after, changes, proofs, unproved"
_LOOK = f"""
SELECT c.oid IS NOT NULL AS is_there,
    coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), false) AS may_read
FROM (VALUES ({literal(_SCHEMA)}, {literal(_TABLE)})) AS named (schema, name)
    LEFT JOIN pg_namespace AS n ON nspname = schema
    LEFT JOIN pg_class AS c ON relnamespace = n.oid AND relname = name
""".strip()
_MAKE = f"""
CREATE TABLE {_NAME} (
    deployed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    role text NOT NULL,
    command text NOT NULL,
    set_name text NOT NULL,
    xtrig text NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    changes jsonb NOT NULL,
    proofs jsonb NOT NULL,
    unproved jsonb NOT NULL
)
""".strip()

_WITHOUT_WAITING = f"LOCK TABLE {_NAME} IN ACCESS EXCLUSIVE MODE NOWAIT;"
"""Everybody may read the table, and DROP would wait for whoever does, while the script's locks hold up logins."""

_KEPT = f"LOCK TABLE {_NAME} IN ACCESS SHARE MODE"


@dataclass(frozen=True, slots=True)
class History(Contract):
    """``version`` is that of PostgreSQL; () is any."""

    version: Version = ()

    name: ClassVar[str] = _NAME

    def look(self) -> str:
        """Return the query, which every role may ask."""
        return _LOOK

    def distrusted(self) -> str:
        """Return the query for those who own schema or table, or may hang something on it, and gain rights by that."""
        named = [(_SCHEMA, _TABLE)]
        return Trust(named, schemas=(_SCHEMA,), closed=(_SCHEMA,), made=named, version=self.version).query()

    def kept(self) -> Iterator[Statement]:
        """Yield LOCK: to look a name up in any other way may run what a view in its place holds."""
        yield Statement(_KEPT, "")

    def last(self, set_name: str) -> str:
        """Return the query for the last entry."""
        return f"""
SELECT to_char(deployed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, role, command, xtrig, before, after,
    changes::text AS changes, proofs::text AS proofs, unproved::text AS unproved
FROM {_NAME} WHERE set_name = {literal(set_name)} ORDER BY deployed_at DESC LIMIT 1
""".strip()

    def make(self) -> Iterator[Statement]:
        """Yield the statements; the schema may be there: if it is not to be trusted, that was found out before."""
        yield Statement(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}", "The history of deployments")
        yield Statement(f"COMMENT ON SCHEMA {_SCHEMA} IS {_MARK}", "")
        yield Statement(f"GRANT USAGE ON SCHEMA {_SCHEMA} TO PUBLIC", "")
        yield Statement(_MAKE, "")
        yield Statement(f"COMMENT ON TABLE {_NAME} IS {_MARK}", "")
        yield Statement(f"GRANT SELECT ON {_NAME} TO PUBLIC", "Catalogs show everybody the same objects and roles")

    def add(self, entry: Entry) -> Statement:
        """Return INSERT."""
        told = [entry.command, entry.set_name, entry.xtrig, entry.before, entry.after]
        told += [_json(each) for each in (entry.changes, entry.proofs, entry.unproved)]
        values = ", ".join(["session_user", *map(literal, told)])
        return Statement(f"INSERT INTO {_NAME} ({_COLUMNS}) VALUES ({values})", "Record this deployment")

    def script(self, entry: Entry, *, forgets: bool) -> Statement:
        """Return a block; ``drop`` alone does not make the table."""
        made: Lines = [] if entry.command == "drop" else [f"{each.sql};" for each in self.make()]
        recorded: Lines = (
            [_WITHOUT_WAITING, *(f"EXECUTE {literal(each.sql)};" for each in self.forget(entry.set_name))]
            if forgets
            else [f"{self.add(entry).sql};"]
        )
        is_there = f"to_regclass({literal(_NAME)}) IS NOT NULL"
        lines: Lines = [
            *((f"IF NOT ({is_there}) THEN", made, "END IF;") if made else ()),
            f"IF {is_there} THEN",
            [
                *(f"{each.sql};" for each in self.kept()),
                f"EXECUTE {literal(self.distrusted())} INTO problem;",
                *RAISED,
                *recorded,
            ],
            "END IF;",
            "EXCEPTION WHEN OTHERS THEN",
            [f"RAISE WARNING 'this is not in the history of deployments, {_NAME}: %', SQLERRM;"],
        ]
        return Statement(do_block(lines, ["problem text;"], "plpgsql"), "The history of deployments")

    def forget(self, set_name: str) -> Iterator[Statement]:
        """Yield the statements that delete the rows, and drop what is empty then."""
        yield Statement(f"DELETE FROM {_NAME} WHERE set_name = {literal(set_name)}", "Entries of the set")
        yield Statement(drop_empty_table(_NAME), "")
        yield Statement(drop_empty_schema(_SCHEMA), "")


def _json(texts: Sequence[str]) -> str:
    return json.dumps(list(texts), ensure_ascii=False)
