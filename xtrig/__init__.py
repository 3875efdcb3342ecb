"""xtrig: logon, logoff and DDL triggers written once, rendered for any database vendor.

>>> import xtrig
>>> triggers = xtrig.load("examples/session_audit.yaml")
>>> print(xtrig.render(triggers, dialect="polardb"))
>>> print(xtrig.plan(triggers, "postgresql://postgres@localhost/mydb"))
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from xtrig._version import __version__ as __version__

if TYPE_CHECKING:
    from xtrig.checks import check
    from xtrig.deploy import (
        Bounds,
        Canary,
        Change,
        DeploymentError,
        Login,
        Plan,
        Progress,
        ProofError,
        RefusedPlanError,
        Removal,
        Report,
        SavedPlan,
        Stage,
        Status,
        Where,
        import_database,
        load_plan,
        removal,
        save_plan,
    )
    from xtrig.deploy.apply import apply
    from xtrig.deploy.drop import drop
    from xtrig.deploy.plan import plan
    from xtrig.deploy.status import status
    from xtrig.deploy.switch import disable, enable
    from xtrig.errors import DatabaseError, DefinitionError, RefusedError, UsageError, XtrigError
    from xtrig.explain import explain
    from xtrig.explain.sentences import Explanation
    from xtrig.findings import Finding
    from xtrig.load import dump, load, load_text
    from xtrig.model import TriggerSet
    from xtrig.registry import dialect_names as dialects
    from xtrig.render import render
    from xtrig.script import Script, Statement

__all__ = [
    "Bounds",
    "Canary",
    "Change",
    "DatabaseError",
    "DefinitionError",
    "DeploymentError",
    "Explanation",
    "Finding",
    "Login",
    "Plan",
    "Progress",
    "ProofError",
    "RefusedError",
    "RefusedPlanError",
    "Removal",
    "Report",
    "SavedPlan",
    "Script",
    "Stage",
    "Statement",
    "Status",
    "TriggerSet",
    "UsageError",
    "Where",
    "XtrigError",
    "apply",
    "check",
    "dialects",
    "disable",
    "drop",
    "dump",
    "enable",
    "explain",
    "import_database",
    "load",
    "load_plan",
    "load_text",
    "plan",
    "removal",
    "render",
    "save_plan",
    "status",
]

_MODULES = {
    "xtrig.checks": ("check",),
    "xtrig.errors": ("DatabaseError", "DefinitionError", "RefusedError", "UsageError", "XtrigError"),
    "xtrig.explain": ("explain",),
    "xtrig.explain.sentences": ("Explanation",),
    "xtrig.findings": ("Finding",),
    "xtrig.load": ("dump", "load", "load_text"),
    "xtrig.model": ("TriggerSet",),
    "xtrig.registry": ("dialects",),
    "xtrig.render": ("render",),
    "xtrig.script": ("Script", "Statement"),
}
_HOMES = dict.fromkeys(__all__, "xtrig.deploy") | {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    # Imported when asked for: `xtrig --version` needs no model, and rendering no driver.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), "dialect_names" if name == "dialects" else name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    def __setattr__(self, name: str, value: object) -> None:
        # Importing the module xtrig.render sets it as an attribute here, where `xtrig.render` is the function.
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
