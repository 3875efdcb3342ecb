"""What a PolarDB server says of itself, and what whoever deploys there should know."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect.deployment import Row, Server
from xtrig_polardb.compilation import Flavour
from xtrig_polardb.recognition import edition

UNVERIFIED = (
    "deploying was not verified on a PolarDB server by this project; so the first stage makes everything, and takes "
    "it back, in a transaction that is rolled back, and stops at what this server does not take"
)

FAIL_OPEN = (
    "PolarDB documents that it lets in a login whose trigger fails, and logs the error: logins that work do not show "
    "that the triggers do, and what they record may be missing unnoticed; log in once, and look at the rows"
)

BY_MARK = (
    "a PL/SQL function and what an event trigger is made with are compared by their marks: a change by hand that "
    "leaves the comment as it is will not be seen"
)


def read_server(row: Row, flavour: Flavour, version: str, *, has_session_triggers: bool) -> Server:
    """Return the server of a row of :data:`~xtrig_polardb.recognition.RECOGNITION`, taken for ``version``."""
    told = f" ({row['polardb_version']})" if row["polardb_version"] else ""
    return Server(
        f"{flavour.title} on PostgreSQL {row['server_version']}{told}",
        version,
        row["database"],
        f"{row['database']}/{row['database_oid']}",
        row["role"],
        tuple(_problems(row)),
        tuple(_notes(row, flavour, has_session_triggers=has_session_triggers)),
        row["backend_pid"],
    )


def _problems(row: Row) -> Iterator[str]:
    if row["is_standby"]:
        yield "this node is read-only, so nothing can be created; name the primary endpoint of the cluster"
    if row["event_triggers"] == "off":
        yield "event_triggers is off here, so nothing would fire; set it to on, then deploy"


def _notes(row: Row, flavour: Flavour, *, has_session_triggers: bool) -> Iterator[str]:
    yield UNVERIFIED
    if edition(row) is None:
        yield (
            f"this server does not say which edition of PolarDB it is, and may be either; it is taken for "
            f"{flavour.name}: if it is the other, name that with --dialect (polardb, polardb-oracle)"
        )
    if has_session_triggers:
        yield FAIL_OPEN
        yield BY_MARK
    if not row["is_superuser"]:
        yield (
            f"the role {row['role']!r} is no superuser; on PolarDB a privileged account (polar_superuser) may create "
            "event triggers, and superusers of the vendor skip those that it owns: the first stage shows whether it may"
        )
