"""The event triggers of a live database, read by the reader of scripts.

Every role that may log in may run these queries (PostgreSQL manual, "System Catalogs").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from importlib.resources import files

from pydantic import ValidationError

from xtrig.dialect.driver import Row
from xtrig.dialect.platform import LiveReader, Results
from xtrig.model import Sessions, Table
from xtrig.plugin import Filled, Finding, Imported, ReadFunction, ReadTable, ReadTrigger, Severity
from xtrig_pgfamily.deploy.temporary import is_candidate, is_placeholder
from xtrig_pgfamily.objects import EventTrigger
from xtrig_pgfamily.reading.live_functions import LiveScript, Name, called, filled_by, parsed_function
from xtrig_pgfamily.reading.live_tables import TABLES, LiveTable, live_tables
from xtrig_pgfamily.reading.parser import Parsed, Unparsed
from xtrig_pgfamily.reading.vocabulary import POSTGRESQL
from xtrig_pgfamily.sessions import Names, Recording

SETTINGS = """
SELECT set_config('search_path', 'pg_catalog', true), set_config('quote_all_identifiers', 'off', true)
""".strip()
"""With these settings, names in types, defaults and constraints are qualified, as in pg_dump."""

TRIGGERS = files(__package__).joinpath("sql", "triggers.sql").read_text("utf-8")
"""A row for each event trigger, with the function that it runs."""

_GRANTED = "'create: false' takes it for granted"


class PostgreSQLLiveReader(LiveReader):
    """Reads event triggers, their functions in plpgsql, and the tables that those fill."""

    def queries(self) -> Sequence[str]:
        """Return the queries for settings, triggers and tables."""
        return (SETTINGS, TRIGGERS, TABLES)

    def sets(self, results: Results) -> Mapping[str | None, int]:
        """Return the triggers of each set, counted."""
        _, triggers, _ = results
        return Counter(_set_of(row) for row in triggers if not _is_of_a_deployment(row))

    def read(self, results: Results, set_name: str | None, kept: AbstractSet[str]) -> Imported:
        """Return the triggers of one set, or with None those without a set."""
        _, rows, columns = results
        own = [row for row in rows if _set_of(row) == set_name and not _is_of_a_deployment(row)]
        recorded = [row for row in own if _sessions_of(row) is not None] if set_name is not None else []
        record = _record(recorded[0], set_name) if recorded and set_name is not None else None
        made = record.relations() if record is not None else frozenset()
        reader = record.names.sessions.reader if record is not None else None
        tables = [each for each in live_tables(columns, reader) if (each.schema, each.name) not in made]
        read = _Reading([row for row in own if row not in recorded], tables, set_name).imported(kept)
        return read if record is None else read._replace(sessions=(record.names.schema, record.names.sessions))


class _Reading:
    """The import of one set, or of the triggers without a set."""

    def __init__(self, rows: Iterable[Row], tables: Sequence[LiveTable], set_name: str | None) -> None:
        self.set_name = set_name
        self.tables: dict[Name, LiveTable] = {(each.schema, each.name): each for each in tables}
        self.found: list[Finding] = []
        self.statements: dict[Name, Parsed] = {}
        self.triggers = [_trigger(row) for row in self._readable(list(rows))]

    def imported(self, kept: AbstractSet[str]) -> Imported:
        """Return the triggers, their functions, and those of the tables that belong to them."""
        known: dict[tuple[str | None, str], ReadTable] = {
            key: ReadTable(each.schema, each.name, each.columns_alone(), 0) for key, each in self.tables.items()
        }
        script = LiveScript(self.triggers, known, kept, is_ours=self.set_name is not None)
        run = {each.function for each in self.triggers}
        functions = script.read_functions([each for key, each in self.statements.items() if key in run])
        clashing = {key: table for key, table in self._clashing(functions) if key not in kept}
        if clashing:
            return self._without_clash(clashing, kept)
        triggers = list(script.triggers.values())
        inferred = {f"{each.name}_open" for each in triggers if each.if_unsupported == "infer"}
        wanted = [key for key, each in self.tables.items() if self._is_own(each) and each.name not in inferred]
        wanted += [self._key(each) for function in functions for each in self._fills(function)]
        tables = [self._table(*key) for key in dict.fromkeys(wanted)]
        return Imported(tuple(tables), tuple(functions), tuple(triggers), findings=(*self.found, *script.findings()))

    def _readable(self, rows: Sequence[Row]) -> Iterator[Row]:
        """Yield the triggers that a definition can express; the others are findings."""
        owners: dict[str, Name] = {}
        users = Counter((row["function_schema"], row["function_name"]) for row in rows)
        for row in rows:
            key = (row["function_schema"], row["function_name"])
            problem = self._problem(row)
            is_its_own = row["name"] == row["function_name"] and users[key] == 1
            if problem is None and not is_its_own and owners.setdefault(row["function_name"], key) != key:
                other = ".".join(owners[row["function_name"]])
                problem = f"its function {'.'.join(key)} has the name of {other}, and a definition has one"
            if problem is None:
                yield row
            else:
                who, remedy = f"trigger {row['name']!r}", "leave it to whoever made it, or write it anew"
                self._find("XT403", Severity.WARNING, who, f"{problem}; it is left out", remedy)

    def _problem(self, row: Row) -> str | None:
        if row["extension"] is not None:
            return f"it belongs to the extension {row['extension']}"
        if row["event"] not in POSTGRESQL.events:
            return f"its event {row['event']} is none that xtrig knows"
        if row["definition"] is None:
            return f"its function {row['function_schema']}.{row['function_name']} is written in {row['language']}"
        try:
            self.statements[row["function_schema"], row["function_name"]] = parsed_function(row["definition"])
        except Unparsed as problem:
            return f"its function cannot be read: {problem}"
        return None

    def _clashing(self, functions: Sequence[ReadFunction]) -> Iterator[tuple[str, str]]:
        """Yield each function that fills a table whose name another schema has, too, and the table."""
        schemas: dict[str, str] = {each.name: each.schema for each in self.tables.values() if self._is_own(each)}
        for function in functions:
            for schema, name in map(self._key, function.fills):
                if schemas.setdefault(name, schema) != schema:
                    yield called(self.statements[str(function.schema), function.name]), f"{schema}.{name}"

    def _without_clash(self, clashing: Mapping[str, str], kept: AbstractSet[str]) -> Imported:
        for function, table in clashing.items():
            message = (
                f"the body of {function} is kept as it is: it fills {table}, and a definition has one of that name"
            )
            remedy = "it runs without guards and with search_path = pg_catalog, pg_temp: qualify its names"
            self._find("XT405", Severity.WARNING, "database", message, remedy)
        return self.imported(kept | clashing.keys())

    def _fills(self, function: ReadFunction) -> Iterator[Filled]:
        """Yield the tables that a function fills; of a kept body without a set, only tables with a unique name."""
        yield from function.fills
        if function.body is not None and self.set_name is None:
            for filled in filled_by(function.body):
                schema, name = self._key(filled)
                if [each.schema for each in self.tables.values() if each.name == name] == [schema]:
                    yield filled

    def _key(self, filled: Filled) -> Name:
        """Return schema and name of a table; an unqualified name is looked up, in public first."""
        if filled.schema is not None:
            return filled.schema, filled.name
        return next((key for key in self.tables if key[1] == filled.name), ("public", filled.name))

    def _is_own(self, table: LiveTable) -> bool:
        return table.mark is not None and table.mark.set_name == self.set_name

    def _table(self, schema: str, name: str) -> ReadTable:
        found = self.tables.get((schema, name))
        who, called_ = f"table {name!r}", f"{schema}.{name}"
        table = Table(create=False)
        if found is None:
            self._find("XT410", Severity.WARNING, who, f"there is no {called_}, which a function fills", _GRANTED)
        elif self.set_name is not None and not self._is_own(found):
            pass  # It existed before the set; the definition has create: false, too.
        elif found.mark is not None and not self._is_own(found):
            message = f"{called_} belongs to the set {found.mark.set_name!r}"
            self._find("XT410", Severity.NOTE, who, message, _GRANTED)
        elif found.other_kind is not None:
            message = f"{called_} is {found.other_kind}, which no definition creates"
            self._find("XT410", Severity.NOTE, who, message, _GRANTED)
        else:
            table = self._written(found, who)
        return ReadTable(schema, name, table, 0)

    def _written(self, found: LiveTable, who: str) -> Table:
        try:
            table = found.table()
        except ValueError as problem:
            message = f"{found.schema}.{found.name} is more than a definition says: {_reason(problem)}"
            self._find("XT406", Severity.WARNING, who, message, _GRANTED)
            return Table(create=False)
        for unsaid in found.unsaid():
            message = f"no word of a definition says {unsaid}"
            self._find("XT406", Severity.WARNING, who, message, "see whether it is missed")
        return table

    def _find(self, code: str, severity: Severity, who: str, message: str, remedy: str) -> None:
        self.found.append(Finding(code, severity, who, message, remedy))


def _reason(problem: ValueError) -> str:
    errors = getattr(problem, "errors", None)
    return str(errors()[0]["msg"]).removeprefix("Value error, ") if errors else str(problem)


def _trigger(row: Row) -> ReadTrigger:
    found = EventTrigger.from_row(row)
    function = (row["function_schema"], row["function_name"])
    return ReadTrigger(found.path[0], POSTGRESQL.events[found.event], function, 0, tuple(row["tags"]), found.enabled)


def _set_of(row: Row) -> str | None:
    found = EventTrigger.from_row(row)
    return None if found.mark is None else found.mark.set_name


def _record(row: Row, set_name: str) -> Recording | None:
    sessions = _sessions_of(row)
    return None if sessions is None else Recording(Names(row["function_schema"], set_name, sessions))


def _sessions_of(row: Row) -> Sessions | None:
    """Return ``sessions`` of the definition, from the comment of a login trigger that records sessions."""
    definition = EventTrigger.from_row(row).definition
    if not definition:
        return None
    try:
        return Sessions.model_validate_json(definition)
    except ValidationError:
        return None


def _is_of_a_deployment(row: Row) -> bool:
    """Whether a trigger was left behind by a deployment that was interrupted."""
    found = EventTrigger.from_row(row)
    return found.mark is not None and (is_placeholder(found) or is_candidate(found))
