"""Errors of xtrig: every one is a sentence for the user, none is a bug report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xtrig.findings import Finding


class XtrigError(Exception):
    """Anything xtrig can say no to. ``str(error)`` is one line, or one line for each finding."""


class FindingsError(XtrigError):
    """A definition with findings of severity error.

    ``findings`` holds all of them, warnings too, in the order of the definition.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class DefinitionError(FindingsError):
    """The definition itself is wrong, whatever the dialect."""


class RefusedError(FindingsError):
    """The definition is sound, but this dialect or version cannot keep its meaning."""


class UsageError(XtrigError):
    """A call that cannot work: a file that is not there, an unknown dialect or version."""


class PluginError(XtrigError):
    """A dialect plugin that is broken, or that claims a name another one holds."""


class DatabaseError(XtrigError):
    """A server that refused, or could not be reached. Never holds a password."""
