"""Names and keys that the server does not take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xtrig.plugin import Check, Finding, NameTooLong, Path, Translation

_SIZE = re.compile(r"\((\d+)")
_LONGEST_KEY = 768
"""Characters of utf8mb4 in the 3072 bytes that a key of InnoDB has."""


class NameNotHeld(Check[Translation], of=NameTooLong):
    """Names end in no space and have no characters beyond U+FFFF; those of functions and
    triggers stand in comments of init_connect."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each name that the server refuses, or would read as the end of the comment."""
        for word, path, in_comment in _names(translation):
            if word.endswith(" "):
                message = f"name {word!r}: MariaDB takes no name that ends in a space"
            elif max(word) > "\uffff":
                message = f"name {word!r}: MariaDB takes no characters beyond U+FFFF in names"
            elif in_comment and "*/" in word:
                message = f"name {word!r}: it stands in a comment of init_connect, which */ would end"
            else:
                continue
            yield self.finding(f"name {word!r}", message, "give it another name", path)


def _names(translation: Translation) -> Iterator[tuple[str, Path, bool]]:
    triggers = translation.triggers
    yield triggers.name, ("name",), True
    for table in triggers.tables.values():
        yield from ((word, table.path, False) for word in (table.schema, table.name, *table.table.columns))
    for trigger in triggers.triggers:
        yield trigger.name, trigger.path, True
    for function in triggers.functions:
        yield from ((word, function.path, True) for word in (function.schema, function.name))


class KeyNotThere(Check[Translation], of=NameTooLong):
    """A key is of columns with a bounded length, and one column of a table is numbered."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each table with another key, or with more numbered columns."""
        for table in translation.triggers.tables.values():
            columns = table.table.columns if table.table.create else {}
            numbered = [name for name, column in columns.items() if column.identity]
            if len(numbered) > 1:
                message = f"column {numbered[1]!r}: MariaDB numbers one column of a table"
                yield self.finding(f"table {table.name!r}", message, "leave identity out of the others", table.path)
            for name, column in columns.items():
                type_ = translation.dialect.column_type(column.type) or ""
                size = _SIZE.search(type_)
                if column.primary_key and (type_ == "longtext" or ("char(" in type_ and _too_long(size))):
                    message = f"column {name!r}: MariaDB has no key of {column.type}"
                    remedy = f"give it a length up to varchar({_LONGEST_KEY})"
                    yield self.finding(f"table {table.name!r}", message, remedy, table.path)


def _too_long(size: re.Match[str] | None) -> bool:
    return size is None or int(size[1]) > _LONGEST_KEY
