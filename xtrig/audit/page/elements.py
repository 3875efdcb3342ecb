"""HTML elements and tables that escape by default: text never becomes markup.

The standard library's ElementTree writes them, so its serialiser escapes markup in text. This module also
makes every character visible: control, bidi and zero-width characters are shown as their codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Literal, TypeVar
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from xtrig.audit.formats import at_text

Child = Element | str | None

# Printable in Unicode, but invisible: fillers, a blank Braille cell, joiners, variation selectors.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_EDGES = re.compile("(^ +| +$)")
_LONGEST = 300
# These contain text alone: browsers drop an element in them.
_TEXT_ALONE = ("title", "desc", "text")


def h(tag: str, /, *children: Child, **attributes: str | int | None) -> Element:
    """Return an element.

    A child that is text is escaped, with codes for invisible characters; None is left out, and so is an attribute that
    is None. Underscores in names of attributes become dashes; a trailing one is dropped.
    """
    if tag in ("script", "style"):
        raise ValueError(f"a {tag} element is not escaped; see stylesheet()")
    element = Element(tag)
    for name, value in attributes.items():
        if value is not None:
            element.set(name.rstrip("_").replace("_", "-"), visible(str(value)))
    return add(element, *children)


def add(parent: Element, *children: Child) -> Element:
    """Append children to an element, and return it."""
    for child in children:
        if isinstance(child, str):
            _add_text(parent, child)
        elif child is not None:
            parent.append(child)
    return parent


def foreign(text: str | None) -> Element:
    """Return text of a record as an element: its direction isolated (bdi), at most _LONGEST characters."""
    if text is None:
        return h("span", "–", class_="none")  # noqa: RUF001
    if not text:
        return h("span", "empty", class_="none")
    shown = h("bdi", class_="data")
    for part in _EDGES.split(text[:_LONGEST]):
        # A space at the edge of a name is invisible, too, and makes two names look the same.
        add(shown, h("span", r"\x20" * len(part), class_="code") if part.isspace() and part.isprintable() else part)
    if len(text) > _LONGEST:
        add(shown, h("span", f" … {len(text) - _LONGEST:,} more characters", class_="none"))
    return shown


def moment(at: datetime) -> Element:
    """Return a time element: UTC to the second, and in full in its attribute ``datetime``."""
    return h("time", at_text(at), datetime=at.astimezone(UTC).isoformat())


def visible(text: str) -> str:
    """Return text with codes such as ``\\x1b`` for invisible characters."""
    return text if _shows(text) else "".join(char if _shows(char) else _code(char) for char in text)


def stylesheet(css: str) -> Element:
    """Return a style element. Its text is not escaped: never pass anything that was read from a server."""
    if "<" in css:
        raise ValueError("a style sheet that could end its element")
    element = Element("style")
    element.text = css
    return element


def document(root: Element) -> str:
    """Return a whole document as HTML."""
    return "<!DOCTYPE html>\n" + ElementTree.tostring(root, encoding="unicode", method="html") + "\n"


def joined(children: Iterable[Child], separator: str) -> list[Child]:
    """Return children with a separator between them."""
    return [part for child in children for part in (separator, child)][1:]


def _add_text(parent: Element, text: str) -> None:
    if parent.tag in _TEXT_ALONE or _shows(text):
        _append(parent, visible(text))
        return
    for shows, run in groupby(text, _shows):
        chars = "".join(run)
        if shows:
            _append(parent, chars)
        else:
            code = Element("span", {"class": "code"})
            code.text = "".join(_code(char) for char in chars)
            parent.append(code)


def _append(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def _shows(text: str) -> bool:
    return text.isprintable() and not _BLANK.search(text)


def _code(char: str) -> str:
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


LIMIT = 25
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading and the kind of its values. A column of bars has no heading."""

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
    """Return a table of the first items, and the number of the others.

    ``row`` returns the cells of an item, one for each column; the first of them is the heading of its row.
    """
    head = h("thead", h("tr", *(_heading(column) for column in columns)))
    body = h("tbody", *(_row(columns, row(item)) for item in items[:limit]))
    # A container that scrolls needs a tab stop for the keyboard, and a tab stop needs a name.
    scroll = h("div", h("table", h("caption", h("span", caption)), head, body), class_="scroll")
    scroll.attrib.update({"tabindex": "0", "role": "region", "aria-label": caption})
    return h("div", scroll, more(len(items) - limit), class_="table")


def bar(part: int, whole: int) -> Element:
    """Return a bar for the cell beside its number."""
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
    """Return a note with the number of rows left out; None if there are none."""
    if number <= 0:
        return None
    return h("p", f"{number:,} more rows are not shown here; the report as CSV or JSON has all.", class_="note more")
