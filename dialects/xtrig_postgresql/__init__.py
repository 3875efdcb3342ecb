"""PostgreSQL: event triggers in plpgsql."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xtrig.hookspecs import hookimpl

if TYPE_CHECKING:
    from xtrig.dialect import Dialect


@hookimpl
def xtrig_register_dialect() -> Dialect:
    """Register the dialect ``postgresql``."""
    from xtrig_postgresql.dialect import PostgreSQLDialect

    return PostgreSQLDialect()
