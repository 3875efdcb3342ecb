"""The names in an expression or statement of a body: each is found, and given its schema or its value, or refused.

PostgreSQL's parse tree is walked whole. What it holds and this module does not know cannot become a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from xtrig_pgfamily.builtin import is_type
from xtrig_pgfamily.reading.parser import Parsed, SyntaxProblem, Unparsed, parse_statements, postgast, repeated
from xtrig_pgfamily.reading.tokens import Token, Tokens, placed_tokens, uniform
from xtrig_pgfamily.words import name

STATEMENTS = frozenset("select_stmt insert_stmt update_stmt delete_stmt merge_stmt notify_stmt truncate_stmt".split())
"""Kinds of statements that can stand in an ``sql`` step: all their names are known."""

_READ = frozenset(
    """
    Node String Integer Float Boolean BitString List A_Const A_Star A_Expr A_ArrayExpr A_Indirection A_Indices
    BoolExpr NullTest BooleanTest ColumnRef FuncCall NamedArgExpr TypeCast TypeName CaseExpr CaseWhen CoalesceExpr
    MinMaxExpr SQLValueFunction SubLink RowExpr CollateClause GroupingSet GroupingFunc SelectStmt ResTarget SortBy
    WindowDef RangeVar RangeFunction RangeSubselect JoinExpr Alias WithClause CommonTableExpr SetToDefault
    MultiAssignRef InsertStmt UpdateStmt DeleteStmt MergeStmt MergeWhenClause OnConflictClause InferClause IndexElem
    ReturningClause NotifyStmt TruncateStmt CallStmt
    """.split()
)
_OPERATORS = frozenset(
    """
    + - * / % ^ |/ ||/ @ & | # ~ << >> = <> != < <= > >= || ~* !~ !~* ~~ !~~ ~~* !~~* ^@ <<= >>= && @> <@ ? ?| ?&
    -> ->> #> #>> #- @? @@ similar
    """.split()
)
_SVF = postgast.pg_query_pb2.SQLValueFunctionOp
_COLLATIONS = ("C", "POSIX", "default", "ucs_basic", "unicode", "pg_c_utf8", "pg_unicode_fast")
# Functions and types that look a name up which stands in a text.
_LOOK_UP = frozenset(
    "nextval currval setval lastval to_regclass to_regproc to_regprocedure to_regtype to_regnamespace "
    "pg_get_serial_sequence has_table_privilege has_column_privilege has_function_privilege has_sequence_privilege "
    "has_type_privilege pg_relation_size pg_total_relation_size pg_table_size query_to_xml table_to_xml".split()
)
_OF_PATH = frozenset("current_schema current_schemas".split())
"""Functions whose value is the search_path of the function that asks, beside pg_table_is_visible() and its like."""
_BY_PATH = frozenset("format_type pg_describe_object".split())
"""Functions that leave a schema out where the search_path finds the name, beside pg_get_viewdef() and its like."""
_REGISTERED = frozenset(("regclass", "regproc", "regprocedure", "regtype", "regoper", "regoperator"))


class Names(Protocol):
    """Where names are looked up."""

    @property
    def is_lenient(self) -> bool:
        """Whether a name that is not found stays as it is: in a script that xtrig has rendered."""

    def value_of(self, variable: str) -> Tokens | None:
        """Return what a variable holds, None for what is none; raises Unparsed if that is not known."""

    def record(self, variable: str) -> str | None:
        """Return the word for a record that a loop fills, None for anything else."""

    def is_vendors(self, word: str) -> bool:
        """Whether it is a variable that the vendor gives to functions of triggers."""

    def schema_of_table(self, table: str) -> str | None:
        """Return the schema of a table without one; None if it is found without."""

    def check_setting(self, parameter: str) -> None:
        """Raise :class:`Unparsed` if the rendered function has another value of a parameter."""

    def names_by_path(self) -> None:
        """Note that a name is written with its schema, or without, as the search_path is."""

    def schema_of_routine(self, routine: str) -> str | None:
        """Return the schema of a function without one; None if it is built in."""


def parse_any(text: str) -> tuple[Parsed, int]:
    """Return the statement that a statement or an expression is, and the length of what was put before it."""
    for before in ("", "SELECT "):
        try:
            statements = parse_statements(before + text)
        except (SyntaxProblem, ValueError):
            continue
        if len(statements) == 1:
            return statements[0], len(before)
    raise Unparsed(f"{text[:40]!r} is no single statement")


def resolved(text: str, names: Names) -> Tokens:
    """Return the tokens of an expression or statement, with values for variables and a schema for each name.

    Raises :class:`Unparsed` for a name that is not found, and for what has no reading.
    """
    statement, before = parse_any(text)
    walk = _Walk(names, {}, {each.start: each.end for each in placed_tokens(text)}, before)
    walk.visit(statement.node, _Place())
    return uniform(_edited(text, walk.edits))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a query a name stands: the relations that it may belong to, and what WITH names."""

    relations: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()

    @property
    def has_columns(self) -> bool:
        return bool(self.relations)


@dataclass(frozen=True, slots=True)
class _Edit:
    end: int
    made: Tokens


@dataclass(slots=True)
class _Walk:
    names: Names
    edits: dict[int, _Edit]
    ends: Mapping[int, int]
    before: int
    _handlers: dict[str, Callable[[Any, _Place], None]] = field(init=False)

    def __post_init__(self) -> None:
        self._handlers = {
            "ColumnRef": self._column,
            "FuncCall": self._call,
            "TypeName": self._type,
            "TypeCast": self._cast,
            "A_Expr": self._operator,
            "CollateClause": self._collation,
            "SQLValueFunction": self._value_function,
            "RangeVar": self._table,
            "SortBy": self._sorted,
        }

    def visit(self, node: Any, place: _Place) -> None:
        kind = node.DESCRIPTOR.name
        if kind not in _READ and not self.names.is_lenient:
            raise Unparsed(f"xtrig does not read {kind}")
        place = _inside(node, place)
        if (handler := self._handlers.get(kind)) is not None:
            handler(node, place)
        for descriptor, value in node.ListFields():
            if descriptor.message_type is not None:
                for each in repeated(value):
                    self.visit(each, place)

    def _column(self, node: Any, place: _Place) -> None:
        parts = [each.string.sval for each in node.fields if each.WhichOneof("node") == "string"]
        if not parts:  # SELECT *
            return
        start, first = node.location - self.before, parts[0]
        record = self.names.record(first)
        if record is not None:
            if len(parts) != 2 and not self.names.is_lenient:
                raise Unparsed(f"{first} as a whole")
            self._replace(start, (Token(record, record),))
            return
        if len(node.fields) == 1 and (value := self.names.value_of(first)) is not None:
            self._replace(start, value)
        elif self.names.is_lenient:
            pass
        elif len(node.fields) > 1 and first not in place.relations:
            raise Unparsed(f"{'.'.join(parts)}: {first} is no table of the statement, and no record of a loop")
        elif not place.has_columns and not self.names.is_vendors(first):
            raise Unparsed(f"{first} is no session fact and no variable")

    def _sorted(self, node: Any, place: _Place) -> None:
        inner = node.node.column_ref if node.node.WhichOneof("node") == "column_ref" else None
        if inner is not None and len(inner.fields) == 1 and place.has_columns:
            word = inner.fields[0].string.sval
            if self.names.value_of(word) is not None:
                raise Unparsed(f"ORDER BY {word} may be a variable or a column")

    def _call(self, node: Any, place: _Place) -> None:
        parts = [each.string.sval for each in node.funcname]
        if parts[-1] in _OF_PATH or parts[-1].endswith("_is_visible"):
            self.names.check_setting("search_path")
        elif parts[-1] == "current_setting" and node.args:
            self.names.check_setting(node.args[0].a_const.sval.sval)
        elif parts[-1] in _BY_PATH or (parts[-1].startswith("pg_get_") and parts[-1].endswith("def")):
            self.names.names_by_path()
        if parts[-1] in _LOOK_UP and not self.names.is_lenient:
            for each in node.args:
                self._looked_up(each, f"{parts[-1]}()")
        if len(parts) > 1:
            return
        schema = self.names.schema_of_routine(parts[0])
        if schema is not None:
            self._qualify(node.location - self.before, schema)

    def _looked_up(self, node: Any, where: str) -> None:
        text = node.a_const.sval.sval if node.WhichOneof("node") == "a_const" else ""
        if text and "." not in text and not text.startswith("pg_"):
            raise Unparsed(f"{where} looks {text!r} up, which has no schema")

    def _type(self, node: Any, place: _Place) -> None:
        parts = [each.string.sval for each in node.names]
        if self.names.is_lenient:
            return
        if node.pct_type:
            raise Unparsed(f"the type {'.'.join(parts)}%TYPE")
        if len(parts) == 1 and not is_type(parts[0]):
            raise Unparsed(f"the type {parts[0]} without its schema")

    def _cast(self, node: Any, place: _Place) -> None:
        wanted = node.type_name.names[-1].string.sval
        if wanted in _REGISTERED and not self.names.is_lenient:
            self._looked_up(node.arg, wanted)
            if node.arg.WhichOneof("node") != "a_const":
                self.names.names_by_path()

    def _value_function(self, node: Any, place: _Place) -> None:
        if _SVF.Name(node.op) == "SVFOP_CURRENT_SCHEMA":
            self.names.check_setting("search_path")

    def _operator(self, node: Any, place: _Place) -> None:
        parts = [each.string.sval for each in node.name]
        if len(parts) == 1 and parts[0].lower() not in _OPERATORS and not self.names.is_lenient:
            plain = parts[0].replace("_", " ").lower()
            if plain not in ("between", "not between", "between symmetric", "not between symmetric"):
                raise Unparsed(f"the operator {parts[0]} is not built in")

    def _collation(self, node: Any, place: _Place) -> None:
        if len(node.collname) == 1 and node.collname[0].string.sval not in _COLLATIONS and not self.names.is_lenient:
            raise Unparsed(f"the collation {node.collname[0].string.sval} without its schema")

    def _table(self, node: Any, place: _Place) -> None:
        if node.schemaname or node.relname in place.common:
            return
        schema = self.names.schema_of_table(node.relname)
        if schema is not None:
            self._qualify(node.location - self.before, schema)

    def _replace(self, start: int, made: Tokens) -> None:
        self.edits[start] = _Edit(self.ends[start], made)

    def _qualify(self, start: int, schema: str) -> None:
        word = name(schema)
        self.edits[start] = _Edit(start, (Token(word.lower(), word), Token(".", ".", False)))


def _inside(node: Any, place: _Place) -> _Place:
    """Return the place of what is in a node: a query adds its relations, and what its WITH names."""
    kind = node.DESCRIPTOR.name
    if kind not in ("SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"):
        return place
    common = place.common
    if node.HasField("with_clause"):
        common |= {each.common_table_expr.ctename for each in node.with_clause.ctes}
    sources: list[Any] = []
    for each in ("from_clause", "using_clause"):
        sources += getattr(node, each, ())
    relations = {alias for source in sources for alias in _aliases(source)}
    for each in ("relation", "source_relation"):
        if each in node.DESCRIPTOR.fields_by_name and node.HasField(each):
            relations |= set(_aliases(getattr(node, each)))
    if kind == "InsertStmt":
        relations = relations and {*relations, "excluded"}
        if not node.HasField("on_conflict_clause") and not node.HasField("returning_clause"):
            relations = set()  # no column of the table is seen from VALUES or SELECT
    return replace(place, relations=place.relations | relations, common=common)


def _aliases(node: Any) -> Iterator[str]:
    """Yield the names by which an item of FROM can be referred to."""
    kind = node.DESCRIPTOR.name
    if kind == "Node":
        yield from _aliases(getattr(node, node.WhichOneof("node")))
        return
    if node.HasField("alias"):
        yield node.alias.aliasname
    if kind == "JoinExpr":
        yield from _aliases(node.larg)
        yield from _aliases(node.rarg)
    elif node.HasField("alias"):
        return
    elif kind == "RangeVar":
        yield node.relname
    elif kind == "RangeFunction":
        for function in node.functions:
            called = function.list.items[0]
            if called.WhichOneof("node") == "func_call":
                yield called.func_call.funcname[-1].string.sval
    else:
        yield ""  # it has columns, and no name


def _edited(text: str, edits: Mapping[int, _Edit]) -> Iterator[Token]:
    end = 0
    for each in placed_tokens(text):
        edit = edits.get(each.start)
        if each.start < end:
            continue
        if edit is None:
            yield each.token
            continue
        yield replace(edit.made[0], gap=each.token.gap)
        yield from edit.made[1:]
        if edit.end > each.start:
            end = edit.end
        else:
            yield replace(each.token, gap=False)
