"""Reading existing scripts and databases for ``xtrig import``."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from xtrig.plugin import UsageError

if TYPE_CHECKING:
    from xtrig.plugin import Imported
    from xtrig_pgfamily.reading.vocabulary import Vocabulary


def read_script(text: str, name: str, vocabulary: Vocabulary | None = None) -> Imported:
    """Return what ``text`` creates; ``name`` stands for the file in messages.

    Raises :class:`~xtrig.errors.UsageError` if the parser, an extra, is not installed, and
    :class:`~xtrig.errors.DefinitionError` for a script that is not SQL.
    """
    check_parser()
    from xtrig_pgfamily.reading.script_reader import ScriptReader
    from xtrig_pgfamily.reading.vocabulary import POSTGRESQL

    return ScriptReader(name, vocabulary or POSTGRESQL).read(text)


def check_parser() -> None:
    """Raise :class:`~xtrig.errors.UsageError` if the parser is not installed."""
    if find_spec("postgast") is None:
        raise UsageError("reading scripts needs a parser; install it with: pip install 'xtrig[import]'")
