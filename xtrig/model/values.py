"""Field types of the model: names, expressions, messages, durations, column types."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    WithJsonSchema,
)

from xtrig.expressions import check_expression, check_message, check_statement

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

_CODE = re.compile(r"[A-Z]{2,}[0-9]{3}\Z")
_DURATION = re.compile(r"(0|[1-9][0-9]*)(ms|s|min)\Z")
_COLUMN_TYPE = re.compile(
    r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?( [A-Za-z_][A-Za-z0-9_]*)*"
    r"(\([0-9]+(, ?[0-9]+)?\))?( with(out)? time zone)?(\[\])?\Z"
)


class Model(BaseModel):
    """A part of a definition: immutable. An unknown key or a wrong value raises pydantic's ValidationError."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, defer_build=True
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema, with what stands below each field as its description."""
        from xtrig.model.described import described  # noqa: PLC0415  # rendering writes no schema

        made = handler(core)
        texts = described(cls)
        for key, field in handler.resolve_ref_schema(made)["properties"].items():
            field |= {"description": texts[key]} if key in texts else {}
        return made


def _check_name(name: str) -> str:
    if not name:
        raise ValueError("a name may not be empty")
    if "\0" in name:
        raise ValueError("a name may not hold a NUL character")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ValueError(f"the name {name!r} is not valid Unicode") from None
    return name


def _check_set_name(name: str) -> str:
    if not name.isprintable():
        raise ValueError("the name of a set stands in comments: leave line breaks and control characters out")
    return name


def _check_body(text: str) -> str:
    if not text.strip():
        raise ValueError("a body may not be empty")
    if "\0" in text:
        raise ValueError("a body may not hold a NUL character")
    return text


def _check_code(code: str) -> str:
    if not _CODE.match(code):
        raise ValueError(f"{code!r} is not a finding's code; write one such as XT218")
    return code


def _check_reason(text: str) -> str:
    if not text.strip() or len(text.splitlines()) > 1:
        raise ValueError("a waiver needs a reason of one line; say who accepted the finding, and why")
    return text


def _check_duration(text: str) -> str:
    if not _DURATION.match(text):
        raise ValueError(f"{text!r} is not a duration; write a number and ms, s or min, such as 250ms")
    return text


def _zero(value: object) -> object:
    return "0ms" if value == 0 and value is not False else value


def _check_column_type(text: str) -> str:
    if not _COLUMN_TYPE.match(text):
        raise ValueError(f"{text!r} is not a column type; write one such as bigint, varchar(64) or timestamptz")
    return text


Name = Annotated[str, AfterValidator(_check_name), Field(min_length=1)]
"""The name of an object or a role, as it stands in the catalogs: without quotes, which dialects add."""

SetName = Annotated[Name, AfterValidator(_check_set_name)]
"""The name of a set: printable, since it stands in comments of one line."""

Expression = Annotated[str, AfterValidator(check_expression)]
"""An SQL expression; ``${fact}`` stands for a session fact."""

Message = Annotated[str, AfterValidator(check_message)]
"""Plain text, not SQL; ``${fact}`` stands for the value of a session fact."""

BodyText = Annotated[str, AfterValidator(_check_body)]
"""The body of a function in a vendor's language, used byte for byte."""

SqlText = Annotated[str, AfterValidator(check_statement)]
"""An SQL statement, used as it is but for ``${fact}``."""

Code = Annotated[str, AfterValidator(_check_code), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2,}[0-9]{3}$"})]
"""The code of a finding, such as XT218."""

Reason = Annotated[str, AfterValidator(_check_reason), Field(min_length=1)]
"""Why a finding is accepted: one line."""

Value = Expression | StrictBool | StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)] | None
"""A value: text is an SQL expression; a number, a boolean or null is itself."""

Duration = Annotated[
    str,
    BeforeValidator(_zero),
    AfterValidator(_check_duration),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": "^(0|[1-9][0-9]*)(ms|s|min)$"}, {"const": 0}]}),
]
"""A time in ms, s or min: 250ms, 5s, 1min. 0 means unbounded."""

ColumnType = Annotated[str, AfterValidator(_check_column_type)]
"""A column type in PostgreSQL's spelling, such as bigint, varchar(64) or timestamptz."""
