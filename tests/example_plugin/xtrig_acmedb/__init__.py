"""AcmeDB: triggers that hold their body themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xtrig.plugin import hookimpl

if TYPE_CHECKING:
    from xtrig.plugin import Dialect


@hookimpl
def xtrig_register_dialect() -> Dialect:
    """Register the dialect ``acmedb``."""
    from xtrig_acmedb.dialect import AcmeDBDialect

    return AcmeDBDialect()
