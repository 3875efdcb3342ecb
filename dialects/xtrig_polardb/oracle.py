"""Registers the dialect ``polardb-oracle``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xtrig.hookspecs import hookimpl

if TYPE_CHECKING:
    from xtrig.dialect import Dialect


@hookimpl
def xtrig_register_dialect() -> Dialect:
    """Register the dialect ``polardb-oracle``."""
    from xtrig_polardb.dialect import PolarDBOracleDialect

    return PolarDBOracleDialect()
