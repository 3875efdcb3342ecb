"""How a deployment is proved and bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xtrig.errors import UsageError


@dataclass(frozen=True, slots=True)
class Canary:
    """Who proves that people can still log in, and how long a login may take.

    ``roles`` are roles as which the functions are rehearsed, without logging in: no password is needed, but a
    superuser. ``urls`` are ways in, with which new connections are made. The deploying role always logs in.
    """

    roles: Sequence[str] = ()
    """Roles as which the functions are rehearsed; needs a superuser."""
    urls: Sequence[str] = ()
    """Ways in, with which new connections are made."""
    login_timeout: float = 10.0
    """Seconds after which a login counts as hanging."""
    accept_errors: bool = False
    """Whether a function may go live though a step fails whenever it runs; the report says which."""
    rounds: int = 5
    """How many logins are timed with the triggers, and as many without."""

    def __post_init__(self) -> None:
        for name in ("roles", "urls"):
            given = getattr(self, name)
            if isinstance(given, str):
                raise UsageError(f"{name} of a canary is a list, and this is one text; write {name}=[...]")
            object.__setattr__(self, name, tuple(given))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a deployment may hold things up, in seconds."""

    lock_timeout: float = 5.0
    """How long a statement waits for a lock."""
    undo_after: float = 60.0
    """When the server itself takes back a deployment that has not come to its end, whatever became of xtrig."""
