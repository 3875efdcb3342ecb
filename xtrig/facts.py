"""Portable session variables: the closed list of ``${facts}`` an expression may use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from xtrig.errors import suggest


class Event(StrEnum):
    """An event that fires a trigger, by its portable name."""

    LOGON = "logon"
    LOGOFF = "logoff"
    DDL_COMMAND_START = "ddl_command_start"
    DDL_COMMAND_END = "ddl_command_end"
    SQL_DROP = "sql_drop"
    TABLE_REWRITE = "table_rewrite"

    @property
    def is_session(self) -> bool:
        """Whether it is the begin or the end of a session; the others are DDL commands."""
        return self in (Event.LOGON, Event.LOGOFF)


class Item(StrEnum):
    """What ``for_each`` loops over."""

    DDL_COMMAND = "ddl_command"
    DROPPED_OBJECT = "dropped_object"

    @property
    def event(self) -> Event:
        """The only event at which the server lists these items."""
        return Event.DDL_COMMAND_END if self is Item.DDL_COMMAND else Event.SQL_DROP


class Fact(StrEnum):
    """A portable session variable, written ``${name}`` in a definition."""

    LOGIN_USER = "login_user"
    CURRENT_USER = "current_user"
    DATABASE = "database"
    CLIENT_IP = "client_ip"
    CLIENT_PORT = "client_port"
    CLIENT_HOST = "client_host"
    APPLICATION = "application"
    BACKEND_PID = "backend_pid"
    SESSION_ID = "session_id"
    INSTANCE = "instance"
    SERVER_VERSION = "server_version"
    AUTH_METHOD = "auth_method"
    SSL = "ssl"
    EVENT = "event"
    NATIVE_EVENT = "native_event"
    TAG = "tag"
    NOW = "now"
    HOUR_UTC = "hour_utc"
    HOUR = "hour"
    WEEKDAY = "weekday"
    MEMBER_OF = "member_of"
    CLIENT_IN = "client_in"
    USER_SESSIONS = "user_sessions"
    COMMAND_TAG = "command_tag"
    OBJECT_TYPE = "object_type"
    OBJECT_SCHEMA = "object_schema"
    OBJECT_IDENTITY = "object_identity"
    OBJECT_NAME = "object_name"
    OBJECT_OID = "object_oid"
    OBJECT_SUBID = "object_subid"
    CLASS_OID = "class_oid"
    IN_EXTENSION = "in_extension"
    IS_TEMPORARY = "is_temporary"
    IS_ORIGINAL = "is_original"
    IS_NORMAL = "is_normal"
    ADDRESS_NAMES = "address_names"
    ADDRESS_ARGS = "address_args"
    TABLE = "table"
    TABLE_OID = "table_oid"
    TABLE_PAGES = "table_pages"
    REWRITE_REASON = "rewrite_reason"


ALL_EVENTS = frozenset(Event)
_ENDED = frozenset({Event.DDL_COMMAND_END})
_DROPPED = frozenset({Event.SQL_DROP})
SESSION_EVENTS = frozenset(event for event in Event if event.is_session)
DDL_EVENTS = ALL_EVENTS - SESSION_EVENTS
REWRITE_EVENTS = frozenset({Event.TABLE_REWRITE})


class Argument(StrEnum):
    """What a fact is asked about, in single quotes and parentheses: ``${hour('Asia/Seoul')}``."""

    ZONE = "zone"
    ROLE = "role"
    NETWORK = "network"


class FactCall(NamedTuple):
    """A fact with its argument: without quotes, and valid. A dialect's spelling has ``{}`` where its literal goes."""

    fact: Fact
    argument: str

    def __str__(self) -> str:
        quoted = self.argument.replace("'", "''")
        return f"{self.fact}('{quoted}')"


class FactInfo(NamedTuple):
    """What a fact means on every vendor: its SQL type, one sentence, and the events that have it."""

    type: str
    meaning: str
    events: frozenset[Event] = ALL_EVENTS
    items_only: bool = False
    """Known only inside ``for_each``."""
    argument: Argument | None = None
    """What it is asked about; None: it takes no argument."""


FACTS: dict[Fact, FactInfo] = {
    Fact.LOGIN_USER: FactInfo("text", "The role that logged in; SET ROLE and SECURITY DEFINER do not change it."),
    Fact.CURRENT_USER: FactInfo(
        "text", "The role whose rights apply; under security: definer that is the function's owner."
    ),
    Fact.DATABASE: FactInfo("text", "The database the session is connected to."),
    Fact.CLIENT_IP: FactInfo("text", "The client's address; NULL on a unix socket."),
    Fact.CLIENT_PORT: FactInfo("integer", "The client's TCP port; NULL on a unix socket."),
    Fact.CLIENT_HOST: FactInfo("text", "The client's host name, where the server looks names up."),
    Fact.APPLICATION: FactInfo("text", "What the client calls itself; any client can claim any name."),
    Fact.BACKEND_PID: FactInfo("integer", "Process id of the session's server process; reused over time."),
    Fact.SESSION_ID: FactInfo("text", "An id of the session."),
    Fact.INSTANCE: FactInfo("integer", "Number of the server instance; 1 where a server is one instance."),
    Fact.SERVER_VERSION: FactInfo("text", "The server's version as it reports it."),
    Fact.AUTH_METHOD: FactInfo("text", "How the client authenticated; NULL under trust."),
    Fact.SSL: FactInfo("boolean", "Whether the connection is encrypted."),
    Fact.EVENT: FactInfo("text", "The portable name of the event: logon, logoff, ddl_command_start, ..."),
    Fact.NATIVE_EVENT: FactInfo("text", "The vendor's own name of the event."),
    Fact.TAG: FactInfo("text", "The vendor's tag of the command, such as CREATE TABLE."),
    Fact.NOW: FactInfo("timestamptz", "The moment the step runs."),
    Fact.HOUR_UTC: FactInfo("integer", "The hour of the day in UTC, 0 to 23, whatever the client's settings."),
    Fact.HOUR: FactInfo(
        "integer",
        "The hour of the day in the named time zone, 0 to 23, whatever the client's settings.",
        argument=Argument.ZONE,
    ),
    Fact.WEEKDAY: FactInfo(
        "integer",
        "The day of the week in the named time zone, 1 for Monday to 7 for Sunday, whatever the client's settings.",
        argument=Argument.ZONE,
    ),
    Fact.MEMBER_OF: FactInfo(
        "boolean",
        "Whether the role that logged in is the named role or was granted it, by way of other roles too; false if "
        "there is no such role. Being a superuser does not count.",
        argument=Argument.ROLE,
    ),
    Fact.CLIENT_IN: FactInfo(
        "boolean",
        "Whether the client's address is in the named network; false, never NULL, on a unix socket.",
        argument=Argument.NETWORK,
    ),
    Fact.USER_SESSIONS: FactInfo(
        "integer", "How many sessions the role that logged in has open on the server, in any database, this one too."
    ),
    Fact.COMMAND_TAG: FactInfo("text", "The tag of the DDL command; in for_each that of the item.", DDL_EVENTS),
    Fact.OBJECT_TYPE: FactInfo("text", "The kind of the object, such as table.", DDL_EVENTS, items_only=True),
    Fact.OBJECT_SCHEMA: FactInfo("text", "The object's schema; NULL if it has none.", DDL_EVENTS, items_only=True),
    Fact.OBJECT_IDENTITY: FactInfo(
        "text", "The object's qualified name, quoted where needed.", DDL_EVENTS, items_only=True
    ),
    Fact.OBJECT_NAME: FactInfo(
        "text", "The object's name; NULL if schema and name do not tell it from others.", DDL_EVENTS, items_only=True
    ),
    Fact.OBJECT_OID: FactInfo("oid", "The object's oid.", DDL_EVENTS, items_only=True),
    Fact.OBJECT_SUBID: FactInfo(
        "integer", "The number of the column that it is; 0 for a whole object.", DDL_EVENTS, items_only=True
    ),
    Fact.CLASS_OID: FactInfo("oid", "The oid of the catalog that the object is in.", DDL_EVENTS, items_only=True),
    Fact.IN_EXTENSION: FactInfo("boolean", "Whether an extension's script runs the command.", _ENDED, items_only=True),
    Fact.IS_TEMPORARY: FactInfo("boolean", "Whether the dropped object was temporary.", _DROPPED, items_only=True),
    Fact.IS_ORIGINAL: FactInfo("boolean", "Whether the drop began with this object.", _DROPPED, items_only=True),
    Fact.IS_NORMAL: FactInfo(
        "boolean",
        "Whether a normal dependency led to the dropped object.",
        _DROPPED,
        items_only=True,
    ),
    Fact.ADDRESS_NAMES: FactInfo("text[]", "The dropped object's address: its names.", _DROPPED, items_only=True),
    Fact.ADDRESS_ARGS: FactInfo("text[]", "The rest of the dropped object's address.", _DROPPED, items_only=True),
    Fact.TABLE: FactInfo("text", "The qualified name of the table about to be rewritten.", REWRITE_EVENTS),
    Fact.TABLE_OID: FactInfo("oid", "Its oid.", REWRITE_EVENTS),
    Fact.TABLE_PAGES: FactInfo("integer", "Its size in pages as of the last VACUUM or ANALYZE.", REWRITE_EVENTS),
    Fact.REWRITE_REASON: FactInfo(
        "integer",
        "Why, as a sum: 1 persistence, 2 default value, 4 column type, 8 access method.",
        REWRITE_EVENTS,
    ),
}


_CALL = re.compile(r"(\w+)\s*\(\s*'((?:[^']|'')*)'\s*\)")


def read_fact(text: str) -> Fact | FactCall:
    """Return what stands between ``${`` and ``}``.

    Raises ValueError for an unknown fact, naming the nearest, and for an argument that is missing or wrong.
    """
    call = _CALL.fullmatch(text)
    name = call[1] if call is not None else text.partition("(")[0].strip()
    try:
        fact = Fact(name)
    except ValueError:
        raise ValueError(f"unknown fact {name!r}; {suggest(name, Fact, 'the facts are')}") from None
    wanted = FACTS[fact].argument
    if call is None:
        if "(" in text or wanted is not None:
            raise ValueError(f"the fact {text!r} is not written so; write ${{{example(fact)}}}")
        return fact
    if wanted is None:
        raise ValueError(f"the fact {str(fact)!r} takes no argument; write ${{{fact}}}")
    return FactCall(fact, _READERS[wanted](call[2].replace("''", "'")))


_EXAMPLES: Mapping[Argument, str] = {
    Argument.ZONE: "Asia/Seoul",
    Argument.ROLE: "audit_reader",
    Argument.NETWORK: "10.0.0.0/8",
}


def example(fact: Fact) -> Fact | FactCall:
    """Return the fact as it is written, with an argument if it takes one."""
    wanted = FACTS[fact].argument
    return fact if wanted is None else FactCall(fact, _EXAMPLES[wanted])


def _zone(text: str) -> str:
    from zoneinfo import ZoneInfo, available_timezones  # noqa: PLC0415  # few definitions name a zone

    # Only the names of places: an abbreviation such as EST is another thing on each server and version.
    if not re.fullmatch(r"[A-Z]\w*(/[A-Z][\w+-]*)+", text):
        raise ValueError(f"{text!r} does not name a time zone by its place; write a name such as Asia/Seoul")
    try:
        ZoneInfo(text)
    except (LookupError, ValueError, OSError):
        # Without a time zone database on this machine (Windows, small containers) the server has to know.
        known = sorted(available_timezones())
        if known:
            raise ValueError(f"there is no time zone {text!r}; {suggest(text, known, 'see the IANA names')}") from None
    return text


def _role(text: str) -> str:
    if not text or not text.isprintable() or "\\" in text:
        raise ValueError(f"{text!r} cannot be asked for as a role; write its name, without backslashes")
    return text


def _network(text: str) -> str:
    from ipaddress import ip_network  # noqa: PLC0415  # few definitions name a network

    try:
        return str(ip_network(text))
    except ValueError as error:
        raise ValueError(f"{text!r} is no network ({error}); write one such as 10.0.0.0/8 or fd00::/8") from None


_READERS: Mapping[Argument, Callable[[str], str]] = {
    Argument.ZONE: _zone,
    Argument.ROLE: _role,
    Argument.NETWORK: _network,
}
