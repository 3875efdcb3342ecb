"""What an error comes to where it does not keep anyone out."""

from __future__ import annotations

from xtrig.dialect import Translation
from xtrig.resolve import ResolvedFunction


def loose_end(function: ResolvedFunction, translation: Translation) -> str | None:
    """Return where and why an error of the function keeps nobody out, or None if it binds at all its events."""
    for event in function.events:
        capability = translation.dialect.capability(event, translation.version)
        if not capability.deny_binds:
            return f"{event}: it does not keep anyone out of {translation.dialect.title}: {capability.on_error}"
    return None
