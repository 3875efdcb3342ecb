"""MariaDB: logon triggers through the server variable init_connect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xtrig.plugin import hookimpl

if TYPE_CHECKING:
    from xtrig.plugin import Dialect


@hookimpl
def xtrig_register_dialect() -> Dialect:
    """Register the dialect ``mariadb``."""
    from xtrig_mariadb.dialect import MariaDBDialect

    return MariaDBDialect()
