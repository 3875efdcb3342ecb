"""Portable session variables: the closed list of ``${facts}`` an expression may use."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


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
    COMMAND_TAG = "command_tag"
    OBJECT_TYPE = "object_type"
    OBJECT_SCHEMA = "object_schema"
    OBJECT_IDENTITY = "object_identity"
    TABLE = "table"
    TABLE_OID = "table_oid"
    TABLE_PAGES = "table_pages"
    REWRITE_REASON = "rewrite_reason"


ALL_EVENTS = frozenset(Event)
SESSION_EVENTS = frozenset(event for event in Event if event.is_session)
DDL_EVENTS = ALL_EVENTS - SESSION_EVENTS
REWRITE_EVENTS = frozenset({Event.TABLE_REWRITE})


class FactInfo(NamedTuple):
    """What a fact means on every vendor: its SQL type, one sentence, and the events that have it."""

    type: str
    meaning: str
    events: frozenset[Event] = ALL_EVENTS
    items_only: bool = False
    """Known only inside ``for_each``."""


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
    Fact.COMMAND_TAG: FactInfo("text", "The tag of the DDL command; in for_each that of the item.", DDL_EVENTS),
    Fact.OBJECT_TYPE: FactInfo("text", "The kind of the object, such as table.", DDL_EVENTS, items_only=True),
    Fact.OBJECT_SCHEMA: FactInfo("text", "The object's schema; NULL if it has none.", DDL_EVENTS, items_only=True),
    Fact.OBJECT_IDENTITY: FactInfo(
        "text", "The object's qualified name, quoted where needed.", DDL_EVENTS, items_only=True
    ),
    Fact.TABLE: FactInfo("text", "The qualified name of the table about to be rewritten.", REWRITE_EVENTS),
    Fact.TABLE_OID: FactInfo("oid", "Its oid.", REWRITE_EVENTS),
    Fact.TABLE_PAGES: FactInfo("integer", "Its size in pages as of the last VACUUM or ANALYZE.", REWRITE_EVENTS),
    Fact.REWRITE_REASON: FactInfo(
        "integer",
        "Why, as a sum: 1 persistence, 2 default value, 4 column type, 8 access method.",
        REWRITE_EVENTS,
    ),
}
