"""A function in a form that plans its queries, and writes its rows whatever their condition says.

A step whose condition is false at the rehearsal does not run there. ``EXPLAIN`` looks up its names, types and rights
all the same. A row is written to see whether it arrives: a trigger or a rule of its table may discard it without an
error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from xtrig.model import Call, CreateTempTable, Deny, ForEach, If, Insert, Set, Sql, Step
from xtrig.model.steps import MESSAGES
from xtrig.plugin import Lines, Path, ResolvedFunction, ResolvedSet, layout, literal, walk
from xtrig_pgfamily.checks.settings import NAMES_CHANGE, ROLES
from xtrig_pgfamily.objects.function import Function
from xtrig_pgfamily.plpgsql import arriving
from xtrig_pgfamily.plpgsql.function import Fields, error_fields, guarded_function, log_line
from xtrig_pgfamily.plpgsql.planned_bodies import ReadBody, Row, procedure_of, read_body, row_of
from xtrig_pgfamily.plpgsql.scope import TRACE, Scope
from xtrig_pgfamily.plpgsql.steps import ITEM_SOURCES, parameter_text, terminated
from xtrig_pgfamily.statements import insert_into
from xtrig_pgfamily.words import name

_PLAN = "xtrig_plan"
_DECLARED = (f"{TRACE} text;", f"{_PLAN} record;", *arriving.DECLARED)
_ERRORS = "syntax_error_or_access_rule_violation OR invalid_schema_name"
_OF_VALUES = " OR invalid_parameter_value OR cant_change_runtime_param"
_LOOKED_AT = If | ForEach | Deny | Insert | Sql
_VERB = re.compile(r"\s*(select|values|with|insert|update|delete|merge|perform|call)\b", re.IGNORECASE)
_LITERAL = re.compile(r"\s*('[^']*'|[0-9.]+)\s*")
_MAKES = re.compile(r"\b(create|execute)\b", re.IGNORECASE)
"""What may make a table that later steps use, where PostgreSQL's own parser is not installed."""
_WRONG_TYPE = "42809"
_INTO = re.compile(r"\binto\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """A query of a function, where in the definition it stands, and which conditions of PL/pgSQL are no error of it."""

    sql: str
    path: Path
    ignored: tuple[str, ...] = ()
    line: int = 0
    """Its line in a hand-written body; 0 in a step."""
    is_run: bool = False
    """Whether it is executed: a value that a parameter does not take is no error of a plan."""
    row: Row | None = None
    """The row that it writes, if it writes one."""
    using: tuple[str, ...] | None = None
    """Of a text that EXECUTE runs, what it gives to the parameters."""
    procedure: str = ""
    """The procedure that a CALL names, if it is one."""


def planned_function(
    triggers: ResolvedSet, function: ResolvedFunction, scope: Scope, records: Mapping[str, str] = {}
) -> Function | None:
    """Return the function that plans; None where each step of it runs at every rehearsal, or a body cannot be read.

    ``records`` are those that the facts of the scope are read from, each with a query that has its fields.
    """
    body = function.body.get(scope.dialect)
    lines = _plan_of_steps(triggers, function, scope, records) if body is None else _plan_of_body(function, scope, body)
    return guarded_function(function, scope, f"\n{layout(lines)}\n") if lines else None


def _plan_of_steps(
    triggers: ResolvedSet, function: ResolvedFunction, scope: Scope, records: Mapping[str, str]
) -> Lines:
    visits = list(walk(function))
    if not any(visit.step.when is not None or isinstance(visit.step, _LOOKED_AT) for visit in visits):
        return []
    items = sorted({visit.item for visit in visits if visit.item is not None})
    shaped = {**records, **{name(item): f"SELECT * FROM {ITEM_SOURCES[item]}" for item in items}}
    lines: Lines = [_with_fields(record, query) for record, query in shaped.items()]
    ignored: tuple[str, ...] = ()
    is_moved, is_plain = False, True
    for visit in visits:
        inner = scope.inside(visit.item) if visit.item else scope
        is_plain = is_plain and not isinstance(visit.step, Sql | Call)
        is_certain = is_plain and visit.step.when is None and visit.path[-2] == "steps"
        for query in _queries(triggers, visit.step, visit.path, inner):
            row = _row(query.sql, is_certain=is_certain) or query.row if query.row is not None else None
            lines += _planned(replace(query, ignored=(*query.ignored, *ignored), row=row), function, scope)
        if isinstance(visit.step, CreateTempTable):
            ignored = (*ignored, "undefined_table")
        elif isinstance(visit.step, Sql) and not is_moved:
            text = inner.expression(visit.step.text(scope.dialect))
            body = read_body(f"BEGIN {terminated(text)}\nEND")
            if body is None:
                ignored = (*ignored, *(("undefined_table",) if _MAKES.search(text) else ()))
                queries = (Query(sql, visit.path, ignored) for sql in explainable(text))
                lines += [line for query in queries for line in _planned(query, function, scope)]
                continue
            asked = _asked(body, Query("", visit.path, ignored), function, scope)
            lines += ["DECLARE", body.declared, "BEGIN", asked, "END;"] if body.declared else asked
            ignored, is_moved = (*ignored, *body.ignored), body.is_moved
    return ["DECLARE", [*_DECLARED, *(f"{record} record;" for record in shaped)], "BEGIN", lines, "END"]


def _plan_of_body(function: ResolvedFunction, scope: Scope, text: str) -> Lines:
    body = read_body(text)
    if body is None:
        return []
    lines = _asked(body, Query("", (*function.path, "body", scope.dialect), line=1), function, scope)
    return [*body.directives, "DECLARE", [*_DECLARED, *body.declared], "BEGIN", lines, "END"]


def _asked(body: ReadBody, like: Query, function: ResolvedFunction, scope: Scope) -> Lines:
    """Return the blocks that plan what a text asks; a variable may be named by any label of it."""
    lines: Lines = []
    for asked in body.queries:
        for sql in explainable(asked.sql, is_whole=True):
            if asked.record:
                fields = _with_fields(name(asked.record), sql)
                lines += ["BEGIN", [fields], "EXCEPTION WHEN OTHERS THEN", ["NULL;"], "END;"]
                continue
            query = replace(like, sql=sql, ignored=(*like.ignored, *asked.ignored), line=like.line and asked.line)
            query = replace(
                query,
                is_run=asked.is_run,
                using=asked.using,
                row=_row(sql, is_certain=like.line > 0 and asked.is_certain),
            )
            procedure = procedure_of(asked.sql)
            lines += _planned(_of_procedure(query, procedure) if procedure else query, function, scope)
    for label in reversed(body.labels):
        lines = [f"<<{name(label)}>>", "DECLARE", body.declared, "BEGIN", lines, "END;"]
    return lines


def _row(sql: str, *, is_certain: bool) -> Row | None:
    """Return the row that a query writes; what comes before may see to it that a second one can be written, too."""
    row = row_of(sql)
    return row if row is None or is_certain else row._replace(same=())


def _with_fields(record: str, query: str) -> str:
    """Return the statement after which a record has its fields. No row is joined, so the query is not executed."""
    return f"SELECT listed.* INTO {record} FROM (SELECT) AS one LEFT JOIN ({query}) AS listed ON false;"


def _planned(query: Query, function: ResolvedFunction, scope: Scope) -> Lines:
    """Return the block that plans a query. Errors of other classes are those of values."""
    ignored = query.ignored
    error = error_fields(replace(scope, traced={0: ""}))
    where = f" || ', in line {query.line}'" if query.line else ""
    error["error"] = f"SQLERRM{where}"
    more: Lines = []
    if query.procedure:
        said = {"sqlstate": literal(_WRONG_TYPE), "error": literal(f"{query.procedure}() is no procedure") + where}
        more = log_line(function, scope, "error", error | said)
    passed: Lines = [f"WHEN {' OR '.join(dict.fromkeys(ignored))} THEN", ["NULL;"]] if ignored else []
    if function.policies.security == "invoker":  # the condition may ask who has the right
        passed += ["WHEN insufficient_privilege THEN", log_line(function, scope, "no right", error)]
    planned = query.sql if query.is_run else f"EXPLAIN {query.sql}"
    told: Lines = [log_line(function, scope, "error", error), "WHEN OTHERS THEN", ["NULL;"]]
    # A plan evaluates constants alone: what is wrong with their values is wrong each time.
    of_values = _OF_VALUES if query.is_run else " OR data_exception"
    if query.row is not None and not query.line:  # such as a view of a join; in a body a record may have no fields yet
        of_values += " OR object_not_in_prerequisite_state"
    lines: Lines = [
        f"{TRACE} := {literal(json.dumps(query.path))};",
        "BEGIN",
        [f"FOR {_PLAN} IN {_executed(planned, query)}", "LOOP EXIT; END LOOP;", *more],
        "EXCEPTION",
        [*passed, f"WHEN {_ERRORS}{of_values} THEN", *told],
        "END;",
    ]
    if query.row is not None:
        written = _written(query, query.row, where, error, function, scope)
        lines += ["BEGIN", written, "EXCEPTION", [*passed, f"WHEN {_ERRORS} THEN", *told], "END;"]
    # The name of a procedure is looked up as that of a function, which does without its OUT parameters.
    has_output = "SELECT FROM pg_proc WHERE proname = {} AND 'o' = ANY (proargmodes)"
    plain = query.procedure.rpartition(".")[2]
    return [f"IF NOT EXISTS ({has_output.format(literal(plain))}) THEN", lines, "END IF;"] if plain else lines


def _written(query: Query, row: Row, where: str, error: Fields, function: ResolvedFunction, scope: Scope) -> Lines:
    """Return the statements that write a row, and tell where it or the next one does not arrive."""
    insert = _executed(row.insert, query)
    said: Fields = {"sqlstate": literal(arriving.DISCARDED), "error": arriving.what_discards(row.table) + where}
    lines = arriving.looked_for(row.table, insert, log_line(function, scope, "error", error | said))
    if row.same:
        said = {"sqlstate": literal(arriving.TAKEN), "error": arriving.what_keeps_out(row.table) + where}
        told = log_line(function, scope, "error", error | said)
        lines += arriving.looked_for_twice(row.table, insert, row.same, told)
    return lines


def _executed(sql: str, query: Query) -> str:
    if query.using is None:
        return sql
    given = f" USING {', '.join(query.using)}" if query.using else ""
    return f"EXECUTE {literal(sql)}{given}"


def _is_constant(step: Set) -> bool:
    return not isinstance(step.value, str) or _LITERAL.fullmatch(step.value) is not None


def _queries(triggers: ResolvedSet, step: Step, path: Path, scope: Scope) -> Iterator[Query]:
    """Yield the queries of a step. Facts of an item are not known to the condition of its own for_each."""
    for key, text in step.texts():
        if key[0] not in ("values", "value", "args", "sql"):
            yield Query(f"SELECT {scope.message(text) if key[-1] in MESSAGES else scope.expression(text)}\n", path)
    match step:
        case Insert():
            table = triggers.tables[step.table]
            columns = [scope.quoted(column) for column in step.values]
            values = [scope.value(value) for value in step.values.values()]
            filled = scope.qualified(table.schema, table.name)
            sql = layout(insert_into(filled, columns, values)).rstrip().removesuffix(";")
            yield Query(sql, path, row=Row(filled, sql))
        case Set():
            sql = f"SELECT set_config({literal(step.parameter)}, {parameter_text(step, scope)}, true)"
            yield Query(sql, path, is_run=_is_constant(step) and step.parameter.lower() not in NAMES_CHANGE | ROLES)
        case Call():
            routine = scope.qualified(*step.routine.split(".", 1))
            query = Query(f"SELECT {routine}({', '.join(map(scope.value, step.args))})", path)
            yield _of_procedure(query, step.routine) if step.kind == "procedure" else query
        case CreateTempTable():
            yield from (Query(f"SELECT CAST(NULL AS {column.type})", path) for column in step.columns.values())
        case _:
            pass


def _of_procedure(query: Query, routine: str) -> Query:
    """Return the query that finds a procedure: to call it as a function is an error of its own."""
    return replace(query, ignored=(*query.ignored, "wrong_object_type"), procedure=routine)


def explainable(statement: str, *, is_whole: bool = False) -> Iterator[str]:
    """Yield what EXPLAIN takes of a statement of PL/pgSQL, if it is a query without a variable for its result.

    From a statement that ``is_whole`` the parser has taken that variable out. A CALL becomes a call of a function.
    """
    sql = statement.rstrip().removesuffix(";")
    verb = _VERB.match(sql)
    word = verb[1].lower() if verb is not None else ""
    if verb is None or (not is_whole and word in ("select", "with", "values", "perform") and _INTO.search(sql)):
        return
    yield f"SELECT{sql[verb.end() :]}\n" if word in ("perform", "call") else f"{sql}\n"
