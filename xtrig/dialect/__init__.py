"""The contract a dialect plugin implements: subclass :class:`Dialect`, declare data, compile."""

from xtrig.dialect.capability import Capability, Spelling, Support, Verified, Version, find_spelling
from xtrig.dialect.contract import PLUGIN_API, Dialect, parse_version

__all__ = [
    "PLUGIN_API",
    "Capability",
    "Dialect",
    "Spelling",
    "Support",
    "Verified",
    "Version",
    "find_spelling",
    "parse_version",
]
