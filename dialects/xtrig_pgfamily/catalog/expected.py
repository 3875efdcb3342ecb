"""The block by which a script finds out, without xtrig, whether the objects of a set are as it expects them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xtrig.plugin import PREFIX, Lines, Statement, literal
from xtrig_pgfamily.objects import CatalogObject, EventTrigger, Function, Table, View
from xtrig_pgfamily.statements import do_block

_VERSION = f"^({PREFIX}[0-9]+)/[0-9][^:/]*"
"""What a mark begins with, and the version of xtrig; the same to Python and to the server."""
_UNVERSIONED = re.compile(_VERSION)


def marks_expected(objects: Iterable[CatalogObject]) -> Statement:
    """Return the block that fails unless each object carries its mark; schemas and roles may be others'."""
    # What stands in further lines of a comment the server may have said itself. Which xtrig made the object is no
    # difference; that it is disabled on purpose is one, and stands behind the version.
    found = [
        (f"{each.kind} {each.name}", comment, _UNVERSIONED.sub(r"\1", str(each.mark).partition("\n")[0]))
        for each in objects
        if (comment := _comment(each))
    ]
    rows: Lines = [
        f"({literal(what)}, {comment}, {literal(mark)}){',' if number < len(found) else ''}"
        for number, (what, comment, mark) in enumerate(found, 1)
    ]
    lines: Lines = [
        "SELECT string_agg(what, ', ') INTO problem FROM (VALUES",
        rows,
        ") AS expected (what, live, mark)",
        f"WHERE regexp_replace(split_part(live, chr(10), 1), {literal(_VERSION)}, '\\1') IS DISTINCT FROM mark;",
        "IF problem IS NOT NULL THEN",
        ["RAISE EXCEPTION '%: not as before this step, or not there; see: xtrig status', problem;"],
        "END IF;",
    ]
    return Statement(
        do_block(lines, ["problem text;"]), "Stop here, before any change, unless the set is as before this step"
    )


def _comment(each: CatalogObject) -> str:
    """Return the expression for the comment of an object."""
    if isinstance(each, EventTrigger):
        source = f"FROM pg_event_trigger WHERE evtname = {literal(each.path[0])}"
        return f"(SELECT obj_description(oid, 'pg_event_trigger') {source})"
    if isinstance(each, Function):
        return f"obj_description(to_regprocedure({literal(each.signature)}), 'pg_proc')"
    if isinstance(each, (Table, View)):
        return f"obj_description(to_regclass({literal(each.name)}), 'pg_class')"
    return ""
