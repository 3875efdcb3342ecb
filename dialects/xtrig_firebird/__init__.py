"""Firebird 3.0 to 5.0: database triggers and DDL triggers, with their bodies in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xtrig.hookspecs import hookimpl

if TYPE_CHECKING:
    from xtrig_firebird.dialect import FirebirdDialect


@hookimpl
def xtrig_register_dialect() -> FirebirdDialect:
    """Return the dialect."""
    from xtrig_firebird.dialect import FirebirdDialect

    return FirebirdDialect()
