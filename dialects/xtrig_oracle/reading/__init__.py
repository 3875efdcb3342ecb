"""Reading existing scripts for Oracle, for ``xtrig import``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xtrig.plugin import Imported


def read_script(text: str, name: str) -> Imported:
    """Return what ``text`` creates; ``name`` stands for the file in messages.

    Raises :class:`~xtrig.errors.DefinitionError` for a text in which something is not closed.
    """
    from xtrig_oracle.reading.script import ScriptReader

    return ScriptReader(name, text).read()
