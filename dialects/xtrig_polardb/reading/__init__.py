"""Reading existing scripts for PolarDB, whose functions are PL/SQL, for ``xtrig import``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xtrig_pgfamily.reading import check_parser

if TYPE_CHECKING:
    from xtrig.plugin import Imported


def read_script(text: str, name: str, dialect: str) -> Imported:
    """Return what ``text`` creates; ``name`` stands for the file in messages.

    Raises :class:`~xtrig.errors.UsageError` without the parser, and :class:`~xtrig.errors.DefinitionError` for
    a script that is not SQL.
    """
    check_parser()
    from xtrig_polardb.reading.plsql_script import VOCABULARIES, PolarDBScriptReader

    return PolarDBScriptReader(name, VOCABULARIES[dialect]).read(text)
