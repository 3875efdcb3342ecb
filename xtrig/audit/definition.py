"""The session audit as a definition, for Python."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from xtrig.load import load_text
from xtrig.model import Sessions, TriggerSet


def session_audit(
    *, name: str = "session_audit", schema: str = "audit", ddl: bool = True, **sessions: Any
) -> TriggerSet:
    """Return the definition that ``xtrig init --preset session-audit`` writes, with other values.

    ``name`` tells sets of one database apart, ``schema`` is where everything goes, ``ddl`` is whether DDL is
    recorded; ``sessions`` are fields of :class:`xtrig.model.Sessions`, such as ``logoff="server log"`` or
    ``retention="90 days"``. Raises pydantic's ValidationError for a value that is none.
    """
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
