"""Oracle Database: triggers with their bodies in them, rendered and read; nothing connects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xtrig.hookspecs import hookimpl

if TYPE_CHECKING:
    from xtrig.dialect import Dialect


@hookimpl
def xtrig_register_dialect() -> Dialect:
    """Register the dialect ``oracle``."""
    from xtrig_oracle.dialect import OracleDialect

    return OracleDialect()
