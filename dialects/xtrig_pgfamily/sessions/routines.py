"""The functions of the record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xtrig.plugin import Lines, ObjectKind, Part, Statement, dollar_quoted, layout, literal, mark
from xtrig_pgfamily import statements
from xtrig_pgfamily.sessions.names import Names
from xtrig_pgfamily.sessions.tables import owned

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
    "max_bytes integer DEFAULT 4194304",
    "integer",
    "jsonb",
    (("DateStyle", "iso, ymd"), ("TimeZone", "UTC")),
)
_MAINTAIN = _Routine(
    "maintain",
    "for a scheduler, each minute or so; it locks nothing that a login needs",
    "at_most integer DEFAULT 20000",
    "integer",
    "jsonb",
    (*_EXACT, ("lock_timeout", "500ms")),
    after="SELECT @schema@.maintain()",
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


def routines(names: Names) -> Iterator[Part]:
    """Yield the functions; each comes after the functions that it calls."""
    for routine in (_REAP, _REAP_AT_LOGIN, *([_READ_LOG] if _reads_log(names) else []), _MAINTAIN, _VERIFY, _LOGON):
        yield _part(names, routine)


def _reads_log(names: Names) -> bool:
    return names.sessions.logoff == "server log"


def _part(names: Names, routine: _Routine) -> Part:
    called = f"{names.called(routine.name)}({routine.types})"
    body = names.body(f"{routine.name}.sql")
    settings = (*_PINNED, *routine.settings)
    owner = str(getattr(names.sessions, routine.owner))
    granted = str(getattr(names.sessions, routine.grant)) if routine.grant else ""
    state = {
        "language": "plpgsql",
        "security": "definer",
        "settings": "\n".join(sorted(f"{parameter}={value}" for parameter, value in settings)),
        "body": body,
        "grants": f"{granted} EXECUTE" if granted else "",
    }
    made = mark(state, names.set_name)
    drop = Statement(statements.drop("FUNCTION", called), f"Drop function {called}")
    return Part(
        ObjectKind.FUNCTION,
        # Without arguments, the name is the one in CREATE EVENT TRIGGER.
        called.removesuffix("()"),
        (
            Statement(_create(names, routine, settings, body), f"Function {called} {routine.purpose}", undo=(drop,)),
            *owned("FUNCTION", called, owner),
            *([Statement(f"GRANT EXECUTE ON FUNCTION {called} TO {_grantee(names, routine)}", "")] if granted else []),
            Statement(statements.comment("FUNCTION", called, str(made)), ""),
            *([Statement(names.filled(routine.after), "The first partitions")] if routine.after else []),
        ),
        state,
        made,
        owner,
    )


def _create(names: Names, routine: _Routine, settings: tuple[tuple[str, str], ...], body: str) -> str:
    lines: Lines = [f"SET {parameter} = {_value(parameter, value)}" for parameter, value in settings]
    header: Lines = [
        f"CREATE OR REPLACE FUNCTION {names.called(routine.name)}({routine.arguments})",
        [
            f"RETURNS {routine.returns}",
            f"LANGUAGE plpgsql{' STABLE' if routine.is_stable else ''}",
            "-- The users have no rights here; the pinned search_path keeps other people's objects out.",
            "SECURITY DEFINER",
            *lines,
        ],
    ]
    return f"{layout(header)}\nAS {dollar_quoted(body)}"


def _value(parameter: str, value: str) -> str:
    return value if parameter in _LISTS else literal(value)


def _grantee(names: Names, routine: _Routine) -> str:
    return names.filled(f"@{routine.grant}@")
