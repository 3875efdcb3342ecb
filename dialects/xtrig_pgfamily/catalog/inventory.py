"""The live objects of a set: which queries to ask, and what their rows say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from xtrig.dialect.driver import Row
from xtrig.plugin import Version
from xtrig_pgfamily.catalog import queries
from xtrig_pgfamily.objects import CatalogObject, EventTrigger, Function, Role, Schema, Table, View

VIEW = "v"
"""pg_class.relkind of a view."""


@dataclass(frozen=True, slots=True)
class Catalogs:
    """What the catalogs have of a set's objects, and of what carries the set's mark."""

    objects: Sequence[CatalogObject]
    set_name: str
    version: Version
    event_trigger: type[EventTrigger] = EventTrigger
    function: type[Function] = Function
    table: type[Table] = Table
    view: type[View] = View
    schema: type[Schema] = Schema
    role: type[Role] = Role

    def queries(self) -> tuple[str, ...]:
        """Return six queries, whatever the set and the server hold."""
        functions = [(*each.path, each.types) for each in self.objects if isinstance(each, Function)]
        relations = [each.path for each in self.objects if isinstance(each, (Table, View))]
        types = {column.type for each in self.objects if isinstance(each, Table) for column in each.columns}
        return (
            queries.EVENT_TRIGGERS,
            queries.functions(functions, self.set_name),
            queries.tables(relations, self.set_name),
            queries.schemas([each.path[0] for each in self.objects if isinstance(each, Schema)], self.set_name),
            queries.roles([each.path[0] for each in self.objects if isinstance(each, Role)], self.set_name),
            queries.types(sorted(types), has_modifiers=self.version >= queries.MODIFIERS),
        )

    def read(self, results: Sequence[Sequence[Row]]) -> tuple[CatalogObject, ...]:
        """Return the objects that the rows of the queries tell of."""
        triggers, functions, tables, schemas, roles, types = results
        return (
            *(self.role.from_row(row) for row in roles),
            *(self.schema.from_row(row) for row in schemas),
            *self._relations(tables, {row["written"]: row["type"] for row in types}),
            *(self.function.from_row(row) for row in functions),
            *(self.event_trigger.from_row(row) for row in triggers),
        )

    def _relations(self, rows: Iterable[Row], types: Mapping[str, str]) -> Iterator[CatalogObject]:
        tables = {each.path: each for each in self.objects if isinstance(each, Table)}
        views = {each.path: each for each in self.objects if isinstance(each, View)}
        for path, group in groupby(rows, lambda row: (row["schema"], row["name"])):
            columns = list(group)
            if columns[0]["kind"] == VIEW and path not in tables:
                yield self.view.from_row(columns[0], views.get(path))
            else:
                yield self.table.from_rows(columns, types, tables.get(path))


def with_grants_said(found: Iterable[CatalogObject], wanted: Iterable[CatalogObject]) -> Iterator[CatalogObject]:
    """Yield the live objects; grants are part of the state only where the definition says them."""
    said = {each.key for each in wanted if each.states_grants}
    for each in found:
        yield replace(each, states_grants=each.states_grants and each.key in said)


def triggers(objects: Iterable[object]) -> list[EventTrigger]:
    """Return the event triggers among objects."""
    return [each for each in objects if isinstance(each, EventTrigger)]
