"""YAML 1.2 and JSON to plain data, with the line of every key.

PyYAML parses (in C where it can) but resolves words after YAML 1.1, where ``no`` and ``on`` are booleans.
Here a plain word is what the YAML 1.2 core schema says (chapter 10.3.2 of the specification), and a key
is always its own text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from xtrig.errors import DefinitionError
from xtrig.findings import Finding, Location, Path, Severity

MAX_NODES = 500_000
"""Bounds what aliases can expand to: a file of a few lines can otherwise stand for gigabytes."""
MAX_DEPTH = 100
"""How many keys and list places may lead to a value; also bounds how deep our own functions recurse."""

_INTEGER = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_SURROGATE_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_PLAIN_STYLES = (None, "")


@dataclass(slots=True)
class Document:
    """A file as data, the place of each path in it, and names given twice."""

    name: str
    data: Any = None
    locations: dict[Path, Location] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_document(content: bytes, name: str) -> Document:
    """Parse ``content``; ``name`` is the file's name in messages.

    Raises :class:`~xtrig.errors.DefinitionError` for bytes that are no YAML or JSON.
    """
    text = _decode(content, name)
    return _read_json(text, name) if name.endswith(".json") else _read_yaml(text, name)


def _read_yaml(text: str, name: str) -> Document:
    document = Document(name)
    builder = _Builder(document, yaml.parse(text, Loader=_Loader))
    try:
        document.data = builder.build()
    except yaml.YAMLError as error:
        raise builder.too_deep_ahead(text, error) or _syntax_error(error, name) from None
    return document


def _read_json(text: str, name: str) -> Document:
    """Take the data from the JSON parser, and from YAML, which JSON nearly is, only where each part stands."""
    try:
        data = json.loads(text, object_pairs_hook=_Pairs)
    except RecursionError:
        raise _too_deep(name, None) from None
    except ValueError as error:
        line = getattr(error, "lineno", None)
        raise _error(name, line, f"is not JSON: {getattr(error, 'msg', error)}", "correct it") from None
    if _depth(data) > MAX_DEPTH:
        raise _too_deep(name, None)
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _error(name, None, "holds one half of a surrogate pair, which is no character", "correct it") from None
    try:
        # This is what YAML reads differently: a character beyond U+FFFF, which JSON writes as two escapes.
        document = _read_yaml(_SURROGATE_PAIR.sub(lambda pair: json.loads(f'"{pair[0]}"'), text), name)
    except DefinitionError:
        document = Document(name, locations={(): Location(name)})
    document.data = data
    twice = data.twice() if isinstance(data, _Pairs) and not document.findings else None
    if twice is not None:
        document.findings.append(_twice(twice, Location(name), Location(name), ()))
    return document


class _Pairs(dict[str, Any]):
    """A JSON object that remembers a key given twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _ in pairs]
        self.own = next((key for key in keys if keys.count(key) > 1), None) if len(self) < len(pairs) else None

    def twice(self) -> str | None:
        """Return a key that is given twice in here or in an object further in, or None."""
        inner = (value.twice() for value in self.values() if isinstance(value, _Pairs))
        return self.own or next((key for key in inner if key is not None), None)


def _depth(data: Any) -> int:
    """Return how many keys and list places lead to the deepest value; does not recurse."""
    depth, level = -1, [data]
    while level:
        depth += 1
        inner = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [value for values in inner for value in values]
    return depth


def _decode(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _error(name, line, "is not UTF-8 text", "save the definition as UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _error(name, line, "holds binary data", "name a YAML or JSON file")
    return text


def _syntax_error(error: yaml.YAMLError, name: str) -> DefinitionError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
    context = getattr(error, "context", None)
    what = f"{problem} ({context})" if context else str(problem)
    line = mark.line + 1 if mark else None
    return _error(name, line, f"is not YAML: {what}", "correct the indentation or quote the text")


class _Builder:
    """Builds data from parser events.

    PyYAML's own composer recurses in C and takes the process down on a deeply nested file.
    """

    def __init__(self, document: Document, events: Iterator[yaml.Event]) -> None:
        self.document = document
        self.events = self._counted(events)
        self.nodes = 0
        self.open = 0
        self.read = 0
        self.anchors: dict[str, tuple[Any, int] | None] = {}

    def _counted(self, events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
        for event in events:
            self.open += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            self.read = event.end_mark.index if event.end_mark else self.read
            yield event

    def too_deep_ahead(self, text: str, error: yaml.YAMLError) -> DefinitionError | None:
        """Return the refusal if ``text`` is nested too deeply between the last event and ``error``, or else None.

        A parser reads a line ahead before it gives the events of it, since a whole ``[list]`` may be a key, and may
        find there what it counts as too deep itself: libyaml in PyYAML 6.0.4 stops at 1000, in its own words.
        """
        mark: yaml.Mark | None = getattr(error, "problem_mark", None)
        if mark is None:
            return None
        depth = self.open
        for character in text[self.read : mark.index + 1]:
            depth += (character in "[{") - (character in "]}")
            if depth > MAX_DEPTH:
                return _too_deep(self.document.name, mark.line + 1)
        return None

    def build(self) -> Any:
        data = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                documents += 1
                if documents > 1:
                    raise self._refuse(event, "holds a second document", "put it into a file of its own")
                data = self._value(event, ())
        return data

    def _value(self, event: yaml.Event, path: Path) -> Any:
        self._count(event, path)
        self.document.locations.setdefault(path, self._location(event))
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        before = self.nodes
        anchor = getattr(event, "anchor", None)
        if anchor:
            self.anchors[anchor] = None
        data = self._plain(event, path)
        if anchor:
            self.anchors[anchor] = (data, self.nodes - before)
        return data

    def _plain(self, event: yaml.Event, path: Path) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return dict(self._entries(path))
        if isinstance(event, yaml.SequenceStartEvent):
            return list(self._items(path))
        return _scalar(event)

    def _items(self, path: Path) -> Iterator[Any]:
        for number, event in enumerate(self.events):
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._value(event, (*path, number))

    def _entries(self, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, Location] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refuse(event, "has a key that is not a word", "quote the key")
            key, place = str(event.value), self._location(event)
            if key in seen:
                self.document.findings.append(_twice(key, seen[key], place, path))
            value = next(self.events)
            if isinstance(value, yaml.ScalarEvent) and value.style == "|":
                # The line after the indicator: comments may not stand between the two, and empty lines are text.
                place = place._replace(block=(_line(value) or 0) + 1)
            seen[key] = self.document.locations[(*path, key)] = place
            yield key, self._value(value, (*path, key))

    def _alias(self, event: yaml.AliasEvent, path: Path) -> Any:
        known = self.anchors.get(str(event.anchor))
        if known is None:
            raise self._refuse(event, f"has an alias *{event.anchor} of nothing before it", "write the value out")
        data, size = known
        self.nodes += size
        self._count(event, path)
        if len(path) + _depth(data) > MAX_DEPTH:
            raise _too_deep(self.document.name, _line(event))
        return data

    def _count(self, event: yaml.Event, path: Path) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(path) > MAX_DEPTH:
            raise _too_deep(self.document.name, _line(event))

    def _location(self, event: yaml.Event) -> Location:
        return Location(self.document.name, _line(event))

    def _refuse(self, event: yaml.Event, message: str, remedy: str) -> DefinitionError:
        return _error(self.document.name, _line(event), message, remedy)


def _line(event: yaml.Event) -> int | None:
    return event.start_mark.line + 1 if event.start_mark else None


def _scalar(event: Any) -> Any:
    text = str(event.value)
    if event.style not in _PLAIN_STYLES:
        return text
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.match(text) and len(text) < 20:
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.match(text):
        return float(text)
    return text


def _twice(key: str, first: Location, second: Location, path: Path) -> Finding:
    place = ".".join(str(part) for part in path) or "definition"
    message = f"the name {key!r} is given twice, first at {first}"
    return Finding("XT002", Severity.ERROR, place, message, "keep one of them", (*path, key), second)


def _too_deep(name: str, line: int | None) -> DefinitionError:
    return _error(name, line, "is nested too deeply or too large", "write it flat and without aliases")


def _error(name: str, line: int | None, message: str, remedy: str) -> DefinitionError:
    return DefinitionError(
        [Finding("XT001", Severity.ERROR, "definition", message, remedy, location=Location(name, line))]
    )
