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

    logoff: Literal["inferred", "server log"] = "inferred"
    """How the end of a session is found on a vendor without a logoff event. inferred: logins and `maintain()` notice
    who is gone. server log: the same, and exact to the millisecond where the server writes log_disconnections to a
    jsonlog."""
    durability: Literal["full", "relaxed"] = "full"
    """full: the login waits until its row is safe. relaxed: a crash may lose the last second."""
    look_every: Duration = "10s"
    """The least time between two searches for ended sessions."""
    retention: Span = "13 months"
    """How long rows are kept."""
    partition: Literal["day", "week", "month"] = "month"
    """The span of time of a partition; whole ones are dropped."""
    ahead: Annotated[StrictInt, Field(ge=1, le=60)] = 2
    """How many partitions are made ahead."""
    instance: Name = "1"
    """The server's name in each row, to tell servers apart."""
    owner: Name = "audit_owner"
    """The role that owns the record; it cannot log in."""
    writer: Name = "audit_writer"
    """The role whose rights the login trigger has; it cannot log in."""
    reader: Name = "audit_reader"
    """The role that may read. Grant it to people."""
