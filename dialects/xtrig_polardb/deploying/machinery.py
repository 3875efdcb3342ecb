"""The words that a deployment's machinery speaks to PolarDB: PostgreSQL's, without those of newer kernels."""

from __future__ import annotations

from dataclasses import replace

from xtrig_pgfamily.deploy.machinery import WORDS as POSTGRESQL

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
