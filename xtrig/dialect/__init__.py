"""The contract a dialect plugin implements: subclass :class:`Dialect`, declare data, compile."""

from xtrig.dialect.behaviour import Behaviour, Condition, Situation, Topic, always
from xtrig.dialect.capability import CELLS, Capability, Spelling, Support, find_spelling
from xtrig.dialect.contract import (
    OPTIONAL_FIELDS,
    PLUGIN_API,
    Dialect,
    NameLimit,
    Translation,
    offered,
    parse_version,
    trigger_support,
)
from xtrig.dialect.evidence import Claim, Evidence, Verified, Version, documented, seen, unverified
from xtrig.dialect.objects import DatabaseObject, ObjectKind

__all__ = [
    "CELLS",
    "OPTIONAL_FIELDS",
    "PLUGIN_API",
    "Behaviour",
    "Capability",
    "Claim",
    "Condition",
    "DatabaseObject",
    "Dialect",
    "Evidence",
    "NameLimit",
    "ObjectKind",
    "Situation",
    "Spelling",
    "Support",
    "Topic",
    "Translation",
    "Verified",
    "Version",
    "always",
    "documented",
    "find_spelling",
    "offered",
    "parse_version",
    "seen",
    "trigger_support",
    "unverified",
]
