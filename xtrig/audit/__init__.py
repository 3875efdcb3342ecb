"""The session audit: its definition, and reading what was recorded and how far it can be trusted.

>>> from xtrig import audit
>>> page = audit.report_page(audit.read("postgresql://auditor@localhost/mydb"))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xtrig.audit.records import AuditData, merge

if TYPE_CHECKING:
    from xtrig.audit.page import report_page
    from xtrig.audit.reading import read
    from xtrig.audit.verifying import verify
    from xtrig.model import TriggerSet

# They import SQLAlchemy or the page, which the classes of records do without.
_HOMES = {
    "read": "xtrig.audit.reading",
    "report_page": "xtrig.audit.page",
    "verify": "xtrig.audit.verifying",
}


def session_audit(
    *, name: str = "session_audit", schema: str = "audit", ddl: bool = True, **sessions: Any
) -> TriggerSet:
    """Return the definition that ``xtrig init --preset session-audit`` writes, with other values.

    ``name`` is that of the set, unique in a database; ``schema`` is that of its objects; ``ddl`` is whether DDL is
    recorded; ``sessions`` are fields of :class:`xtrig.model.Sessions`, such as ``logoff="server log"`` or
    ``retention="90 days"``. Raises pydantic's ValidationError for a wrong value.
    """
    from importlib.resources import files

    from xtrig.load import load_text
    from xtrig.model import Sessions

    preset = load_text(files("xtrig").joinpath("presets", "session-audit.yaml").read_text("utf-8"), "session-audit")
    given = preset.sessions.model_dump(exclude_unset=True) if preset.sessions else {}
    changed: dict[str, Any] = {
        "name": name,
        "schema_": schema,
        "sessions": Sessions.model_validate({**given, **sessions}),
    }
    if not ddl:
        changed |= {"tables": {}, "triggers": {}}
    return preset.model_copy(update=changed)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["AuditData", "merge", "read", "report_page", "session_audit", "verify"]
