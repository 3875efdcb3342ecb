"""Steps: the closed set of things a function can do. A step's first key says which one it is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from xtrig.facts import Item
from xtrig.model.tables import Column
from xtrig.model.values import Expression, Message, Model, Name, SqlText, Value

MAX_NESTING = 40
"""How deep steps may stand in steps: what Python or an import makes can then be written and read as YAML."""


def _is_bounded(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    level, depth = steps, 0
    while level:
        depth += 1
        if depth > MAX_NESTING:
            raise ValueError(f"steps are nested more than {MAX_NESTING} deep; move inner steps into a function")
        lists = (getattr(step, name, ()) for step in level for name in ("then", "otherwise", "do"))
        level = tuple(step for inner in lists for step in inner)
    return steps


_BOUNDED = AfterValidator(_is_bounded)


class SimpleStep(Model):
    """A step that can be made conditional."""

    when: Annotated[Expression | None, Field(description="Run the step only when this is true.")] = None


class Insert(SimpleStep):
    """Record a row in a table of the definition."""

    table: Annotated[Name, Field(validation_alias="insert", serialization_alias="insert")]
    values: Annotated[dict[Name, Value], Field(min_length=1, description="Column name to expression.")]


class Deny(SimpleStep):
    """Refuse the login or the command with this message."""

    message: Annotated[Message, Field(validation_alias="deny", serialization_alias="deny", min_length=1)]
    enforce: Annotated[
        Literal["error", "terminate"],
        Field(
            description="error (the default): raise an error with the message. terminate: end the session where an "
            "error at logon is only logged, as on PolarDB; elsewhere it is an error too."
        ),
    ] = "error"


class GrantRole(SimpleStep):
    """Make a role a member of another, unless it is one already."""

    role: Annotated[Name, Field(validation_alias="grant_role", serialization_alias="grant_role")]
    to: Annotated[Expression, Field(description="The role that gets it, as an expression.")]


class RevokeRole(SimpleStep):
    """Take a membership away, if there is one."""

    role: Annotated[Name, Field(validation_alias="revoke_role", serialization_alias="revoke_role")]
    from_: Annotated[
        Expression,
        Field(validation_alias="from", serialization_alias="from", description="The role that loses it."),
    ]


class Set(SimpleStep):
    """Set a parameter for the session, such as app.user."""

    parameter: Annotated[Name, Field(validation_alias="set", serialization_alias="set")]
    value: Annotated[Value, Field(description="The value, as an expression.")]
    scope: Annotated[
        Literal["session", "transaction"],
        Field(description="session: until the session ends. transaction: until the trigger's transaction ends."),
    ] = "session"


class CreateTempTable(SimpleStep):
    """Create a temporary table that lives as long as the session."""

    table: Annotated[Name, Field(validation_alias="create_temp_table", serialization_alias="create_temp_table")]
    columns: Annotated[dict[Name, Column], Field(min_length=1)]
    owner: Annotated[Expression | None, Field(description="The role that will own it.")] = None


class Call(SimpleStep):
    """Call a function or procedure of the database."""

    routine: Annotated[
        str,
        Field(
            validation_alias="call",
            serialization_alias="call",
            pattern=r"^[^.\x00]+\.[^.\x00]+$",
            description="Schema and name, with a dot between them.",
        ),
    ]
    args: Annotated[tuple[Value, ...], Field(description="Arguments, as expressions.")] = ()
    kind: Literal["function", "procedure"] = "function"


class Log(SimpleStep):
    """Write a line to the server's log."""

    message: Annotated[Message, Field(validation_alias="log", serialization_alias="log", min_length=1)]


class Sql(SimpleStep):
    """Run a statement as it is; a mapping gives one for each dialect."""

    sql: SqlText | dict[Name, SqlText]


class If(Model):
    """Choose between two lists of steps."""

    condition: Annotated[Expression, Field(validation_alias="if", serialization_alias="if")]
    then: Annotated[tuple[Step, ...], Field(min_length=1), _BOUNDED]
    otherwise: Annotated[tuple[Step, ...], Field(validation_alias="else", serialization_alias="else"), _BOUNDED] = ()


class ForEach(SimpleStep):
    """Run steps for each DDL command, or each dropped object, of the event."""

    item: Annotated[Item, Field(validation_alias="for_each", serialization_alias="for_each")]
    do: Annotated[tuple[Step, ...], Field(min_length=1), _BOUNDED]


KINDS: dict[str, type[Model]] = {
    "insert": Insert,
    "deny": Deny,
    "if": If,
    "grant_role": GrantRole,
    "revoke_role": RevokeRole,
    "set": Set,
    "create_temp_table": CreateTempTable,
    "call": Call,
    "log": Log,
    "for_each": ForEach,
    "sql": Sql,
}
"""The key that says what a step is, with its class."""


def _kind(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((key for key in KINDS if key in value), None) or _kind_by_field(value)
    return next((key for key, model in KINDS.items() if type(value) is model), None)


def _kind_by_field(value: dict[str, Any]) -> str | None:
    return "if" if "condition" in value else None


Step = Annotated[
    Annotated[Insert, Tag("insert")]
    | Annotated[Deny, Tag("deny")]
    | Annotated[If, Tag("if")]
    | Annotated[GrantRole, Tag("grant_role")]
    | Annotated[RevokeRole, Tag("revoke_role")]
    | Annotated[Set, Tag("set")]
    | Annotated[CreateTempTable, Tag("create_temp_table")]
    | Annotated[Call, Tag("call")]
    | Annotated[Log, Tag("log")]
    | Annotated[ForEach, Tag("for_each")]
    | Annotated[Sql, Tag("sql")],
    Discriminator(_kind),
]
"""Any step."""
