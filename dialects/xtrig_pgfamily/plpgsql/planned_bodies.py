"""The queries of a hand-written PL/pgSQL text, as PostgreSQL's own parser finds them, for :mod:`planned`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any, NamedTuple

from xtrig.plugin import Lines, literal
from xtrig_pgfamily.words import name

_INSERT = re.compile(r"\s*insert\b", re.IGNORECASE)
_CALL = re.compile(r"\s*call\b", re.IGNORECASE)
_DIRECTIVE = re.compile(r"^\s*#\w+\s+\w+", re.MULTILINE)
_OWN = ("found", "tg_event", "tg_tag", "sqlstate", "sqlerrm")
_PARAMETER = re.compile(r"\$\d")
_ABSENT = (
    "undefined_table",
    "undefined_function",
    "undefined_column",
    "undefined_object",
    "invalid_schema_name",
    "insufficient_privilege",
)
"""What is no error of a statement that runs only where something is there, or after it was made."""
_CATALOGS = frozenset(
    """
    pg_class pg_tables pg_views pg_proc pg_namespace pg_type pg_attribute pg_extension pg_roles pg_authid
    """.split()
)
_ASKING = re.compile(r"to_reg\w+|has_\w+_privilege|pg_has_role|\w+_is_visible")
_UNCHANGING = frozenset("host inet_client_addr current_setting current_database session_user lower upper".split())
_NAMES = ("_USER", "_ROLE", "_CATALOG")
_QUERIES = frozenset("select_stmt insert_stmt update_stmt delete_stmt merge_stmt variable_set_stmt call_stmt".split())
_LEAVING = frozenset("PLpgSQL_stmt_return PLpgSQL_stmt_exit PLpgSQL_stmt_raise PLpgSQL_stmt_assign".split())
_PATH = "search_path"


class Row(NamedTuple):
    """A row: the quoted name of its table, and the INSERT that writes it."""

    table: str
    insert: str
    same: tuple[str, ...] = ()
    """The columns that have the same value whenever the same client logs in."""


@dataclass(frozen=True, slots=True)
class BodyQuery:
    """A query; with a ``record`` it is the one that gives the record its fields."""

    sql: str
    line: int
    ignored: tuple[str, ...] = ()
    """The conditions of PL/pgSQL that are no error of it."""
    record: str = ""
    is_run: bool = False
    """Whether it is executed: the names of those after it depend on it."""
    using: tuple[str, ...] | None = None
    """Of a text that EXECUTE runs, what it gives to the parameters."""
    is_certain: bool = True
    """Whether it runs each time, and nothing before it may have deleted rows."""


class ReadBody(NamedTuple):
    """What a text declares, the labels by which its variables may be named, and what it asks."""

    directives: list[str]
    declared: Lines
    labels: list[str]
    queries: list[BodyQuery]
    ignored: tuple[str, ...]
    """The conditions that are no error of what runs after it."""
    is_moved: bool
    """Whether names mean something else after it, it is not known what."""


def row_of(sql: str) -> Row | None:
    """Return the row that an INSERT writes, without its conflicts; that of a query has NULL in its columns."""
    if _INSERT.match(sql) is None or find_spec("postgast") is None:
        return None
    from xtrig_pgfamily.reading.parser import row_text  # noqa: PLC0415  # an extra

    parsed = _statement(sql)
    if parsed is None or parsed.kind != "insert_stmt":
        return None
    filled = parsed.node.relation
    table = ".".join(map(name, filter(None, (filled.schemaname, filled.relname))))
    return Row(table, row_text(parsed.node), tuple(_unchanging(parsed.node)))


def _unchanging(insert: Any) -> Iterator[str]:
    """Yield the columns of an INSERT of one row that have the same value whenever the same client logs in."""
    rows = insert.select_stmt.select_stmt.values_lists
    if insert.HasField("on_conflict_clause") or len(rows) != 1:
        return
    for column, value in zip(insert.cols, rows[0].list.items, strict=False):
        if _is_unchanging(value):
            yield column.res_target.name


def _is_unchanging(value: Any) -> bool:
    from xtrig_pgfamily.reading.parser import nodes_of  # noqa: PLC0415  # an extra

    functions = [call.funcname[-1].string.sval for call in nodes_of(value, "FuncCall")]
    words = [
        each.DESCRIPTOR.fields_by_name["op"].enum_type.values_by_number[each.op].name
        for each in nodes_of(value, "SQLValueFunction")
    ]
    unknown = [
        *nodes_of(value, "ColumnRef"),
        *nodes_of(value, "SubLink"),
        *nodes_of(value, "ParamRef"),
        *nodes_of(value, "SetToDefault"),
    ]
    return not unknown and _UNCHANGING.issuperset(functions) and all(word.endswith(_NAMES) for word in words)


def procedure_of(sql: str) -> str:
    """Return the procedure that a CALL names, and "" for another statement."""
    parsed = _statement(sql) if _CALL.match(sql) is not None else None
    return ".".join(part.string.sval for part in parsed.node.funccall.funcname) if parsed is not None else ""


def read_body(text: str) -> ReadBody | None:
    """Return what a body asks; None if it cannot be read."""
    if find_spec("postgast") is None:
        return None
    from xtrig_pgfamily.reading.parser import SyntaxProblem, Unparsed, parse_body  # noqa: PLC0415  # an extra

    try:
        datums, block = parse_body(text)
    except (SyntaxProblem, Unparsed):
        return None
    types = _types(datums)
    unsure = [variable for variable, found in types.items() if len(found) > 1]
    walk = _Walk(datums)
    walk.statement(block, 1, _Place())
    queries = [each for each in walk.queries if not any(re.search(rf"\b{re.escape(v)}\b", each.sql) for v in unsure)]
    declared: Lines = [f"{name(variable)} {next(iter(found))};" for variable, found in types.items()]
    return ReadBody(_DIRECTIVE.findall(text), declared, list(_labels(block)), queries, walk.ignored, walk.is_moved)


def _types(datums: list[Any]) -> Mapping[str, dict[str, None]]:
    """Return the types of each variable: of blocks within each other several may have its name."""
    types: dict[str, dict[str, None]] = {}
    for datum in datums:
        ((kind, fields),) = datum.items()
        variable = fields.get("refname", "")
        if kind in ("PLpgSQL_var", "PLpgSQL_rec") and variable not in _OWN:
            type_name = fields["datatype"]["PLpgSQL_type"]["typname"] if kind == "PLpgSQL_var" else "record"
            types.setdefault(variable, {})[type_name] = None
    return types


def _labels(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _labels(each)
    elif isinstance(node, dict):
        if isinstance(node.get("label"), str) and "is_exit" not in node:
            yield node["label"]
        for each in node.values():
            yield from _labels(each)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a statement stands: what is no error there, and whether it always runs when it is reached."""

    ignored: tuple[str, ...] = ()
    is_certain: bool = True


@dataclass
class _Walk:
    """The statements of a body in their order."""

    datums: list[Any]
    queries: list[BodyQuery] = field(default_factory=list)
    is_asked: bool = False
    """Whether a statement before has asked what is there, or has made something."""
    is_plain: bool = True
    """Whether statements before have only read, and inserted rows."""
    is_moved: bool = False
    """Whether a statement before has changed the path in which names are looked up, it is not known to what."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """The conditions that are no error of the next statement."""
        return _ABSENT if self.is_asked else ()

    def statement(self, node: Any, line: int, place: _Place) -> None:
        if isinstance(node, list):
            for each in node:
                self.statement(each, line, place)
        elif isinstance(node, dict):
            here = node.get("lineno", line)
            for kind, fields in node.items():
                self._part(kind, fields, here, place)

    def _part(self, kind: str, node: Any, line: int, place: _Place) -> None:
        if not isinstance(node, (dict, list)) or kind in ("var", "target"):
            return
        if isinstance(node, list):
            self.statement(node, line, place)
            return
        line = node.get("lineno", line)
        match kind:
            case "PLpgSQL_expr":
                self._expression(node, line, place)
            case "PLpgSQL_stmt_block":
                self.statement(node.get("body", []), line, self._handled(node, place))
                self.statement(node.get("exceptions", {}), line, replace(place, is_certain=False))
            case "PLpgSQL_stmt_if":
                self._if(node, line, place)
            case "PLpgSQL_stmt_case":
                self._case(node, line, place)
            case "PLpgSQL_stmt_dynexecute" | "PLpgSQL_stmt_dynfors":
                self._dynamic(node, line, place)
            case _:
                self._fields(node, line)
                inner = replace(place, is_certain=place.is_certain and "body" not in node)
                self.statement(node, line, inner)

    def _handled(self, block: Any, place: _Place) -> _Place:
        """Return the place inside a block: an error that it names is meant to happen. OTHERS names none."""
        handlers = block.get("exceptions", {}).get("PLpgSQL_exception_block", {}).get("exc_list", [])
        named = [
            condition["PLpgSQL_condition"]["condname"]
            for handler in handlers
            for condition in handler["PLpgSQL_exception"]["conditions"]
        ]
        caught = [f"SQLSTATE {literal(each)}" if each[0].isdigit() else each for each in named if each != "others"]
        return replace(place, ignored=(*place.ignored, *caught), is_certain=place.is_certain and not handlers)

    def _if(self, node: Any, line: int, place: _Place) -> None:
        conditions = [node["cond"], *(each["PLpgSQL_if_elsif"]["cond"] for each in node.get("elsif_list", []))]
        before, self.is_asked = self.is_asked, False
        for condition in conditions:
            self.statement(condition, line, replace(place, ignored=(*place.ignored, *(_ABSENT if before else ()))))
        asks = self.is_asked
        self.is_asked = before or asks
        branches = [node.get("then_body", []), node.get("else_body", [])]
        branches += [each["PLpgSQL_if_elsif"].get("stmts", []) for each in node.get("elsif_list", [])]
        for branch in branches:
            self.statement(branch, line, replace(place, is_certain=False))
        leaves = any(_LEAVING & each.keys() for branch in branches for each in branch)
        if asks and not leaves:
            self.is_asked = before

    def _case(self, node: Any, line: int, place: _Place) -> None:
        """Look at a CASE: the parser does not know the type of the variable that it compares with."""
        inner = replace(place, is_certain=False)
        compared = node.get("t_expr", {}).get("PLpgSQL_expr", {}).get("query")
        for each in node.get("case_when_list", []):
            when = each["PLpgSQL_case_when"]
            query = when["expr"]["PLpgSQL_expr"]["query"]
            values = re.sub(r'^"__Case__Variable_\d+__" IN ', "", query)
            self._query(f"SELECT {query}" if compared is None else f"SELECT ({compared}) IN {values}", line, place)
            self.statement(when.get("stmts", []), line, inner)
        self.statement(node.get("else_stmts", []), line, inner)

    def _dynamic(self, node: Any, line: int, place: _Place) -> None:
        """Look at EXECUTE: a text that is constant can be planned."""
        self.statement([node["query"], node.get("params", [])], line, place)
        text = _constant(node["query"]["PLpgSQL_expr"]["query"])
        if text is None:
            self.is_asked = True
        else:
            record = (node.get("var") or node.get("target") or {}).get("PLpgSQL_rec")
            if record is not None and _PARAMETER.search(text) is None:
                self.queries.append(BodyQuery(text, line, record=record["refname"]))
            values = tuple(each["PLpgSQL_expr"]["query"] for each in node.get("params", []))
            self._query(text, line, place, using=values)
        self.statement(node.get("body", []), line, replace(place, is_certain=False))

    def _fields(self, node: Any, line: int) -> None:
        """Note the query that a record gets its fields from: its own, or that of a cursor."""
        source = node.get("query") or node.get("sqlstmt")
        if "curvar" in node:
            source = self.datums[node["curvar"]]["PLpgSQL_var"].get("cursor_explicit_expr")
        record = (node.get("var") or node.get("target") or {}).get("PLpgSQL_rec")
        if record is not None and isinstance(source, dict) and not self.is_moved:
            self.queries.append(BodyQuery(source["PLpgSQL_expr"]["query"], line, record=record["refname"]))
        elif "curvar" in node and isinstance(source, dict) and "target" not in node:
            self._query(source["PLpgSQL_expr"]["query"], line, _Place())

    def _expression(self, node: Any, line: int, place: _Place) -> None:
        from xtrig_pgfamily.reading.parser import as_statement  # noqa: PLC0415  # an extra

        self._query(as_statement(node["query"], node["parseMode"]), line, place)

    def _query(self, sql: str, line: int, place: _Place, using: tuple[str, ...] | None = None) -> None:
        parsed = _statement(sql)
        ignored = (*place.ignored, *self.ignored)
        moving = parsed is not None and _moves(parsed)
        if moving:
            known = _new_path(parsed) if place.is_certain else None
            self.is_moved = self.is_moved or known is None
            if known is not None and not self.is_moved:
                self.queries.append(BodyQuery(known, line, is_run=True))
        elif not self.is_moved:
            certain = place.is_certain and self.is_plain and not place.ignored
            self.queries.append(BodyQuery(sql, line, ignored, using=using, is_certain=certain))
        self.is_plain = self.is_plain and parsed is not None and parsed.kind in ("insert_stmt", "select_stmt")
        self.is_asked = self.is_asked or parsed is None or parsed.kind not in _QUERIES or _asks(parsed.node)


def _statement(sql: str) -> Any:
    from xtrig_pgfamily.reading.parser import Unparsed, parse_one  # noqa: PLC0415  # an extra

    try:
        return parse_one(sql)
    except Unparsed:
        return None


def _asks(node: Any) -> bool:
    """Whether a query finds out if something is there, or may be used."""
    from xtrig_pgfamily.reading.parser import nodes_of  # noqa: PLC0415  # an extra

    tables = nodes_of(node, "RangeVar")
    calls = nodes_of(node, "FuncCall")
    return any(each.relname in _CATALOGS or each.schemaname == "information_schema" for each in tables) or any(
        _ASKING.fullmatch(each.funcname[-1].string.sval) for each in calls
    )


def _constant(expression: str) -> str | None:
    """Return the text that an expression is, if it is a text in quotes and nothing else."""
    parsed = _statement(f"SELECT {expression}")
    targets: list[Any] = list(parsed.node.target_list) if parsed is not None and parsed.kind == "select_stmt" else []
    if len(targets) != 1:
        return None
    value = targets[0].res_target.val
    is_text = value.WhichOneof("node") == "a_const" and value.a_const.WhichOneof("val") == "sval"
    return str(value.a_const.sval.sval) if is_text else None


def _moves(parsed: Any) -> bool:
    """Whether a statement changes the path in which names are looked up."""
    if parsed.kind == "variable_set_stmt":
        return parsed.node.name in (_PATH, "")
    return any(first is None or first.lower() == _PATH for first in _settings(parsed.node))


def _settings(node: Any) -> Iterator[str | None]:
    """Yield the parameters that calls of set_config name; None: it is not known here."""
    from xtrig_pgfamily.reading.parser import nodes_of  # noqa: PLC0415  # an extra

    for call in nodes_of(node, "FuncCall"):
        if call.funcname[-1].string.sval == "set_config" and call.args:
            first = call.args[0].a_const
            yield first.sval.sval if first.WhichOneof("val") == "sval" else None


def _new_path(parsed: Any) -> str | None:
    """Return the query that changes the path as the statement does; None: it depends on what is not known here."""
    from xtrig_pgfamily.reading.parser import nodes_of  # noqa: PLC0415  # an extra

    if parsed.kind != "variable_set_stmt":
        return None if any(nodes_of(parsed.node, "ColumnRef")) else parsed.text
    values = [each.a_const.sval.sval for each in parsed.node.args]
    if not values or not all(values):
        return None
    return f"SELECT set_config('{_PATH}', {literal(', '.join(map(name, values)))}, true)"
