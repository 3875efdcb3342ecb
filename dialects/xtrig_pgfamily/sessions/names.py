"""The names in ``sql/``: placeholders between two @, which are filled in and quoted here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from xtrig.model import Sessions
from xtrig.plugin import literal
from xtrig.sqltext import quoted
from xtrig_pgfamily.words import name, qualified

_PLACEHOLDER = re.compile(r"@(text:)?([a-z_]+(?:\(\))?)@")
_RELAXED = "@relaxed@"
_SECONDS = re.compile(r"(\d+)(ms|s|min)\Z")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one definition's objects."""

    schema: str
    set_name: str
    sessions: Sessions

    @property
    def trigger(self) -> str:
        """The name of the login trigger."""
        return f"{self.set_name}_logon"

    def path(self, word: str) -> tuple[str, str]:
        """Return schema and name of one of the objects."""
        return (self.schema, word)

    def called(self, word: str) -> str:
        """Return the qualified name of one of the objects, as SQL."""
        return qualified(*self.path(word))

    def role(self, which: str) -> str:
        """Return the name of a role: ``owner``, ``writer`` or ``reader``."""
        return str(getattr(self.sessions, which))

    def filled(self, text: str, **more: str) -> str:
        """Return SQL with its placeholders filled in; ``@text:x@`` is the literal of a qualified name.

        ``more`` are placeholders of this text alone.
        """
        lines = [line.removeprefix(_RELAXED) for line in text.splitlines() if self._has(line)]
        words = {**self._words(), **more}
        return _PLACEHOLDER.sub(
            lambda found: self._value(found[2]) if found[1] is not None else words[found[2]], "\n".join(lines)
        )

    def body(self, file: str) -> str:
        """Return the body of a function, from ``sql/``."""
        return f"\n{self.query(file, partitions_ahead=self.partitions_ahead())}\n"

    def partitions_ahead(self) -> str:
        """Return the part of maintain() that makes the partitions of ``session_log``; TimeZone has to be UTC."""
        return self.query("partitions_ahead.sql").rstrip()

    def query(self, file: str, **more: str) -> str:
        """Return a query, from ``sql/``."""
        return self.filled(_read(file), **more)

    def _has(self, line: str) -> bool:
        return not line.startswith(_RELAXED) or self.sessions.durability == "relaxed"

    def _value(self, word: str) -> str:
        call = "()" if word.endswith("()") else ""
        return literal(self.called(word.removesuffix("()")) + call)

    def _words(self) -> Mapping[str, str]:
        sessions = self.sessions
        return {
            "schema": name(self.schema),
            "name": literal(self.schema),
            "trigger": literal(self.trigger),
            "owner": name(sessions.owner),
            "writer": name(sessions.writer),
            "reader": name(sessions.reader),
            "owner_text": literal(sessions.owner),
            "writer_text": literal(sessions.writer),
            "reader_text": literal(sessions.reader),
            "instance": literal(sessions.instance),
            "retention": literal(sessions.retention),
            "period": literal(f"1 {sessions.partition}"),
            "unit": literal(sessions.partition),
            "ahead": str(sessions.ahead),
            "look_every": literal(_interval(sessions.look_every)),
            "use_log": "true" if sessions.logoff == "server log" else "false",
            "logon_context": literal(f"PL/pgSQL function {self.called('logon')}() line "),
            "logon_context_quoted": literal(f"PL/pgSQL function {quoted(self.schema)}.{quoted('logon')}() line "),
        }


def _interval(duration: str) -> str:
    """Return a duration of the model as an interval of PostgreSQL; other texts unchanged."""
    found = _SECONDS.match(duration)
    unit = {"ms": "milliseconds", "s": "seconds", "min": "minutes"}
    return f"{found[1]} {unit[found[2]]}" if found else duration


@lru_cache(maxsize=32)
def _read(file: str) -> str:
    return files("xtrig_pgfamily.sessions").joinpath("sql", file).read_text("utf-8")
