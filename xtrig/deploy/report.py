"""What became of a deployment, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xtrig.errors import DatabaseError, XtrigError
from xtrig.progress import Progress

if TYPE_CHECKING:
    from xtrig.outputs import LatencyOutput, LoginOutput, ReportOutput


@dataclass(frozen=True, slots=True)
class Login:
    """One attempt to log in. ``refusal`` is what the client was told, None if it came in."""

    who: str
    """The role."""
    proof: str
    """In which proof: rehearsal, canary, live, and others."""
    seconds: float
    """How long it took."""
    refusal: str | None = None
    """What the client was told; None: it came in."""

    def to_dict(self) -> LoginOutput:
        """Return the login as JSON-able data."""
        return {
            "who": self.who,
            "proof": self.proof,
            "ms": round(self.seconds * 1000, 3),
            "refusal": self.refusal,
        }


@dataclass(frozen=True, slots=True)
class Latency:
    """Median time of a login in milliseconds, measured in turn with the triggers and without them."""

    rounds: int
    """How many logins of each kind."""
    with_triggers: float
    """Milliseconds."""
    without_triggers: float
    """Milliseconds."""

    @property
    def ratio(self) -> float:
        """How many times as long the login takes with the triggers."""
        return self.with_triggers / self.without_triggers

    def to_dict(self) -> LatencyOutput:
        """Return the times as JSON-able data."""
        return {
            "rounds": self.rounds,
            "with_ms": round(self.with_triggers, 3),
            "without_ms": round(self.without_triggers, 3),
            "ratio": round(self.ratio, 3),
        }


@dataclass(slots=True)
class Report:
    """What a deployment did. It is filled while the deployment runs."""

    server: str = ""
    """Product and version."""
    database: str = ""
    """The database."""
    changes: list[str] = field(default_factory=list)
    """Each object and what was done to it."""
    done: list[str] = field(default_factory=list)
    """The stages that were committed and proved."""
    logins: list[Login] = field(default_factory=list)
    """Each attempt to log in, in the order of time."""
    latency: Latency | None = None
    """What the triggers cost a login; None: it was not measured."""
    notes: list[str] = field(default_factory=list)
    """What whoever deploys should know."""
    proved: list[str] = field(default_factory=list)
    """What the rehearsal has shown to work, besides what ``logins`` tell."""
    unproved: list[str] = field(default_factory=list)
    """What nobody has tried, or what was accepted though it fails."""
    surplus: list[str] = field(default_factory=list)
    """Triggers and functions of the set that the definition has no more, and that are left at work."""
    disabled: list[str] = field(default_factory=list)
    """Triggers that ``xtrig disable`` keeps from firing: they are as the definition says in all but that."""
    failed: str | None = None
    """The stage that failed, None if all went well."""
    reason: str | None = None
    """Why it failed."""
    taken_back: list[str] = field(default_factory=list)
    """The stages that were taken back after a failure."""
    ended: list[int] = field(default_factory=list)
    """Process ids of logins that hung in the new triggers, and were ended."""
    restored: bool | None = None
    """After a failure: whether everything is as before, and a login proved it."""

    def tell(self, note: str, listener: Progress) -> None:
        """Note something once, and say it at once."""
        if note not in self.notes:
            self.notes.append(note)
            listener.note(note)

    def to_dict(self) -> ReportOutput:
        """Return the report as JSON-able data."""
        return {
            "server": self.server,
            "database": self.database,
            "changes": list(self.changes),
            "done": list(self.done),
            "logins": [login.to_dict() for login in self.logins],
            "latency": self.latency.to_dict() if self.latency else None,
            "notes": list(self.notes),
            "proved": list(self.proved),
            "unproved": list(self.unproved),
            "surplus": list(self.surplus),
            "disabled": list(self.disabled),
            "failed": self.failed,
            "reason": self.reason,
            "taken_back": list(self.taken_back),
            "ended": list(self.ended),
            "restored": self.restored,
        }


class StageError(Exception):
    """A stage that failed: ``is_proof`` tells a function or a login that failed from a database error.

    ``is_others`` is whether others are in the way: with a lock, or an object that depends on what it would drop.
    """

    def __init__(self, reason: str, *, is_proof: bool, is_others: bool = False) -> None:
        self.is_proof = is_proof
        self.is_others = is_others
        super().__init__(reason)


class RefusedPlanError(XtrigError):
    """A plan that cannot be applied: ``reasons`` are what on the server stands against it, a sentence each."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons
        super().__init__("\n".join(reasons))


class ProofError(XtrigError):
    """A trigger under which somebody could not log in; the deployment was taken back. ``report`` tells all."""

    def __init__(self, message: str, report: Report) -> None:
        self.report = report
        super().__init__(message)


class DeploymentError(DatabaseError):
    """A database error in the middle of a deployment; it was taken back. ``report`` tells all."""

    def __init__(self, message: str, report: Report) -> None:
        self.report = report
        super().__init__(message)
