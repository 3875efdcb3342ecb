"""Loops over the DDL commands or the dropped objects of an event, and single SELECTs, as parse trees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from xtrig.plugin import Item
from xtrig_pgfamily.plpgsql.steps import ITEM_SOURCES
from xtrig_pgfamily.reading.parser import Unparsed, deparsed, repeated
from xtrig_pgfamily.reading.tokens import Tokens

ROW = "xtrig_row"
"""The record that stands for the row of a SELECT."""
_ITEMS = {source.removesuffix("()"): item for item, source in ITEM_SOURCES.items()}
_COUNTED = 2  # LIMIT_OPTION_COUNT of the parser; the next one is WITH TIES
_PLAIN = frozenset(("target_list", "from_clause", "where_clause", "limit_option", "op"))


class ItemSource(NamedTuple):
    """What a SELECT goes through, and the name that it gives it."""

    item: Item
    alias: str


class Loop(NamedTuple):
    """A loop: its items, and the condition on them, () without one."""

    item: Item
    condition: Tokens


def item_of(select: Any) -> ItemSource | None:
    """Return what a SELECT goes through; None if it is not just the commands or objects of the event."""
    if len(select.from_clause) != 1 or not {field.name for field, _ in select.ListFields()} <= _PLAIN or select.op > 1:
        return None
    source = select.from_clause[0]
    if source.WhichOneof("node") != "range_function":
        return None
    function = source.range_function
    if function.lateral or function.ordinality or function.is_rowsfrom or function.coldeflist:
        return None
    called = function.functions[0].list.items[0]
    if called.WhichOneof("node") != "func_call" or called.func_call.args or function.alias.colnames:
        return None
    path = [each.string.sval for each in called.func_call.funcname]
    if len(select.target_list) > 1 and any(map(_is_star, select.target_list)):
        return None
    item = _ITEMS.get(path[-1]) if path[:-1] in ([], ["pg_catalog"]) else None
    return None if item is None else ItemSource(item, function.alias.aliasname or path[-1])


def are_own_columns(select: Any) -> bool:
    """Whether a SELECT gives columns of its item under their own names."""
    for each in select.target_list:
        target = each.res_target
        if target.val.WhichOneof("node") != "column_ref" or target.name:
            return False
    return True


def of_item(node: Any, item: ItemSource) -> str:
    """Return an expression over the columns of an item as text, each of them a field of :data:`ROW`."""
    made = type(node)()
    made.CopyFrom(node)
    for each in _columns(made):
        parts = [field.string.sval for field in each.fields if field.WhichOneof("node") == "string"]
        if parts and parts[0] == item.alias and len(parts) == 2:
            each.fields[0].string.sval = ROW
        elif len(parts) == 1 and parts[0] in COLUMNS[item.item]:
            first = type(each.fields[0])()
            first.string.sval = ROW
            named = type(each.fields[0])()
            named.string.sval = parts[0]
            del each.fields[:]
            each.fields.extend((first, named))
    return deparsed(made)


COLUMNS = {
    Item.DDL_COMMAND: "classid objid objsubid command_tag object_type schema_name object_identity in_extension "
    "command".split(),
    Item.DROPPED_OBJECT: "classid objid objsubid original normal is_temporary object_type schema_name object_name "
    "object_identity address_names address_args".split(),
}
"""The columns of the functions that list the items: PostgreSQL manual, Event Trigger Functions."""


def single_values(select: Any, number: int) -> Iterator[Any]:
    """Yield a SELECT of each column of a SELECT with as many columns; raises Unparsed for another one."""
    if select.op > 1 or select.values_lists or len(select.target_list) != number:
        raise Unparsed("SELECT INTO several variables, or of a UNION or VALUES")
    has_limit = select.HasField("limit_count")
    if (has_limit and select.limit_count.a_const.ival.ival != 1) or select.limit_option > _COUNTED:
        raise Unparsed("SELECT INTO with a LIMIT")
    if any(map(_is_star, select.target_list)):
        raise Unparsed("SELECT * INTO a variable")
    for place in range(number):
        one = type(select)()
        one.CopyFrom(select)
        target = one.target_list[place]
        target.res_target.name = ""
        kept = type(target)()
        kept.CopyFrom(target)
        del one.target_list[:]
        one.target_list.append(kept)
        yield one


def _is_star(target: Any) -> bool:
    value = target.res_target.val
    return value.WhichOneof("node") == "column_ref" and any(
        each.WhichOneof("node") == "a_star" for each in value.column_ref.fields
    )


def _columns(node: Any) -> Iterator[Any]:
    if node.DESCRIPTOR.name == "ColumnRef":
        yield node
    for descriptor, value in node.ListFields():
        if descriptor.message_type is not None:
            for each in repeated(value):
                yield from _columns(each)


def plain_name(text: str) -> str:
    """Return the name that an identifier is, in lower case unless it is quoted."""
    return text[1:-1] if text.startswith('"') else text.lower()
