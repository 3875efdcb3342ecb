"""The record of sessions: who logged in, from where, until when."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt, WithJsonSchema

from xtrig.model.values import Duration, Model, Name

_SPAN = re.compile(r"[1-9][0-9]{0,4} (day|week|month|year)s?\Z")


def _check_span(text: str) -> str:
    if not _SPAN.match(text):
        raise ValueError(f"{text!r} is not a span of time; write a number and days, weeks, months or years")
    return text


Span = Annotated[
    str,
    AfterValidator(_check_span),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,4} (day|week|month|year)s?$"}),
]
"""A long span of time: 30 days, 13 months."""


class Sessions(Model):
    """A record of sessions, with one row for each session. Its views have the same columns on every vendor."""

    logoff: Annotated[
        Literal["inferred", "server log"],
        Field(
            description="How the end of a session is found on a vendor without a logoff event. inferred: "
            "logins and `maintain()` notice who is gone. server log: the same, and exact to the millisecond where the "
            "server writes log_disconnections to a jsonlog."
        ),
    ] = "inferred"
    durability: Annotated[
        Literal["full", "relaxed"],
        Field(description="full: the login waits until its row is safe. relaxed: a crash may lose the last second."),
    ] = "full"
    look_every: Annotated[Duration, Field(description="The least time between two searches for ended sessions.")] = (
        "10s"
    )
    retention: Annotated[Span, Field(description="How long rows are kept.")] = "13 months"
    partition: Annotated[
        Literal["day", "week", "month"], Field(description="The span of time of a partition; whole ones are dropped.")
    ] = "month"
    ahead: Annotated[StrictInt, Field(ge=1, le=60, description="How many partitions are made ahead.")] = 2
    instance: Annotated[Name, Field(description="The server's name in each row, to tell servers apart.")] = "1"
    owner: Annotated[Name, Field(description="The role that owns the record; it cannot log in.")] = "audit_owner"
    writer: Annotated[Name, Field(description="The role whose rights the login trigger has; it cannot log in.")] = (
        "audit_writer"
    )
    reader: Annotated[Name, Field(description="The role that may read. Grant it to people.")] = "audit_reader"
