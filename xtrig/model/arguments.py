"""What the model's constructors take, for type checkers: strings for enums, lists, and plain mappings of columns.

The fields say what a made object holds, which is more exact; pydantic turns the one into the other. This module is
imported by type checkers alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict

from xtrig.facts import Event, Item
from xtrig.model.policies import Policies
from xtrig.model.sessions import Sessions
from xtrig.model.steps import Step
from xtrig.model.tables import Column, Table
from xtrig.model.triggers import Function, Trigger
from xtrig.model.values import Value

EventName = Literal["logon", "logoff", "ddl_command_start", "ddl_command_end", "sql_drop", "table_rewrite"]
ItemName = Literal["ddl_command", "dropped_object"]
Columns = Mapping[str, "Column | str | ColumnArguments"]


class ColumnArguments(TypedDict, total=False):
    """A column as a plain dict."""

    type: Required[str]
    identity: bool
    primary_key: bool
    nullable: bool
    default: str | None


class TableArguments(TypedDict, total=False):
    """Those of a table."""

    schema: str | None
    schema_: str | None
    columns: Columns
    create: bool


class PolicyArguments(TypedDict, total=False):
    """Those of policies."""

    security: Literal["definer", "invoker"] | None
    on_error: Literal["allow", "deny"] | None
    standby: Literal["skip", "run"] | None
    lock_timeout: str | Literal[0] | None
    timeout: str | Literal[0] | None
    durability: Literal["full", "relaxed"] | None
    exempt_roles: Sequence[str] | None
    language: Literal["native", "plpgsql"] | None


class FunctionArguments(PolicyArguments, total=False):
    """Those of a function."""

    schema: str | None
    schema_: str | None
    steps: Sequence[Step]
    body: Mapping[str, str]
    settings: Mapping[str, str] | None
    ignore: Mapping[str, str]


class TriggerArguments(FunctionArguments, total=False):
    """Those of a trigger."""

    event: Required[Event | EventName]
    tags: Sequence[str]
    run: str | None
    enable: Literal["always", "origin", "replica", "disabled"]
    if_unsupported: Literal["refuse", "skip", "infer", "infer_or_skip"]


class TriggerSetArguments(TypedDict, total=False):
    """Those of a set."""

    xtrig: Literal[1]
    schema: str
    schema_: str
    name: str | None
    defaults: Policies
    sessions: Sessions | None
    tables: Mapping[str, Table]
    functions: Mapping[str, Function]
    triggers: Mapping[str, Trigger]


class StepArguments(TypedDict, total=False):
    """Those of a step that can be made conditional."""

    when: str | None


class InsertArguments(StepArguments, total=False):
    """Those of an insert."""

    table: Required[str]
    values: Required[Mapping[str, Value]]


class CreateTempTableArguments(StepArguments, total=False):
    """Those of a temporary table."""

    table: Required[str]
    columns: Required[Columns]
    owner: str | None


class CallArguments(StepArguments, total=False):
    """Those of a call."""

    routine: Required[str]
    args: Sequence[Value]
    kind: Literal["function", "procedure"]


class SqlArguments(StepArguments, total=False):
    """Those of a statement."""

    sql: Required[str | Mapping[str, str]]


class IfArguments(TypedDict, total=False):
    """Those of a choice."""

    condition: Required[str]
    then: Required[Sequence[Step]]
    otherwise: Sequence[Step]


class ForEachArguments(StepArguments, total=False):
    """Those of a loop."""

    item: Required[Item | ItemName]
    do: Required[Sequence[Step]]
