"""The hooks of xtrig. There is one: a plugin registers its dialect, everything else is a method of it."""

from __future__ import annotations

import pluggy

from xtrig.dialect.contract import Dialect

hookspec = pluggy.HookspecMarker("xtrig")
hookimpl = pluggy.HookimplMarker("xtrig")


@hookspec
def xtrig_register_dialect() -> Dialect:  # type: ignore[empty-body]
    """Return the one dialect this plugin provides.

    The plugin is a module named in the entry-point group ``xtrig.dialects``, under the dialect's name:

    .. code-block:: toml

        [project.entry-points."xtrig.dialects"]
        acmedb = "xtrig_acmedb"

    .. code-block:: python

        from xtrig.plugin import hookimpl

        @hookimpl
        def xtrig_register_dialect():
            from xtrig_acmedb.dialect import AcmeDialect
            return AcmeDialect()

    The module is imported only when its dialect is asked for. Import the dialect inside the function, so
    that a failure is reported with the plugin's name.
    """
