"""HTML elements that escape by default: a text can only ever become text.

The standard library's ElementTree writes them, so markup in a text is escaped by the serialiser. What this module
adds is that no character is invisible: control, bidi and zero-width characters are shown as their codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Child = Element | str | None

# They count as printable in Unicode and show nothing: fillers, a blank Braille cell, joiners, variation selectors.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_EDGES = re.compile("(^ +| +$)")
_LONGEST = 300
# What these hold is text alone: an element for a code would be lost in them.
_TEXT_ALONE = ("title", "desc", "text")


def h(tag: str, /, *children: Child, **attributes: str | int | None) -> Element:
    """Return an element.

    A child that is a text is shown as it is, with codes for characters that show nothing; None is left out, and so
    is an attribute that is None. Underscores in the names of attributes stand for dashes, one at the end for nothing.
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
    """Return a text of somebody else's as an element: isolated from its surroundings and not endlessly long."""
    if text is None:
        return h("span", "–", class_="none")  # noqa: RUF001
    if not text:
        return h("span", "empty", class_="none")
    shown = h("bdi", class_="data")
    for part in _EDGES.split(text[:_LONGEST]):
        # A space at the edge of a name cannot be seen either, and makes two names look like one.
        add(shown, h("span", r"\x20" * len(part), class_="code") if part.isspace() and part.isprintable() else part)
    if len(text) > _LONGEST:
        add(shown, h("span", f" … {len(text) - _LONGEST:,} more characters", class_="none"))
    return shown


def visible(text: str) -> str:
    """Return a text in which every character shows: codes such as ``\\x1b`` stand for those that would not."""
    return text if _shows(text) else "".join(char if _shows(char) else _code(char) for char in text)


def stylesheet(css: str) -> Element:
    """Return a style element. Its text is not escaped, so it is the one thing that must be our own."""
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
