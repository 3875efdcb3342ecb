"""xtrig: logon, logoff and DDL triggers written once, rendered for any database vendor.

>>> import xtrig
>>> triggers = xtrig.load("examples/session_audit.yaml")
>>> print(xtrig.render(triggers, dialect="polardb"))
>>> print(xtrig.plan(triggers, "postgresql://postgres@localhost/mydb"))
"""

from typing import TYPE_CHECKING, Any

from xtrig.checks import check
from xtrig.errors import DefinitionError, RefusedError, UsageError, XtrigError
from xtrig.explain import explain
from xtrig.findings import Finding
from xtrig.load import load, load_text
from xtrig.model import TriggerSet
from xtrig.registry import dialect_names as dialects
from xtrig.render import render
from xtrig.script import Script, Statement

if TYPE_CHECKING:
    from xtrig.deploy import apply, drop
    from xtrig.deploy.plan import plan
    from xtrig.deploy.status import status

__version__ = "0.1.0"

_DEPLOY = ("apply", "drop", "plan", "status")


def __getattr__(name: str) -> Any:
    # They need SQLAlchemy and a driver, which whoever only renders should not have to wait for.
    if name in _DEPLOY:
        from xtrig import deploy

        return getattr(deploy, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "DefinitionError",
    "Finding",
    "RefusedError",
    "Script",
    "Statement",
    "TriggerSet",
    "UsageError",
    "XtrigError",
    "apply",
    "check",
    "dialects",
    "drop",
    "explain",
    "load",
    "load_text",
    "plan",
    "render",
    "status",
]
