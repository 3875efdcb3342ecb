"""How a deployment is proved and bounded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Canary:
    """Who proves that people can still log in, and how long a login may take.

    ``roles`` are roles as which the functions are rehearsed, without logging in: no password is needed, but a
    superuser. ``urls`` are ways in, with which new connections are made. The deploying role always logs in.
    """

    roles: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    login_timeout: float = 10.0
    """Seconds after which a login counts as hanging."""
    accept_errors: bool = False
    """Whether a function may go live though a step fails whenever it runs; the report says which."""
    rounds: int = 5
    """How many logins are timed with the triggers, and as many without."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a deployment may hold things up, in seconds."""

    lock_timeout: float = 5.0
    """How long a statement waits for a lock."""
    undo_after: float = 60.0
    """When the server itself takes back a deployment that has not come to its end, whatever became of xtrig."""
