"""Alembic: revisions that deploy sets of triggers, written by ``alembic revision --autogenerate``.

In ``env.py``::

    import xtrig.alembic

    xtrig.alembic.register(TRIGGERS)
    context.configure(..., include_object=xtrig.alembic.include_object)

Needs the extra ``xtrig[alembic]``. Alembic imports this module by its entry point while it is being imported itself, so
nothing of it is imported here, nor of the rest of xtrig.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from alembic.operations.ops import UpgradeOps
    from alembic.runtime.plugins import Plugin

    from xtrig.alembic.registration import Registration, current, register
    from xtrig.alembic.visibility import hiding, include_object

__all__ = ["Registration", "current", "hiding", "include_object", "register", "setup"]


def __getattr__(name: str) -> Any:
    # Whoever imports Alembic where xtrig is installed imports this, too, and may need nothing of it.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "visibility" if name in ("hiding", "include_object") else "registration"
    return getattr(import_module(f"{__name__}.{home}"), name)


def setup(plugin: Plugin) -> None:
    """Add the comparison of the registered sets: the plugin ``xtrig`` of ``autogenerate_plugins``."""
    from alembic.util import DispatchPriority, PriorityDispatchResult

    def compare(context: AutogenContext, upgrade_ops: UpgradeOps) -> PriorityDispatchResult:
        from xtrig.alembic.autogenerate import compare_triggers

        compare_triggers(context, upgrade_ops)
        return PriorityDispatchResult.CONTINUE

    # Last, so that the triggers are made after the tables of the metadata, and dropped before them.
    plugin.add_autogenerate_comparator(compare, "autogenerate", "xtrig", priority=DispatchPriority.LAST)


class _Module(ModuleType):
    """Alembic 1.18 iterates over what a plugin's entry point names, and fails for a module; later ones take it."""

    def __iter__(self) -> Iterator[ModuleType]:
        yield self


sys.modules[__name__].__class__ = _Module
