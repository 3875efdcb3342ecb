"""xtrig: logon, logoff and DDL triggers written once, rendered for any database vendor.

>>> import xtrig
>>> triggers = xtrig.load("examples/session_audit.yaml")
>>> print(xtrig.render(triggers, dialect="polardb"))
"""

from xtrig.checks import check
from xtrig.errors import DefinitionError, RefusedError, UsageError, XtrigError
from xtrig.explain import explain
from xtrig.findings import Finding
from xtrig.load import load, load_text
from xtrig.model import TriggerSet
from xtrig.registry import dialect_names as dialects
from xtrig.render import render
from xtrig.script import Script, Statement

__version__ = "0.1.0"

__all__ = [
    "DefinitionError",
    "Finding",
    "RefusedError",
    "Script",
    "Statement",
    "TriggerSet",
    "UsageError",
    "XtrigError",
    "check",
    "dialects",
    "explain",
    "load",
    "load_text",
    "render",
]
