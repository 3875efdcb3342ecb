"""The base class of all dialects."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from xtrig.dialect.behaviour import Behaviour
from xtrig.dialect.capability import Capability, Spelling, Support, find_spelling, translated_type
from xtrig.dialect.evidence import Version
from xtrig.errors import UsageError
from xtrig.expressions.meaning import Words
from xtrig.facts import FACTS, Event, Fact, Item
from xtrig.findings import Checks, Finding, found
from xtrig.imported import Imported
from xtrig.resolve import ResolvedSet, ResolvedTrigger, without
from xtrig.script import Script

if TYPE_CHECKING:
    from xtrig.dialect.deployment import Deployment
    from xtrig.dialect.platform import Platform
    from xtrig.dialect.trial import Trial

PLUGIN_API = 2
"""The contract's version; a dialect declares the one it was written for."""
OPTIONAL_FIELDS = ("detail", "hint", "sqlstate", "settings")
"""Fields that not every vendor has a form for: three of a deny, and the settings of a body."""


class NameLimit(NamedTuple):
    """The longest name that a vendor keeps whole: 63 bytes of UTF-8, or 64 characters."""

    length: int
    unit: Literal["bytes", "characters"]

    def size(self, name: str) -> int:
        """Return how long ``name`` is, in the limit's unit."""
        return len(name.encode()) if self.unit == "bytes" else len(name)

    def keeps(self, name: str) -> bool:
        """Whether ``name`` is kept whole."""
        return self.size(name) <= self.length


class Dialect(ABC):
    """One vendor's way to write triggers.

    A subclass declares the class attributes below *in its own body*: what a class inherits it has not
    claimed, and xtrig refuses to load it. It must not assume PostgreSQL: a vendor may keep a function's
    body inside the trigger, hold one global string, or lack transactions in DDL.
    """

    name: ClassVar[str]
    """Lower case, equal to the entry point's name: what ``--dialect`` takes."""
    title: ClassVar[str]
    """The vendor's product, for people."""
    plugin_api: ClassVar[int]
    """:data:`PLUGIN_API` of the contract it was written for."""
    versions: ClassVar[tuple[str, ...]]
    """Server versions it can render for, oldest first."""
    default_version: ClassVar[str]
    """The version rendered for where none is named."""
    capabilities: ClassVar[tuple[Capability, ...]]
    """What each event is on this vendor; later entries with a higher ``since`` override earlier ones."""
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]]
    """The vendor's expression for each fact it has; the first that fits is used."""
    ends_denied_sessions: ClassVar[bool] = False
    """Whether a deny at logon with ``enforce: terminate`` ends the session where an error would not."""
    behaviours: ClassVar[Collection[Behaviour]] = ()
    """When triggers fire and when not, what is not recorded, what failures and policies do."""
    records_sessions: ClassVar[bool] = False
    """Whether it compiles a definition's ``sessions``: tables and views of who logged in, from where, until when."""
    unused_session_options: ClassVar[Mapping[str, str]] = {}
    """What of ``sessions:`` has no effect on this vendor, each with the reason: an option as ``owner``, or one value of
    it as ``logoff: server log``. A definition that says one gets a note (XT209)."""
    variables: ClassVar[Collection[str]] = ()
    """Names of variables in rendered functions, from which the vendor cannot tell a column of the same name (XT237)."""
    has_schemas: ClassVar[bool] = True
    """Whether the vendor keeps objects in schemas. Without, the set's ``schema`` is the set's name and no more, and
    a table or function that names another one is refused (XT204)."""
    optional_fields: ClassVar[Collection[str]] = ()
    """Which of :data:`OPTIONAL_FIELDS` it writes; another one is left out, and a warning says so (XT207)."""
    column_types: ClassVar[Mapping[str, str] | None] = None
    """The vendor's type for each column type that it has: ``{"text": "LONGTEXT", "varchar()": "VARTEXT({})"}``.

    A name that ends in ``()`` is the type with a size, which takes the place of ``{}``. Types with two names are
    declared under ``boolean``, ``smallint``, ``integer``, ``bigint``, ``numeric``, ``float4``, ``float8``,
    ``character``, ``varchar``, ``timestamp`` and ``timestamptz``. A type that is not there is refused (XT204). None:
    the vendor takes a definition's types as they are written, as PostgreSQL and its forks do."""

    def parse_version(self, text: str | None) -> Version:
        """Return ``text`` as a version this dialect renders for; None gives the default.

        Raises :class:`~xtrig.errors.UsageError` naming the versions there are.
        """
        wanted = parse_version(text or self.default_version)
        known = [parse_version(version) for version in self.versions]
        if wanted is not None and any(version and wanted[: len(version)] == version for version in known):
            return wanted
        raise UsageError(
            f"dialect {self.name!r} does not render for version {text!r}; versions: {', '.join(self.versions)}"
        )

    def capability(self, event: Event, version: Version) -> Capability:
        """Return what ``event`` is on ``version``; an event never mentioned is refused."""
        found = [entry for entry in self.capabilities if entry.event is event and entry.since <= version]
        if found:
            return max(found, key=lambda entry: entry.since).at(version)
        return Capability(event, Support.REFUSED, reason=f"{self.title} has no such event", remedy="leave it out")

    def capability_of(self, trigger: ResolvedTrigger, version: Version) -> Capability:
        """Return what its event is for this very trigger.

        Override it where a trigger can take several forms, which mean different things.
        """
        return self.capability(trigger.event, version)

    def spelling(self, fact: Fact, event: Event, item: Item | None, version: Version) -> Spelling | None:
        """Return how to write ``fact`` there, or None where the vendor lacks it."""
        return find_spelling(self.spellings, fact, event, item, version)

    def written(self, fact: Fact, trigger: ResolvedTrigger, item: Item | None, version: Version) -> Spelling | None:
        """Return how ``fact`` is written for this very trigger, with what is known of it on ``version``.

        Override it where a trigger's function can take several forms.
        """
        found = self.spelling(fact, trigger.event, item, version)
        return found.at(version) if found else None

    def longest_name(self, version: Version) -> NameLimit:
        """Return the longest name that the vendor keeps whole; here 63 bytes."""
        return NameLimit(63, "bytes")

    def folded(self, name: str) -> str:
        """Return the form in which the vendor compares ``name``: two names with one form are one name to it.

        Here the name itself. Override it for a vendor to which ``Log`` and ``LOG`` in quotes are the same.
        """
        return name

    def column_type(self, wanted: str) -> str | None:
        """Return the vendor's type for a definition's column type, out of :attr:`column_types`; None: it has none."""
        return wanted if self.column_types is None else translated_type(self.column_types, wanted)

    def words(self, version: Version) -> Words | None:
        """Return what plain names in an expression mean to the vendor; None, as here: it is not known.

        Override it to have names found that the vendor does not have.
        """
        return None

    def lacks(self, fact: Fact, event: Event, item: Item | None, version: Version) -> bool:
        """Whether a definition that uses ``fact`` there has to be refused.

        The portable event's name is no variable of a vendor: a dialect derives it.
        """
        if fact is Fact.EVENT:
            return False
        return event in FACTS[fact].events and self.spelling(fact, event, item, version) is None

    def lacks_tag(self, tag: str, event: Event, version: Version) -> bool:
        """Whether the vendor has no such command, or none for which ``event`` fires; False, as here: that is not known.

        Where ``if_unsupported: skip`` says so, such tags are left out of what :meth:`compile` gets. A misspelt tag is
        none of them: say False for one that is close to a known one, and let a check of TagNeverFires refuse it.
        """
        return False

    def checks(self) -> Checks[Any]:
        """Return the checks of the dialect's own: what the declared data does not already say.

        The refusals that follow from that come by themselves. The code of a check that is not ``of`` one of xtrig's
        begins with a prefix of the dialect's own, such as ``ACME101``.
        """
        return ()

    def check(self, translation: Translation) -> Iterable[Finding]:
        """Yield what :meth:`checks` find; override it where they look at different things. It must not raise."""
        return found(self.checks(), translation)

    def read(self, text: str, name: str) -> Imported:
        """Return what an existing script creates; ``name`` stands for its file in findings.

        Override it to make ``xtrig import --from`` work. Raises :class:`~xtrig.errors.DefinitionError` for text
        that is no script of the vendor, and here :class:`~xtrig.errors.UsageError`: not every dialect reads.
        """
        raise UsageError(f"dialect {self.name!r} cannot read scripts; write the definition by hand: xtrig init")

    @property
    def platform(self) -> Platform | None:
        """The kind of server that the dialect is for; None, as here: scripts are all there is.

        Override it, with :meth:`deployment`, to make the commands work that connect to a database; see
        :mod:`xtrig.dialect.platform`.
        """
        return None

    def deployment(self, triggers: ResolvedSet, version: Version) -> Deployment | None:
        """Return how to deploy a set that passed every check; None, as here: scripts are all there is.

        Override it to make ``xtrig plan``, ``apply``, ``status`` and ``drop`` work; see
        :mod:`xtrig.dialect.deployment`.
        """
        return None

    def trial(self) -> Trial | None:
        """Return what starts or reaches a server of the vendor to try a definition on; None, as here: nothing does.

        Override it to make ``xtrig try`` work; see :mod:`xtrig.dialect.trial`.
        """
        return None

    @abstractmethod
    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return the script for a set that passed every check.

        Triggers on events that this dialect does not offer are not in it any more, nor are the functions
        that only they run.

        It is pure: no clock, no chance, no connection; the same set gives the same bytes.
        """

    def described(self, version: Version | None = None) -> Iterator[tuple[Event, Capability]]:
        """Yield every event with its capability on a version; None takes the default."""
        for event in Event:
            yield event, self.capability(event, version or self.parse_version(None))


def parse_version(text: str) -> Version | None:
    """Return ``"2.0.14"`` as ``(2, 0, 14)``, or None for what is not a version."""
    parts = text.strip().split(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        return None
    return tuple(int(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Translation:
    """The part of a set that a dialect offers on a version, and what it leaves out."""

    triggers: ResolvedSet
    dialect: Dialect
    version: Version
    left_out: tuple[ResolvedTrigger, ...] = ()
    """Triggers whose event the dialect does not offer, in the order of the definition."""
    tags_left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the name of each trigger, the tags that it does not have here, since the vendor has no such command."""
    findings: tuple[Finding, ...] = ()
    """What its checks found; those that the definition waives bear the reason."""

    @property
    def target(self) -> str:
        """Dialect and version, as messages say them."""
        return f"{self.dialect.name} {'.'.join(map(str, self.version))}"


def offered(triggers: ResolvedSet, dialect: Dialect, version: Version) -> Translation:
    """Return the set as ``dialect`` will get it, with what it will not get; it is not checked yet."""
    left_out = tuple(
        trigger for trigger in triggers.triggers if trigger_support(trigger, dialect, version) is Support.REFUSED
    )
    names = {trigger.name for trigger in left_out}
    kept = without(triggers, lambda trigger: trigger.name in names)
    lacking = {trigger.name: _tags_left_out(trigger, dialect, version) for trigger in kept.triggers}
    fewer = tuple(
        replace(trigger, tags=tuple(tag for tag in trigger.tags if tag not in lacking[trigger.name]))
        for trigger in kept.triggers
    )
    return Translation(replace(kept, triggers=fewer), dialect, version, left_out, lacking)


def _tags_left_out(trigger: ResolvedTrigger, dialect: Dialect, version: Version) -> tuple[str, ...]:
    """Return the tags that a trigger can do without; not all: without any it would fire for every command."""
    if not trigger.may_skip or trigger.event.is_session:
        return ()
    lacking = tuple(tag for tag in trigger.tags if dialect.lacks_tag(tag, trigger.event, version))
    return lacking if len(lacking) < len(trigger.tags) else ()


def trigger_support(trigger: ResolvedTrigger, dialect: Dialect, version: Version) -> Support:
    """Return the dialect's support for a trigger: emulated only where the definition asks for it."""
    support = dialect.capability(trigger.event, version).support
    if support is Support.EMULATED and not trigger.may_infer:
        return Support.REFUSED
    return support
