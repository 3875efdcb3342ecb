"""Routines that a script creates and its triggers call: whether they find their names by their caller's path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xtrig_pgfamily.builtin import is_function
from xtrig_pgfamily.reading.parser import Parsed, SyntaxProblem, Tree, Unparsed, parse_body
from xtrig_pgfamily.reading.resolved import resolved
from xtrig_pgfamily.reading.tokens import Tokens


class _NeedsPath(Exception):
    """A name without its schema."""


class _Names:
    """Finds nothing but what is built in."""

    is_lenient = True

    def value_of(self, variable: str) -> Tokens | None:
        return None

    def record(self, variable: str) -> str | None:
        return None

    def is_vendors(self, word: str) -> bool:
        return False

    def schema_of_table(self, table: str) -> str | None:
        if not table.startswith("pg_"):
            raise _NeedsPath
        return None

    def check_setting(self, parameter: str) -> None:
        if parameter.lower() == "search_path":
            raise _NeedsPath

    def names_by_path(self) -> None:
        raise _NeedsPath

    def schema_of_routine(self, routine: str) -> str | None:
        if not is_function(routine):
            raise _NeedsPath
        return None


def needs_path(statement: Parsed) -> bool:
    """Whether the routine that CREATE FUNCTION makes may find a name by the search_path of its caller."""
    options = {option.def_elem.defname: option.def_elem.arg for option in statement.node.options}
    settings = [option.def_elem for option in statement.node.options if option.def_elem.defname == "set"]
    if any(each.arg.variable_set_stmt.name == "search_path" for each in settings) or "as" not in options:
        return False  # BEGIN ATOMIC is bound when it is created
    body = options["as"].list.items[0].string.sval
    language = options["language"].string.sval.lower() if "language" in options else ""
    try:
        texts = [body] if language == "sql" else list(_queries(parse_body(body)[1]))
        for text in texts:
            resolved(text, _Names())
    except (_NeedsPath, Unparsed, SyntaxProblem, RecursionError):
        return True
    return language not in ("sql", "plpgsql")


def _queries(tree: Any) -> Iterator[str]:
    """Yield every expression and statement of a body; raises Unparsed for the text of a dynamic one."""
    if isinstance(tree, list):
        for each in tree:
            yield from _queries(each)
    elif isinstance(tree, dict):
        found: Tree = tree
        if any(key.startswith("PLpgSQL_stmt_dyn") for key in found):
            raise Unparsed("EXECUTE")
        for key, fields in found.items():
            if key == "PLpgSQL_expr":
                text = str(fields["query"])
                is_assignment = fields.get("parseMode", 0) > 2  # RawParseMode of the parser
                yield text.partition(":=")[2] or text.partition("=")[2] if is_assignment else text
            else:
                yield from _queries(fields)
