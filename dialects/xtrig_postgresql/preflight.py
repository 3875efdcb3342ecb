"""The block that stops a script before it changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xtrig.plugin import Lines, literal, one_line
from xtrig_postgresql.statements import OURS, do_block, literals, procedure
from xtrig_postgresql.words import name

# Whoever owns a schema can put a table of his own in its place, and whoever owns a table can give it a trigger:
# a security definer function that writes there would run it with the rights of our owner, a superuser.
_TRUSTED = "owner.rolsuper OR owner.rolname = current_user"
_DATABASE_OWNER = "(SELECT datdba FROM pg_database WHERE datname = current_database())"
_OWNER_OF_SCHEMA = f"CASE WHEN nspowner = to_regrole('pg_database_owner') THEN {_DATABASE_OWNER} ELSE nspowner END"


@dataclass(frozen=True, slots=True)
class Preflight:
    """What to look for.

    ``functions`` and ``tables`` are qualified names as SQL; ``tables`` and ``schemas`` are those that security
    definer functions write to; ``parked`` are DDL triggers that would fire on the script.
    """

    triggers: Sequence[str]
    functions: Sequence[str]
    roles: Sequence[str]
    schemas: Sequence[str]
    tables: Sequence[str]
    parked: Sequence[str]

    def sql(self) -> str:
        """Return the block."""
        lines: Lines = [*self._strangers(), *self._missing_roles(), *self._owners(), *self._parking()]
        return do_block(lines, ["problem text;"])

    def _strangers(self) -> Lines:
        described = "coalesce(obj_description(oid, {}), '') NOT " + OURS
        trigger = "event trigger %s exists and was not made by xtrig; rename one of the two"
        function = "function %s exists and was not made by xtrig; rename one of the two"
        return [
            f"SELECT format({literal(trigger)}, evtname)",
            "INTO problem",
            "FROM pg_event_trigger",
            f"WHERE evtname IN ({literals(self.triggers)})",
            f"  AND {described.format(literal('pg_event_trigger'))};",
            *_stop(),
            f"SELECT format({literal(function)}, oid::regprocedure)",
            "INTO problem",
            "FROM pg_proc",
            f"WHERE oid IN ({', '.join(procedure(function) for function in self.functions)})",
            f"  AND {described.format(literal('pg_proc'))};",
            *_stop(),
        ]

    def _missing_roles(self) -> Lines:
        if not self.roles:
            return []
        return [
            "SELECT format('role %I does not exist; create it first', wanted)",
            "INTO problem",
            f"FROM unnest(ARRAY[{literals(self.roles)}]) AS wanted",
            "WHERE to_regrole(quote_ident(wanted)) IS NULL;",
            *_stop(),
        ]

    def _owners(self) -> Lines:
        if not self.tables:
            return []
        schema = "schema %I belongs to %I, who could become superuser by it; use a schema of your own"
        table = "table %s belongs to %I, who could become superuser by it; give it to a superuser"
        return [
            "-- The functions write with their owner's rights: only where nobody else can put a trigger.",
            f"SELECT format({literal(schema)}, nspname, owner.rolname)",
            "INTO problem",
            "FROM pg_namespace JOIN pg_roles AS owner",
            f"  ON owner.oid = {_OWNER_OF_SCHEMA}",
            f"WHERE nspname IN ({literals(self.schemas)}) AND NOT ({_TRUSTED});",
            *_stop(),
            f"SELECT format({literal(table)}, pg_class.oid::regclass, owner.rolname)",
            "INTO problem",
            "FROM pg_class JOIN pg_roles AS owner ON owner.oid = relowner",
            f"WHERE pg_class.oid IN ({', '.join(f'to_regclass({literal(table)})' for table in self.tables)})",
            f"  AND NOT ({_TRUSTED});",
            *_stop(),
        ]

    def _parking(self) -> Lines:
        lines: Lines = []
        for trigger in self.parked:
            lines += [
                f"-- {one_line(name(trigger))} would fire on this script, and may deny it; it rests until the commit.",
                f"IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = {literal(trigger)}) THEN",
                [f"ALTER EVENT TRIGGER {name(trigger)} DISABLE;"],
                "END IF;",
            ]
        return lines


def _stop() -> Lines:
    return ["IF problem IS NOT NULL THEN", ["RAISE EXCEPTION '%', problem;"], "END IF;"]
