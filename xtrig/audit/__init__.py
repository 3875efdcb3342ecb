"""The session audit: its definition, and reading what was recorded and how far it can be trusted.

>>> from xtrig import audit
>>> page = audit.report_page(audit.read("postgresql://auditor@localhost/mydb"))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xtrig.audit.records import AuditData, merge

if TYPE_CHECKING:
    from xtrig.audit.definition import session_audit
    from xtrig.audit.page import report_page
    from xtrig.audit.reading import read
    from xtrig.audit.verifying import verify

# They need SQLAlchemy or build pages, which whoever only wants a record's class should not have to wait for.
_HOMES = {
    "read": "xtrig.audit.reading",
    "report_page": "xtrig.audit.page",
    "session_audit": "xtrig.audit.definition",
    "verify": "xtrig.audit.verifying",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["AuditData", "merge", "read", "report_page", "session_audit", "verify"]
