"""A definition checked: resolved once, and translated once to each dialect that is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from xtrig.checks.conflicts import (
    DefaultsDiffer,
    FiresItself,
    LogonDenied,
    PolicyBesideBody,
    PolicyWithoutEffect,
)
from xtrig.checks.expressions import ColumnNotThere, NameAmbiguous, NameNotKnown, TableNotDefined, TypesDiffer
from xtrig.checks.names import NamesAlike, NameTooLong, SchemaWithoutSchemas, TypeMissing
from xtrig.checks.nulls import NullPassesDenial
from xtrig.checks.offers import (
    DenyNotBinding,
    ErrorNotBinding,
    EventNotOffered,
    FactMissing,
    FieldLeftOut,
    SessionOptionUnused,
    SessionsNotRecorded,
    TagLeftOut,
    TextMissing,
)
from xtrig.checks.placement import FactOutOfPlace, ItemsNotListed, OwnerNotUser, SessionTags
from xtrig.checks.references import (
    IdentityFilled,
    NameGivenTwice,
    NoTrigger,
    UnknownColumn,
    UnknownFunction,
    UnknownTable,
    UnusedFunction,
)
from xtrig.checks.shown import TextHidden
from xtrig.checks.waivers import unused, waived
from xtrig.dialect import Dialect, Translation, Version, offered
from xtrig.findings import Checks, Finding, Severity, found
from xtrig.model import TriggerSet
from xtrig.resolve import ResolvedSet, resolve

NAMES: Checks[TriggerSet] = (
    NoTrigger,
    UnknownTable,
    UnknownColumn,
    IdentityFilled,
    UnknownFunction,
    NameGivenTwice,
    UnusedFunction,
    DefaultsDiffer,
    TextHidden,
)
"""Whether names that are used are defined: without that, a set cannot be resolved."""

MEANING: Checks[ResolvedSet] = (
    FactOutOfPlace,
    ItemsNotListed,
    SessionTags,
    LogonDenied,
    PolicyWithoutEffect,
    PolicyBesideBody,
    FiresItself,
    OwnerNotUser,
)
"""What the resolved set says, and whether that can be meant."""

TRANSLATION: Checks[Translation] = (
    EventNotOffered,
    NameTooLong,
    SchemaWithoutSchemas,
    NamesAlike,
    TypeMissing,
    TextMissing,
    FactMissing,
    FieldLeftOut,
    TagLeftOut,
    DenyNotBinding,
    ErrorNotBinding,
    NullPassesDenial,
    TableNotDefined,
    ColumnNotThere,
    NameAmbiguous,
    NameNotKnown,
    TypesDiffer,
    SessionsNotRecorded,
    SessionOptionUnused,
)
"""What follows from the data that a dialect declares."""


class Examination:
    """A definition and what its checks found. A command makes one and hands it on, so that nothing is done twice."""

    def __init__(self, triggers: TriggerSet) -> None:
        self.triggers = triggers
        self.resolved: ResolvedSet | None = None
        """None: names in it are wrong, so that it can be neither resolved nor translated."""
        findings = self._located(found(NAMES, triggers))
        if not any(finding.severity is Severity.ERROR for finding in findings):
            self.resolved = resolve(triggers)
            findings = waived([*findings, *self._located(found(MEANING, self.resolved))], triggers)
            findings += unused(findings, triggers, lambda code: code.startswith("XT1"))
        findings.sort(key=lambda finding: (finding.location.line or 0) if finding.location else 0)
        self.findings = tuple(findings)
        """In the order of the text. Those that the definition waives bear the reason."""
        self._translations: dict[tuple[str, Version], Translation] = {}

    @property
    def has_error(self) -> bool:
        """Whether something in it is wrong on any dialect, and not waived."""
        return any(finding.stops for finding in self.findings)

    def translate(self, dialect: Dialect, version: Version) -> Translation:
        """Return what ``dialect`` offers of the set, and as its findings what stands between the two.

        The set's names must be right.
        """
        key = (dialect.name, version)
        if key not in self._translations:
            assert self.resolved is not None, "names are wrong"  # noqa: S101  # for mypy, and for whoever forgets
            plain = offered(self.resolved, dialect, version)
            # A function that several triggers run may be met more than once.
            findings = dict.fromkeys([*found(TRANSLATION, plain), *dialect.check(plain)])
            located = waived(self._located(findings), self.triggers)
            self._translations[key] = replace(plain, findings=tuple(located))
        return self._translations[key]

    def _located(self, findings: Iterable[Finding]) -> list[Finding]:
        return [finding.at(self.triggers.locate(finding.path)) for finding in findings]
