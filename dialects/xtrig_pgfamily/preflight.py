"""The block that stops a script before it changes anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xtrig.model import GrantRole, RevokeRole
from xtrig.plugin import Lines, ResolvedSet, literal, one_line, walk
from xtrig_pgfamily.statements import OURS, do_block, literals
from xtrig_pgfamily.words import name

# Whoever owns a schema can put a table of his own in its place, and whoever owns a table can give it a trigger:
# a security definer function that writes there would run it with the rights of our owner, a superuser.
_TRUSTED = "owner.rolsuper OR owner.rolname = current_user"
_DATABASE_OWNER = "(SELECT datdba FROM pg_database WHERE datname = current_database())"
_OWNER_OF_SCHEMA = f"CASE WHEN nspowner = to_regrole('pg_database_owner') THEN {_DATABASE_OWNER} ELSE nspowner END"


class Preflight(NamedTuple):
    """What to look for.

    ``functions`` are signatures as SQL, tables are schema and name; ``made`` are the tables that the script
    creates, ``tables`` those that security definer functions write to; ``parked`` are DDL
    triggers that would fire on the script; ``record`` is a query for problems of a record of sessions.
    """

    triggers: Sequence[str] = ()
    functions: Sequence[str] = ()
    made: Sequence[tuple[str, ...]] = ()
    roles: Sequence[str] = ()
    tables: Sequence[tuple[str, ...]] = ()
    parked: Sequence[str] = ()
    record: str = ""

    def sql(self) -> str:
        """Return the block."""
        lines: Lines = []
        for question in (*self._strangers(), *self._strange_tables(), *self._missing_roles(), *self._owners()):
            lines += [f"-- {question.why}"] if question.why else []
            lines += [f"SELECT {question.problem}", "INTO problem", *question.source[:-1], f"{question.source[-1]};"]
            lines += ["IF problem IS NOT NULL THEN", ["RAISE EXCEPTION '%', problem;"], "END IF;"]
        if self.record:
            lines += ["SELECT found.problem", "INTO problem", f"FROM ({self.record}) AS found LIMIT 1;"]
            lines += ["IF problem IS NOT NULL THEN", ["RAISE EXCEPTION '%', problem;"], "END IF;"]
        return do_block([*lines, *self._parking()], ["problem text;"])

    def query(self) -> str:
        """Return a query for the problems that are not about what the objects themselves are, a row each."""
        questions = [
            f"SELECT {question.problem} AS problem {' '.join(line.strip() for line in question.source)}"
            for question in (*self._missing_roles(), *self._owners())
        ]
        questions += [self.record] if self.record else []
        return " UNION ALL ".join(questions) or "SELECT NULL AS problem WHERE false"

    def _strangers(self) -> Iterator[_Question]:
        described = "coalesce(obj_description(oid, {}), '') NOT " + OURS
        trigger = "event trigger %s exists and was not made by xtrig; rename one of the two"
        function = "function %s exists and was not made by xtrig; rename one of the two"
        yield _Question(
            f"format({literal(trigger)}, evtname)",
            "FROM pg_event_trigger",
            f"WHERE evtname IN ({literals(self.triggers)})",
            f"  AND {described.format(literal('pg_event_trigger'))}",
        )
        yield _Question(
            f"format({literal(function)}, oid::regprocedure)",
            "FROM pg_proc",
            f"WHERE oid IN ({', '.join(f'to_regprocedure({literal(each)})' for each in self.functions)})",
            f"  AND {described.format(literal('pg_proc'))}",
        )

    def _strange_tables(self) -> Iterator[_Question]:
        table = "table %s exists and was not made by xtrig; say create: false, or rename one of the two"
        if self.made:
            yield _Question(
                f"format({literal(table)}, oid::regclass)",
                "FROM pg_class",
                f"WHERE oid IN ({relations(self.made)})",
                f"  AND coalesce(obj_description(oid, 'pg_class'), '') NOT {OURS}",
            )

    def _missing_roles(self) -> Iterator[_Question]:
        if self.roles:
            yield _Question(
                "format('role %I does not exist; create it first', wanted)",
                f"FROM unnest(ARRAY[{literals(self.roles)}]) AS wanted",
                "WHERE to_regrole(quote_ident(wanted)) IS NULL",
            )

    def _owners(self) -> Iterator[_Question]:
        if not self.tables:
            return
        schema = "schema %I belongs to %I, who could become superuser by it; use a schema of your own"
        table = "table %s belongs to %I, who could become superuser by it; give it to a superuser"
        schemas = list(dict.fromkeys(schema for schema, _ in self.tables))
        yield _Question(
            f"format({literal(schema)}, nspname, owner.rolname)",
            "FROM pg_namespace JOIN pg_roles AS owner",
            f"  ON owner.oid = {_OWNER_OF_SCHEMA}",
            f"WHERE nspname IN ({literals(schemas)}) AND NOT ({_TRUSTED})",
            why="The functions write with their owner's rights: only where nobody else can put a trigger.",
        )
        yield _Question(
            f"format({literal(table)}, pg_class.oid::regclass, owner.rolname)",
            "FROM pg_class JOIN pg_roles AS owner ON owner.oid = relowner",
            f"WHERE pg_class.oid IN ({relations(self.tables)})",
            f"  AND NOT ({_TRUSTED})",
        )

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


class _Question:
    """A query that gives a problem, as a text, or no row."""

    def __init__(self, problem: str, *source: str, why: str = "") -> None:
        self.problem = problem
        self.source = source
        self.why = why


def relations(tables: Sequence[tuple[str, ...]]) -> str:
    """Return a query for the oids of tables that are there; to_regclass() would need a right to their schema."""
    pairs = ", ".join(f"({literal(schema)}, {literal(table)})" for schema, table in tables)
    source = "pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    return f"SELECT c.oid FROM {source} WHERE (nspname, relname) IN ({pairs})"


def granted_roles(triggers: ResolvedSet) -> list[str]:
    """Return the roles that must exist: granting a missing one would fail each time a trigger fires."""
    steps = [visit.step for function in triggers.functions for visit in walk(function)]
    return list(dict.fromkeys(step.role for step in steps if isinstance(step, (GrantRole, RevokeRole))))


def has_definer(triggers: ResolvedSet) -> bool:
    """Whether a function has its owner's rights."""
    return any(function.policies.security == "definer" for function in triggers.functions)
