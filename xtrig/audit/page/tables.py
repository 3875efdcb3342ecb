"""Tables that scroll within themselves, and say what they leave out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar
from xml.etree.ElementTree import Element

from xtrig.audit.page.elements import Child, h

LIMIT = 25
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and what kind of value is in it. A column of bars needs no heading."""

    heading: str
    kind: Literal["text", "wide", "source", "address", "number", "time", "bar"] = "text"


def table(
    caption: str,
    columns: Sequence[Column],
    items: Sequence[Item],
    row: Callable[[Item], Sequence[Child]],
    *,
    limit: int = LIMIT,
) -> Element:
    """Return a table of the first items, and a sentence on how many more there are.

    ``row`` returns the cells of an item, one for each column; the first of them is the heading of its row.
    """
    head = h("thead", h("tr", *(_heading(column) for column in columns)))
    body = h("tbody", *(_row(columns, row(item)) for item in items[:limit]))
    # A container that scrolls has to be reachable with the keyboard, and then needs a name.
    scroll = h("div", h("table", h("caption", h("span", caption)), head, body), class_="scroll")
    scroll.attrib.update({"tabindex": "0", "role": "region", "aria-label": caption})
    return h("div", scroll, more(len(items) - limit), class_="table")


def bar(part: int, whole: int) -> Element:
    """Return a bar for a cell beside the number that it shows."""
    width = f"{100 * part / whole if whole else 0:.2f}%"
    return h("svg", h("rect", width=width, height=12, class_="s0"), class_="bar", height=12, aria_hidden="true")


def _heading(column: Column) -> Element:
    if not column.heading:
        return h("td", class_=column.kind)
    return h("th", column.heading, scope="col", class_=column.kind)


def _row(columns: Sequence[Column], cells: Sequence[Child]) -> Element:
    if len(cells) != len(columns):
        raise ValueError(f"{len(cells)} cells for {len(columns)} columns")
    first = h("th", cells[0], scope="row", class_=columns[0].kind)
    return h(
        "tr", first, *(h("td", cell, class_=column.kind) for column, cell in zip(columns[1:], cells[1:], strict=True))
    )


def more(number: int) -> Element | None:
    """Return a sentence on how many rows are left out, if any are."""
    if number <= 0:
        return None
    return h("p", f"{number:,} more rows are not shown here; the report as CSV or JSON has all.", class_="note more")
