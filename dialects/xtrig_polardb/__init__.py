"""PolarDB: logon and logoff triggers in the vendor's documented form.

This module registers the dialect ``polardb``; :mod:`xtrig_polardb.oracle` registers ``polardb-oracle``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xtrig.hookspecs import hookimpl

if TYPE_CHECKING:
    from xtrig.dialect import Dialect


@hookimpl
def xtrig_register_dialect() -> Dialect:
    """Register the dialect ``polardb``."""
    from xtrig_polardb.dialect import PolarDBDialect

    return PolarDBDialect()
