"""The block that stops a script before it changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from xtrig.handwritten import HandWritten
from xtrig.model import GrantRole, RevokeRole
from xtrig.plugin import (
    Fact,
    FactCall,
    Lines,
    ResolvedSet,
    Version,
    dollar_quoted,
    hand_written,
    layout,
    literal,
    one_line,
    uses,
    walk,
)
from xtrig_pgfamily.bodies.relations import mentioned, qualified
from xtrig_pgfamily.catalog.queries import MODIFIERS
from xtrig_pgfamily.catalog.trust import Trust
from xtrig_pgfamily.objects import CatalogObject, Function, Schema, Table, TableColumn, View
from xtrig_pgfamily.statements import OURS, RAISED, STOP_IF_UNTRUSTED, UNTRUSTED, do_block, literals
from xtrig_pgfamily.words import name

if TYPE_CHECKING:
    from xtrig.dialect.driver import Row

_BUILT_IN = ("pg_catalog", "information_schema")
_TIME_OUT = r"^transaction_timeout=\s*\+?(0[xX][0-9a-fA-F]+|[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*([a-z]*)\s*$"
_MILLISECONDS = {"us": "0.001", "s": "1000", "min": "60000", "h": "3600000", "d": "86400000"}
_SHORTEST = 100
"""In milliseconds, a time-out that lets a login end; a login with a trigger takes 2 ms on a quiet machine."""


class Preflight(NamedTuple):
    """What to look for.

    ``functions`` are signatures as SQL; ``made`` are schema and name of the tables that the script creates; ``roles``
    and ``exempt`` have to be there, and those ``asked`` for by ``member_of``; ``parked`` are DDL triggers that would
    fire on the script.
    """

    triggers: Sequence[str] = ()
    functions: Sequence[str] = ()
    made: Sequence[tuple[str, ...]] = ()
    roles: Sequence[str] = ()
    exempt: Sequence[str] = ()
    asked: Sequence[str] = ()
    parked: Sequence[str] = ()
    owners: Sequence[str] = ()
    """Roles that own what runs for everybody: they may not log in."""
    tables: Sequence[Table] = ()
    """What the script makes and, where they are there, completes."""
    version: Version = ()
    has_logins: bool = False
    """Whether something runs at logins, and the server has transaction_timeout."""
    trust: Trust | None = None

    def sql(self) -> str:
        """Return the block."""
        lines: Lines = []
        defined = [each for each in self.tables if each.is_defined]
        for question in (
            *self._strangers(),
            *self._strange_tables(),
            *self._columns(defined),
            *self._roles(),
            *self._timeouts(),
        ):
            lines += [f"SELECT {question.problem}", "INTO problem", *question.source[:-1], f"{question.source[-1]};"]
            lines += RAISED
        for question in self._notes():
            lines += ["FOR problem IN", [f"SELECT {question.problem}", *question.source], "LOOP"]
            lines += [["RAISE WARNING '%', problem;"], "END LOOP;"]
        if self.trust is not None:
            asked = dollar_quoted("\n" + layout([*self.trust.lines()], 2) + "\n    ", "asked")
            lines += [
                "-- Nobody may own what is used, or put code into it, who would gain rights by it.",
                f"PERFORM set_config({literal(UNTRUSTED)}, {asked}, true);",
                *STOP_IF_UNTRUSTED,
            ]
        return do_block([*lines, *self._parking()], ["problem text;"])

    def query(self) -> str:
        """Return a query for the problems that are not about what the objects themselves are, a row each.

        ``is_note`` is true for one that stops nothing.
        """
        stopping = (*self._columns(self.tables), *self._roles(), *self._timeouts())
        asked = [
            f"SELECT {each.problem} AS problem, {is_note} AS is_note {' '.join(line.strip() for line in each.source)}"
            for questions, is_note in ((stopping, "false"), (self._notes(), "true"))
            for each in questions
        ]
        if self.trust is not None:
            asked.append(f"SELECT problem, false AS is_note FROM ({self.trust.query()}) AS found")
        return " UNION ALL ".join(asked) or "SELECT NULL AS problem WHERE false"

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

    def _columns(self, tables: Sequence[Table]) -> Iterator[_Question]:
        """Yield the questions for columns which are not as the definition has them, and that nothing can make so.

        What can be added is left to :meth:`~xtrig_pgfamily.objects.Table.completed`.
        """
        columns = [(table, column) for table in tables for column in table.columns]
        if not columns:
            return
        new = "is new, and rows that are there have no value for it; give it a default, or add it yourself"
        other = "is %s, and the definition says %s; alter it yourself, or change the definition"
        missing = "has the type %s, which does not exist; correct it, or create the type first"
        yield _Question(
            "format('table %I.%I: column %I %s', nspname, relname, wanted.name, what.is_wrong)",
            *_values(
                f"{literals((*table.path, column.name, column.type, column.attributes))}, {_boolean(table, column)}"
                for table, column in columns
            ),
            ") AS wanted (schema, relation, name, type, attributes, can_be_added)",
            *_TABLE_OF_IT,
            "    LEFT JOIN pg_attribute ON attrelid = c.oid AND attname = wanted.name AND NOT attisdropped",
            "    LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum",
            "    LEFT JOIN pg_index ON indrelid = c.oid AND indisprimary",
            "    CROSS JOIN LATERAL (SELECT format_type(atttypid, atttypmod), CASE",
            "        WHEN attidentity <> '' OR pg_get_expr(adbin, adrelid) LIKE 'nextval(%' THEN ' IDENTITY'",
            "        WHEN atthasdef OR wanted.attributes LIKE ' DEFAULT%' THEN ' DEFAULT' ELSE ''",
            "    END || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END",
            "        || CASE WHEN attnum = ANY (indkey) THEN ' PRIMARY KEY' ELSE '' END) AS has (type, attributes)",
            "    CROSS JOIN LATERAL (SELECT CASE",
            "        WHEN attname IS NULL AND can_be_added",
            "            AND NOT (wanted.attributes LIKE '% PRIMARY KEY' AND indrelid IS NOT NULL) THEN NULL",
            f"        WHEN attname IS NULL THEN {literal(new)}",
            f"        WHEN to_regtype(wanted.type) IS NULL THEN format({literal(missing)}, wanted.type)",
            f"        WHEN has.attributes <> wanted.attributes OR {self._other_type()}",
            f"            THEN format({literal(other)},",
            "                has.type || has.attributes, wanted.type || wanted.attributes)",
            "    END) AS what (is_wrong)",
            "WHERE what.is_wrong IS NOT NULL",
        )
        needed = "must have a value, and the definition has it no more; drop it, or its NOT NULL"
        yield _Question(
            f"format({literal(f'table %I.%I: column %I {needed}')}, nspname, relname, attname)",
            *_values(
                f"{literals(table.path)}, ARRAY[{literals([each.name for each in table.columns])}]" for table in tables
            ),
            ") AS wanted (schema, relation, names)",
            *_TABLE_OF_IT,
            "    JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped",
            "    JOIN pg_type AS t ON t.oid = atttypid",
            "WHERE (attnotnull OR (typnotnull AND typdefault IS NULL)) AND NOT atthasdef AND attidentity = ''",
            "    AND attname <> ALL (names)",
        )

    def _other_type(self) -> str:
        """Return the condition for a column of another type than the wanted one, which exists."""
        if self.version >= MODIFIERS:
            return "has.type <> format_type(to_regtype(wanted.type), to_regtypemod(wanted.type))"
        found, asked = (
            f"substring(replace(replace({each}.type, ' ', ''), ',0)', ')') FROM '[(][0-9,]+[)]')"
            for each in ("has", "wanted")
        )
        return f"to_regtype(wanted.type) <> atttypid OR {found} <> coalesce({asked}, '(1)')"

    def _notes(self) -> Iterator[_Question]:
        # No refusal: a guard without its way past is better than none, and the role may come from a script to be run.
        exempt = "role %I is exempt and does not exist: whoever creates it is let pass; create it first"
        yield from _missing(self.exempt, exempt)
        asked = "role %I does not exist, and so no one is a member_of it; correct the name, or create it first"
        yield from _missing(self.asked, asked)

    def _roles(self) -> Iterator[_Question]:
        yield from _missing(self.roles, "role %I does not exist; create it first")
        if self.owners:
            may = "role %I may log in or is superuser, but would own functions that run for everybody; name another one"
            yield _Question(
                f"format({literal(may)}, rolname)",
                "FROM pg_roles",
                f"WHERE rolname IN ({literals(self.owners)}) AND (rolcanlogin OR rolsuper)",
            )

    def _timeouts(self) -> Iterator[_Question]:
        if self.has_logins:
            # It runs from the begin of the transaction, and a function's SET clause does not begin it anew (17, 18).
            short = "the setting %s of %s would end logins in their triggers; ALTER %2$s RESET transaction_timeout"
            yield _Question(
                f"format({literal(short)}, line, concat_ws(' IN ', CASE WHEN setrole <> 0 OR setdatabase = 0 "
                "THEN 'ROLE ' || coalesce(quote_ident(rolname), 'ALL') END, "
                "CASE WHEN setdatabase <> 0 THEN 'DATABASE ' || quote_ident(current_database()) END))",
                "FROM pg_db_role_setting LEFT JOIN pg_roles AS r ON r.oid = setrole, unnest(setconfig) AS line,",
                f"    regexp_matches(line, {literal(_TIME_OUT)}) AS given (parts),",
                f"    LATERAL (SELECT {_milliseconds('parts[1]', 'parts[2]')}) AS time (number)",
                "WHERE (setrole = 0 OR rolname = current_user)",
                "  AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))",
                # Rounded, 0 is no time-out at all.
                f"  AND round(number) BETWEEN 1 AND {_SHORTEST - 1}",
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


_TABLE_OF_IT = (
    "    JOIN pg_namespace AS n ON nspname = wanted.schema",
    "    JOIN pg_class AS c ON relnamespace = n.oid AND relname = wanted.relation",
)


def _values(rows: Iterable[str]) -> Iterator[str]:
    """Yield the lines of VALUES in FROM, one for each row."""
    *first, last = rows
    yield from ("FROM (VALUES", *(f"    ({row})," for row in first), f"    ({last})")


def _boolean(table: Table, column: TableColumn) -> str:
    return "true" if table.can_add(column) else "false"


def _milliseconds(number: str, unit: str) -> str:
    """Return the expression for a time in milliseconds, whose number may be hexadecimal in a setting."""
    factors = " ".join(f"WHEN {literal(unit)} THEN {factor}" for unit, factor in _MILLISECONDS.items())
    whole = f"('x' || lpad(substr({number}, 3), 16, '0'))::bit(64)::bigint"
    return f"CASE WHEN {number} ~* 'x' THEN {whole} ELSE {number}::numeric END * CASE {unit} {factors} ELSE 1 END"


class _Question:
    """A query that gives a problem, as a text, or no row."""

    def __init__(self, problem: str, *source: str) -> None:
        self.problem = problem
        self.source = source


def _missing(roles: Sequence[str], problem: str) -> Iterator[_Question]:
    if roles:
        yield _Question(
            f"format({literal(problem)}, wanted)",
            f"FROM unnest(ARRAY[{literals(roles)}]) AS wanted",
            "WHERE to_regrole(quote_ident(wanted)) IS NULL",
        )


def relations(tables: Sequence[tuple[str, ...]]) -> str:
    """Return a query for the oids of tables that are there; to_regclass() would need a right to their schema."""
    pairs = ", ".join(f"({literal(schema)}, {literal(table)})" for schema, table in tables)
    source = "pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    return f"SELECT c.oid FROM {source} WHERE (nspname, relname) IN ({pairs})"


def granted_roles(triggers: ResolvedSet) -> list[str]:
    """Return the roles that must exist: granting a missing one would fail each time a trigger fires."""
    steps = [visit.step for function in triggers.functions for visit in walk(function)]
    return list(dict.fromkeys(step.role for step in steps if isinstance(step, (GrantRole, RevokeRole))))


def _found_by_path(texts: tuple[HandWritten, ...]) -> set[tuple[str, str]]:
    """Return schema and name of what words of the texts may mean by a search_path of theirs."""
    if not texts:
        return set()
    from xtrig_pgfamily.bodies.paths import looked_up  # noqa: PLC0415  # only texts by hand need it

    return {pair for text in texts for pair in looked_up(text) if pair[0] not in _BUILT_IN}


def trusted(triggers: ResolvedSet, objects: Iterable[CatalogObject], version: Version, dialect: str) -> Trust:
    """Return what a set uses: its objects and tables, and what the texts of its functions for ``dialect`` name."""
    objects = tuple(objects)
    named = {each.path for each in objects if isinstance(each, (Table, View, Function))}
    made = [each.path for each in objects if isinstance(each, Table)]
    named |= {(table.schema, table.name) for table in triggers.tables.values()}
    functions = [each for each in objects if isinstance(each, Function) and each.owner is None]
    called = {pair for each in functions for pair in qualified(each.body) if pair not in named}
    called = {pair for pair in called if pair[0] not in _BUILT_IN}
    sessions = triggers.sessions
    # The record makes partitions later, and a call is resolved anew at each login, perhaps to a closer match.
    closed = {schema for schema, _ in called} | ({triggers.schema} if sessions else set())
    texts = tuple(hand_written(triggers, dialect))
    called |= {pair for each in texts for pair in mentioned(each.text)}
    found = _found_by_path(texts)
    paths = {schema for schema, _ in found}
    called |= found
    closed |= paths
    return Trust(
        named=sorted(named | {pair for pair in called if pair[0] not in _BUILT_IN}),
        schemas=sorted({schema for schema, _ in named} | closed),
        closed=sorted(closed),
        made=sorted(made),
        paths=sorted(paths - {each.path[-1] for each in objects if isinstance(each, Schema)}),
        version=version,
        kept=(sessions.owner, sessions.writer) if sessions else (),
        reader=sessions.reader if sessions else "",
    )


def exempt_roles(triggers: ResolvedSet) -> list[str]:
    """Return the roles that a function of steps lets pass; a hand-written body does as it likes."""
    stepped = [each for each in triggers.functions if each.steps]
    return list(dict.fromkeys(role for each in stepped for role in each.policies.exempt_roles))


def asked_roles(triggers: ResolvedSet) -> list[str]:
    """Return the roles of which steps ask who is a member."""
    placed = (part for each in triggers.functions for use in uses(each) for part in use.template.placeholders)
    return list(dict.fromkeys(p.argument for p in placed if isinstance(p, FactCall) and p.fact is Fact.MEMBER_OF))


def refusals(rows: Iterable[Row]) -> tuple[str, ...]:
    """Return the problems of :meth:`Preflight.query` that stop a deployment."""
    return tuple(row["problem"] for row in rows if row["problem"] and not row["is_note"])


def notes(rows: Iterable[Row]) -> tuple[str, ...]:
    """Return those that stop nothing."""
    return tuple(row["problem"] for row in rows if row["problem"] and row["is_note"])
