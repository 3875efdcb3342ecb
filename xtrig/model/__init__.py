"""The model: what a definition can say. YAML and JSON files are read into the classes that Python uses."""

from xtrig.model.policies import Policies
from xtrig.model.sessions import Sessions
from xtrig.model.steps import (
    Call,
    CreateTempTable,
    Deny,
    ForEach,
    GrantRole,
    If,
    Insert,
    Log,
    RevokeRole,
    Set,
    Sql,
    Step,
)
from xtrig.model.tables import Column, Table
from xtrig.model.triggers import Function, Trigger, TriggerSet

__all__ = [
    "Call",
    "Column",
    "CreateTempTable",
    "Deny",
    "ForEach",
    "Function",
    "GrantRole",
    "If",
    "Insert",
    "Log",
    "Policies",
    "RevokeRole",
    "Sessions",
    "Set",
    "Sql",
    "Step",
    "Table",
    "Trigger",
    "TriggerSet",
]
