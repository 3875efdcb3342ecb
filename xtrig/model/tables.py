"""Tables of a definition: those that its steps insert into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Unpack

from pydantic import Field, StrictBool, model_validator

from xtrig.model.values import ColumnType, Expression, Model, Name

if TYPE_CHECKING:
    from xtrig.model.arguments import TableArguments

_NUMBERS = ("smallint", "integer", "bigint", "int", "int2", "int4", "int8")
_SERIALS = {"smallserial": "smallint", "serial": "integer", "bigserial": "bigint"}


class Column(Model):
    """A column; ``name: text`` is short for ``name: {type: text}``."""

    type: ColumnType
    """A type such as bigint, varchar(64), text, timestamptz."""
    identity: StrictBool = False
    """Numbered by the server."""
    primary_key: StrictBool = False
    """Part of the table's primary key."""
    nullable: StrictBool = True
    """Whether NULL is allowed."""
    default: Expression | None = None
    """An SQL expression without facts."""

    @model_validator(mode="before")
    @classmethod
    def _from_type(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check(self) -> Column:
        if self.default is not None and "${" in self.default:
            raise ValueError("a column's default may not use facts; give them in the insert step")
        if number := _SERIALS.get(self.type.lower()):
            # No type that a server shows afterwards: the next deployment would find another column than this one.
            raise ValueError(f"{self.type} is short for a sequence; write type: {number}, identity: true")
        if self.identity and self.type.lower() not in _NUMBERS:
            raise ValueError(f"an identity column cannot be {self.type}; its types are {', '.join(_NUMBERS)}")
        if self.identity and self.default is not None:
            raise ValueError("an identity column has no default")
        return self


class Table(Model):
    """A table that insert steps write to. It is created if it does not exist, unless ``create`` is false."""

    if TYPE_CHECKING:

        def __init__(self, **given: Unpack[TableArguments]) -> None: ...

    schema_: Annotated[Name | None, Field(validation_alias="schema", serialization_alias="schema")] = None
    """Default: the set's."""
    columns: dict[Name, Column] = {}
    """Column name to type."""
    create: StrictBool = True
    """false: the table exists already and belongs to someone else."""

    @model_validator(mode="after")
    def _check(self) -> Table:
        if self.create and not self.columns:
            raise ValueError("a table needs columns; write 'create: false' for one that exists already")
        return self
