"""What a PolarDB server says of itself, what whoever deploys there should know, and the words to deploy with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xtrig.dialect.deployment import Row, Server
from xtrig.plugin import Dialect
from xtrig_pgfamily.deploy.machinery import WORDS as POSTGRESQL
from xtrig_polardb.recognition import edition

_SEARCH_PATH = "search_path"

WORDS = replace(
    POSTGRESQL,
    # A type that a definition names, such as varchar2, may be in a schema of the vendor's; all else is qualified.
    opening={name: value for name, value in POSTGRESQL.opening.items() if name != _SEARCH_PATH},
    unbounded=tuple(each for each in POSTGRESQL.unbounded if _SEARCH_PATH not in each),
    # Whether session_replication_role holds for triggers at logon is not documented: there is no canary. And
    # has_parameter_privilege(), with which PostgreSQL is asked, came with 15.
    may_be_canary="SELECT false AS may",
    # The parameter event_triggers came with 17: an older kernel would refuse the login that names it. And a
    # login needs no way past a trigger here, since PolarDB lets it in whatever the trigger does.
    without_triggers={},
)
"""PostgreSQL's, without those of newer kernels."""

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


def read_server(row: Row, dialect: Dialect, version: str, *, has_session_triggers: bool) -> Server:
    """Return the server of a row of :data:`~xtrig_polardb.recognition.RECOGNITION`, taken for ``version``."""
    told = f" ({row['polardb_version']})" if row["polardb_version"] else ""
    return Server(
        f"{dialect.title} on PostgreSQL {row['server_version']}{told}",
        version,
        row["database"],
        f"{row['database']}/{row['database_oid']}",
        row["role"],
        tuple(_problems(row)),
        tuple(_notes(row, dialect, has_session_triggers=has_session_triggers)),
        row["backend_pid"],
    )


def _problems(row: Row) -> Iterator[str]:
    if row["is_standby"]:
        yield "this node is read-only, so nothing can be created; name the primary endpoint of the cluster"
    if row["event_triggers"] == "off":
        yield "event_triggers is off here, so nothing would fire; set it to on, then deploy"


def _notes(row: Row, dialect: Dialect, *, has_session_triggers: bool) -> Iterator[str]:
    yield UNVERIFIED
    if edition(row) is None:
        yield (
            f"this server does not say which edition of PolarDB it is, and may be either; it is taken for "
            f"{dialect.name}: if it is the other, name that with --dialect (polardb, polardb-oracle)"
        )
    if has_session_triggers:
        yield FAIL_OPEN
        yield BY_MARK
    if not row["is_superuser"]:
        yield (
            f"the role {row['role']!r} is no superuser; on PolarDB a privileged account (polar_superuser) may create "
            "event triggers, and superusers of the vendor skip those that it owns: the first stage shows whether it may"
        )
