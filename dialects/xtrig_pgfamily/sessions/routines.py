"""The functions of the record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from xtrig.plugin import Statement, literal
from xtrig_pgfamily.objects import Function, Grant, Setting
from xtrig_pgfamily.sessions.names import Names

_PINNED = (("search_path", "pg_catalog, pg_temp"), ("standard_conforming_strings", "on"))
# A seal covers the text of rows, so these settings, which change the text, are fixed.
_EXACT = (
    ("DateStyle", "iso, ymd"),
    ("TimeZone", "UTC"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("IntervalStyle", "postgres"),
)
_LISTS = ("search_path", "DateStyle")


@dataclass(frozen=True, slots=True)
class _Routine:
    """``types`` are the argument types as in the catalogs; ``owner`` is a field of the model's sessions."""

    name: str
    purpose: str
    arguments: str = ""
    types: str = ""
    returns: str = "integer"
    settings: tuple[tuple[str, str], ...] = ()
    is_stable: bool = False
    owner: str = "owner"
    grant: str | None = None
    after: str | None = None


_REAP = _Routine(
    "reap",
    "marks the rows of sessions that are no more",
    "from_block bigint, to_block bigint, at_most integer",
    "bigint, bigint, integer",
)
_REAP_AT_LOGIN = _Routine(
    "reap_at_login",
    "a bounded look around, by one login at a time",
    returns="void",
    settings=(("lock_timeout", "20ms"),),
    grant="writer",
)
_READ_LOG = _Routine(
    "read_log",
    "what the server log says: ends, refusals, and logins that could not be written",
    "max_bytes integer DEFAULT 2147483647",
    "integer",
    "jsonb",
    (("DateStyle", "iso, ymd"), ("TimeZone", "UTC")),
)
_MAINTAIN = _Routine(
    "maintain",
    "for a scheduler, each minute or so; it locks nothing that a login needs",
    "at_most integer DEFAULT 100000",
    "integer",
    "jsonb",
    (*_EXACT, ("lock_timeout", "500ms")),
    after="SELECT @schema@.maintain(20000)",
)
_VERIFY = _Routine(
    "verify_seals",
    "a row for each seal that does not hold",
    returns="TABLE (n bigint, recorded_at timestamptz, problem text)",
    settings=_EXACT,
    is_stable=True,
    grant="reader",
)
_LOGON = _Routine(
    "logon",
    "writes down a login",
    returns="event_trigger",
    settings=(("lock_timeout", "250ms"), ("transaction_timeout", "5s")),
    owner="writer",
)


def routines(names: Names) -> Iterator[Function]:
    """Yield the functions; each comes after the functions that it calls."""
    for routine in (_REAP, _REAP_AT_LOGIN, *([_READ_LOG] if _reads_log(names) else []), _MAINTAIN, _VERIFY, _LOGON):
        yield _function(names, routine)


def maintenance(names: Names, body: str) -> Function:
    """Return maintain() with another body, for a vendor of the family whose record is not this one."""
    return replace(_function(names, _MAINTAIN), body=f"\n{body}\n")


def _reads_log(names: Names) -> bool:
    return names.sessions.logoff == "server log"


def _function(names: Names, routine: _Routine) -> Function:
    settings = (*_PINNED, *routine.settings)
    function = Function(
        path=names.path(routine.name),
        types=routine.types,
        arguments=routine.arguments,
        returns=routine.returns,
        is_stable=routine.is_stable,
        security="definer",
        security_note="The users have no rights here; the pinned search_path keeps other people's objects out.",
        settings=tuple(Setting(parameter, value, _written(parameter, value)) for parameter, value in settings),
        body=names.body(f"{routine.name}.sql"),
        grants=(Grant(names.role(routine.grant), "EXECUTE"),) if routine.grant else (),
        states_grants=True,
        owner=names.role(routine.owner),
        after=(Statement(names.filled(routine.after), "The first partitions"),) if routine.after else (),
    )
    purpose = f"Function {function.signature} {routine.purpose}"
    return replace(function, purpose=purpose).marked(names.set_name)


def _written(parameter: str, value: str) -> str:
    return value if parameter in _LISTS else literal(value)
