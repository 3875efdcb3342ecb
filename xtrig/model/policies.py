"""Policies: rights, errors, timeouts and exemptions of a function. Their defaults depend on the event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Unpack

from xtrig.model.values import Duration, Model, Name

if TYPE_CHECKING:
    from xtrig.model.arguments import PolicyArguments


class Policies(Model):
    """Policies of a function. None, or a key left out, means the value of the set's ``defaults``, then xtrig's own."""

    if TYPE_CHECKING:

        def __init__(self, **given: Unpack[PolicyArguments]) -> None: ...

    security: Literal["definer", "invoker"] | None = None
    """Whose rights the function has: its owner's (definer, the default) or the user's."""
    on_error: Literal["allow", "deny"] | None = None
    """What an error in the function does to the login or the command. Default: allow for logon and logoff, deny for
    DDL."""
    standby: Literal["skip", "run"] | None = None
    """Steps that write on a standby or in a read-only session: skip (the default; a log line takes their place) or
    run."""
    lock_timeout: Duration | None = None
    """How long a step may wait for a lock. Default: 250ms at logon and logoff, unbounded for DDL."""
    timeout: Duration | None = None
    """How long the whole logon function may take before the login is refused. Default: 5s."""
    durability: Literal["full", "relaxed"] | None = None
    """full (the default): the login waits until its row is safe on disk and on synchronous standbys. relaxed: it does
    not; a crash may lose the rows of the last second."""
    exempt_roles: tuple[Name, ...] | None = None
    """Login roles for which the function does nothing but write a log line (break-glass)."""
    language: Literal["native", "plpgsql", "plsql"] | None = None
    """native (the default): the form the vendor documents, with all guards. On PolarDB also plpgsql: PostgreSQL's
    form, unverified at logon and logoff; plsql: just what the manual shows, few guards."""
