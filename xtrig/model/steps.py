"""Steps: the closed set of things a function can do. A step's first key says which one it is.

What a kind of step does to the database and what it names stands at its class and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Unpack, get_args

from pydantic import AfterValidator, Discriminator, Field, Tag

from xtrig.facts import Item
from xtrig.findings import Path
from xtrig.model.tables import Column
from xtrig.model.values import Expression, Message, Model, Name, SqlText, Value

if TYPE_CHECKING:
    from xtrig.model.arguments import (
        CallArguments,
        CreateTempTableArguments,
        ForEachArguments,
        IfArguments,
        InsertArguments,
        SqlArguments,
    )

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


class AnyStep(Model):
    """What each step says about itself. The attributes are about the step without the steps inside it."""

    key: ClassVar[str]
    """The key of a definition file that says which step it is."""
    writes: ClassVar[bool] = False
    """Whether it always writes to the database: to a table or to a catalog."""
    may_write: ClassVar[bool] = False
    """Whether it writes to the database or may do so: what a called routine or a statement does is not known."""
    may_write_rows: ClassVar[bool] = False
    """Whether it may write to a table whose deferred constraints are checked only at commit."""
    may_fail: ClassVar[bool] = False
    """Whether an error in it is a fault, such as a missing table; that of a deny is meant."""
    lists: ClassVar[Mapping[str, str]] = {}
    """The lists of steps inside it: key of the definition file to attribute."""

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Yield each expression, message and statement of its own, with its path below the step."""
        return iter(())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of database objects that it gives, without those of the definition's tables."""
        return self.roles

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that it grants or revokes."""
        return ()

    def inner(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        """Yield each list of steps inside it, with its key."""
        for key, attribute in self.lists.items():
            yield key, getattr(self, attribute)

    def walk(self) -> Iterator[AnyStep]:
        """Yield the step and every step inside it, in order."""
        yield self
        for _, steps in self.inner():
            for step in steps:
                yield from step.walk()

    def only_writes(self) -> bool:
        """Whether it may write; where it has steps inside, whether each of them may."""
        return all(step.may_write for step in self.walk() if not step.lists)


class SimpleStep(AnyStep):
    """A step that can be made conditional."""

    when: Expression | None = None
    """Run the step only when this is true."""

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Yield the condition, then each text of the kind."""
        if self.when is not None:
            yield ("when",), self.when
        yield from self._texts()

    def _texts(self) -> Iterator[tuple[Path, str]]:
        return iter(())


class Insert(SimpleStep):
    """Insert a row into a table of the definition."""

    if TYPE_CHECKING:

        def __init__(self, **given: Unpack[InsertArguments]) -> None: ...

    key = "insert"
    writes = may_write = may_write_rows = may_fail = True

    table: Annotated[Name, Field(validation_alias="insert", serialization_alias="insert")]
    """The table, by its name in the definition."""
    values: Annotated[dict[Name, Value], Field(min_length=1)]
    """Column name to expression."""

    def _texts(self) -> Iterator[tuple[Path, str]]:
        return ((("values", column), value) for column, value in self.values.items() if isinstance(value, str))


class Deny(SimpleStep):
    """Refuse the login or the command with this message."""

    key = "deny"

    message: Annotated[Message, Field(validation_alias="deny", serialization_alias="deny", min_length=1)]
    """What the user is told."""
    enforce: Literal["error", "terminate"] = "error"
    """error (the default): raise an error with the message. terminate: end the session where an error at logon is
    only logged, as on PolarDB; elsewhere it is an error too."""
    detail: Annotated[Message | None, Field(min_length=1)] = None
    """A second message, with details."""
    hint: Annotated[Message | None, Field(min_length=1)] = None
    """A third message: what to do."""
    sqlstate: Annotated[str | None, Field(pattern=r"^([1-9A-Z][0-9A-Z]|0[3-9A-Z])[0-9A-Z]{3}$")] = None
    """The SQLSTATE that programs see, five characters. Default: 42501, a missing privilege."""

    def _texts(self) -> Iterator[tuple[Path, str]]:
        for key, text in (("deny", self.message), ("detail", self.detail), ("hint", self.hint)):
            if text is not None:
                yield (key,), text


class GrantRole(SimpleStep):
    """Make a role a member of another, unless it is one already."""

    key = "grant_role"
    writes = may_write = may_fail = True

    role: Annotated[Name, Field(validation_alias="grant_role", serialization_alias="grant_role")]
    """The role to make somebody a member of."""
    to: Expression
    """The role that gets it, as an expression."""

    def _texts(self) -> Iterator[tuple[Path, str]]:
        yield ("to",), self.to

    @property
    def roles(self) -> tuple[str, ...]:
        """The role that is granted."""
        return (self.role,)


class RevokeRole(SimpleStep):
    """Take a membership away, if there is one."""

    key = "revoke_role"
    writes = may_write = may_fail = True

    role: Annotated[Name, Field(validation_alias="revoke_role", serialization_alias="revoke_role")]
    """The role to take a member from."""
    from_: Annotated[Expression, Field(validation_alias="from", serialization_alias="from")]
    """The role that loses it."""

    def _texts(self) -> Iterator[tuple[Path, str]]:
        yield ("from",), self.from_

    @property
    def roles(self) -> tuple[str, ...]:
        """The role that is revoked."""
        return (self.role,)


class Set(SimpleStep):
    """Set a parameter for the session, such as app.user."""

    key = "set"
    may_fail = True

    parameter: Annotated[Name, Field(validation_alias="set", serialization_alias="set")]
    """The parameter's name."""
    value: Value
    """The value, as an expression."""
    scope: Literal["session", "transaction"] = "session"
    """session: until the session ends. transaction: until the trigger's transaction ends."""

    def _texts(self) -> Iterator[tuple[Path, str]]:
        if isinstance(self.value, str):
            yield ("value",), self.value


class CreateTempTable(SimpleStep):
    """Create a temporary table that lives as long as the session."""

    if TYPE_CHECKING:

        def __init__(self, **given: Unpack[CreateTempTableArguments]) -> None: ...

    key = "create_temp_table"
    writes = may_write = may_fail = True

    table: Annotated[Name, Field(validation_alias="create_temp_table", serialization_alias="create_temp_table")]
    """The table's name."""
    columns: Annotated[dict[Name, Column], Field(min_length=1)]
    """Column name to type."""
    owner: Expression | None = None
    """The role that will own it."""

    def _texts(self) -> Iterator[tuple[Path, str]]:
        if self.owner is not None:
            yield ("owner",), self.owner

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the table and of its columns."""
        return (self.table, *self.columns)


class Call(SimpleStep):
    """Call a function or procedure of the database."""

    if TYPE_CHECKING:

        def __init__(self, **given: Unpack[CallArguments]) -> None: ...

    key = "call"
    may_write = may_write_rows = may_fail = True

    routine: Annotated[
        str, Field(validation_alias="call", serialization_alias="call", pattern=r"^[^.\x00]+\.[^.\x00]+$")
    ]
    """Schema and name, with a dot between them."""
    args: tuple[Value, ...] = ()
    """Arguments, as expressions."""
    kind: Literal["function", "procedure"] = "function"
    """What the routine is."""

    def _texts(self) -> Iterator[tuple[Path, str]]:
        return ((("args", number), value) for number, value in enumerate(self.args) if isinstance(value, str))

    @property
    def names(self) -> tuple[str, ...]:
        """The routine's schema and its name."""
        return tuple(self.routine.split("."))


class Log(SimpleStep):
    """Write a line to the server's log, or send the client a message."""

    key = "log"

    message: Annotated[Message, Field(validation_alias="log", serialization_alias="log", min_length=1)]
    """The line."""
    level: Literal["log", "info", "notice", "warning"] = "log"
    """log (the default): for the server's log alone. info, notice, warning: a message of that kind to the client."""

    def _texts(self) -> Iterator[tuple[Path, str]]:
        yield ("log",), self.message


class Sql(SimpleStep):
    """Run a statement as it is; a mapping gives one for each dialect."""

    if TYPE_CHECKING:

        def __init__(self, **given: Unpack[SqlArguments]) -> None: ...

    key = "sql"
    may_write = may_write_rows = may_fail = True

    sql: SqlText | dict[Name, SqlText]
    """The statement, or dialect to statement."""

    def _texts(self) -> Iterator[tuple[Path, str]]:
        return ((("sql",), text) for text in ([self.sql] if isinstance(self.sql, str) else self.sql.values()))

    def text(self, dialect: str) -> str:
        """Return the statement for ``dialect``; KeyError if the mapping has none, which XT206 finds before."""
        return self.sql if isinstance(self.sql, str) else self.sql[dialect]


class If(AnyStep):
    """Choose between two lists of steps."""

    if TYPE_CHECKING:

        def __init__(self, **given: Unpack[IfArguments]) -> None: ...

    key = "if"
    lists = {"then": "then", "else": "otherwise"}
    when: ClassVar[None] = None

    condition: Annotated[Expression, Field(validation_alias="if", serialization_alias="if")]
    """The condition that chooses."""
    then: Annotated[tuple[Step, ...], Field(min_length=1), _BOUNDED]
    """What to do where it is true."""
    otherwise: Annotated[tuple[Step, ...], Field(validation_alias="else", serialization_alias="else"), _BOUNDED] = ()
    """What to do where it is false or NULL."""

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Yield the condition."""
        yield ("if",), self.condition


class ForEach(SimpleStep):
    """Run steps for each DDL command, or each dropped object, of the event."""

    if TYPE_CHECKING:

        def __init__(self, **given: Unpack[ForEachArguments]) -> None: ...

    key = "for_each"
    lists = {"do": "do"}

    item: Annotated[Item, Field(validation_alias="for_each", serialization_alias="for_each")]
    """What the steps are run for, each in turn."""
    do: Annotated[tuple[Step, ...], Field(min_length=1), _BOUNDED]
    """What to do for each."""


def _kind(value: Any) -> str | None:
    if isinstance(value, dict):
        # Python may give an If by its field's name, which no other step has.
        return next((key for key in KINDS if key in value), "if" if "condition" in value else None)
    return value.key if isinstance(value, AnyStep) else None


Step = Annotated[
    Annotated[Insert, Tag(Insert.key)]
    | Annotated[Deny, Tag(Deny.key)]
    | Annotated[If, Tag(If.key)]
    | Annotated[GrantRole, Tag(GrantRole.key)]
    | Annotated[RevokeRole, Tag(RevokeRole.key)]
    | Annotated[Set, Tag(Set.key)]
    | Annotated[CreateTempTable, Tag(CreateTempTable.key)]
    | Annotated[Call, Tag(Call.key)]
    | Annotated[Log, Tag(Log.key)]
    | Annotated[ForEach, Tag(ForEach.key)]
    | Annotated[Sql, Tag(Sql.key)],
    Discriminator(_kind),
]
"""Any step."""

KINDS: dict[str, type[AnyStep]] = {kind.__origin__.key: kind.__origin__ for kind in get_args(get_args(Step)[0])}
"""The key that says what a step is, with its class."""

MESSAGES = frozenset((Deny.key, "detail", "hint", Log.key))
"""The keys of a step whose text is a message; every other text is an expression or a statement."""

STEP_LISTS = frozenset({"steps", *(key for kind in KINDS.values() for key in kind.lists)})
"""The keys of a definition file that hold a list of steps."""
