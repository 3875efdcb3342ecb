"""The dialect ``firebird``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from xtrig.plugin import (
    PLUGIN_API,
    Behaviour,
    Capability,
    Checks,
    Dialect,
    Event,
    Fact,
    Imported,
    NameLimit,
    ResolvedSet,
    Script,
    Spelling,
    Translation,
    Version,
    Words,
)
from xtrig_firebird.behaviours import BEHAVIOURS
from xtrig_firebird.capabilities import CAPABILITIES
from xtrig_firebird.checks import CHECKS
from xtrig_firebird.column_types import COLUMN_TYPES
from xtrig_firebird.compilation import Compilation
from xtrig_firebird.events import lacks
from xtrig_firebird.expressions import expression_words
from xtrig_firebird.spellings import SPELLINGS
from xtrig_firebird.words import folded

if TYPE_CHECKING:
    from xtrig_firebird.deployment import FirebirdDeployment
    from xtrig_firebird.platform import FirebirdPlatform
    from xtrig_firebird.trial import FirebirdTrial


class FirebirdDialect(Dialect):
    """Firebird 3.0 to 5.0. The body of a trigger is in the trigger, and there are no schemas."""

    name: ClassVar[str] = "firebird"
    title: ClassVar[str] = "Firebird"
    plugin_api: ClassVar[int] = PLUGIN_API
    versions: ClassVar[tuple[str, ...]] = ("3.0", "4.0", "5.0")
    default_version: ClassVar[str] = "5.0"
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = SPELLINGS
    behaviours: ClassVar[tuple[Behaviour, ...]] = BEHAVIOURS
    has_schemas: ClassVar[bool] = False
    records_sessions: ClassVar[bool] = True
    unused_session_options: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("look_every", "partition", "ahead", "owner", "writer", "logoff: server log", "durability: relaxed"),
        "DISCONNECT is an event, rows are deleted one by one, and whether a commit waits for the disk is a property of "
        "the database",
    )
    column_types: ClassVar[Mapping[str, str] | None] = COLUMN_TYPES

    def longest_name(self, version: Version) -> NameLimit:
        """Return 31 bytes for 3.0, and 63 characters from 4.0 on."""
        return NameLimit(31, "bytes") if version < (4,) else NameLimit(63, "characters")

    def folded(self, name: str) -> str:
        """Return the name as the catalogs have it."""
        return folded(name)

    def words(self, version: Version) -> Words:
        """Return Firebird's functions and values."""
        return expression_words()

    def lacks_tag(self, tag: str, event: Event, version: Version) -> bool:
        """Whether no DDL trigger can be made for it."""
        return lacks(tag, event)

    def checks(self) -> Checks[Translation]:
        """Return what Firebird cannot express, and what one has to know of it."""
        return CHECKS

    def read(self, text: str, name: str) -> Imported:
        """Return the database and DDL triggers that a script makes, with their bodies as they are."""
        from xtrig_firebird.reading import read_script  # noqa: PLC0415  # rendering does without

        return read_script(text, name)

    @property
    def platform(self) -> FirebirdPlatform:
        """Servers, and the driver to them; rendering does without."""
        from xtrig_firebird.platform import FirebirdPlatform  # noqa: PLC0415

        return FirebirdPlatform()

    def deployment(self, triggers: ResolvedSet, version: Version) -> FirebirdDeployment:
        """Return how to deploy a set."""
        from xtrig_firebird.deployment import FirebirdDeployment  # noqa: PLC0415

        return FirebirdDeployment(Compilation(triggers, self, version))

    def trial(self) -> FirebirdTrial:
        """Return what tries a definition on the engine of a wheel, or on a server."""
        from xtrig_firebird.trial import FirebirdTrial  # noqa: PLC0415  # rendering does without

        return FirebirdTrial()

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return what has to be looked at first, what triggers need, and last the triggers."""
        return Compilation(triggers, self, version).script()
