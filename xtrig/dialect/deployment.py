"""What a dialect gives so that xtrig can deploy what it compiles: how to read a server, and how to change it.

All of it is text and data. xtrig has the connections, executes, logs in to prove what it did, and takes it
back; the dialect says with which words. Import from here, not from :mod:`xtrig.plugin`: rendering needs none of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from xtrig.dialect.evidence import Verified
from xtrig.dialect.objects import Change, DatabaseObject
from xtrig.script import Statement

Row = Mapping[str, Any]
"""One row of a query: column to value."""


@dataclass(frozen=True, slots=True)
class Server:
    """What a connection is connected to, and as whom. Everything here is what the server says itself."""

    title: str
    """Product and version, for people."""
    version: str
    """The version as the dialect counts it; what ``--target-version`` would take."""
    database: str
    identity: str
    """Changes with the cluster and the database, so that a plan cannot be applied to another one."""
    role: str
    """The role that is logged in."""
    problems: tuple[str, ...] = ()
    """Why nothing can be deployed here at all: what is missing, and what to do."""
    notes: tuple[str, ...] = ()
    """What whoever deploys should know."""
    backend_pid: int = 0
    """The server process of this connection; behind a pooler it is another one than the driver was told."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The objects that a set names, those that carry its mark, and whatever else a plan depends on.

    ``facts`` are what the choice of statements depends on besides the objects themselves.
    """

    objects: tuple[DatabaseObject, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()
    """What has to be put right before anything may be changed, each with what to do."""

    def find(self, wanted: DatabaseObject) -> DatabaseObject | None:
        """Return the live object that a wanted one is to be compared with, or None."""
        return next((each for each in self.objects if each.key == wanted.key), None)

    def of(self, set_name: str) -> list[DatabaseObject]:
        """Return the objects that carry the mark of the set."""
        return [each for each in self.objects if each.is_of(set_name)]


class Proof(StrEnum):
    """What has to be seen before a stage counts as done."""

    NONE = "none"
    REHEARSAL = "rehearsal"
    """The stage's probes run as each role, and the transaction is rolled back."""
    CANARY = "canary"
    """New connections with the stage's settings log in: only they meet the triggers."""
    LOGINS = "live"
    """Ordinary new connections log in."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One transaction of a deployment, and what proves that it did no harm.

    ``undo`` takes back what the stage commits, in its order, in one transaction; ``late_undo`` does the rest once
    standbys have replayed that. A failure takes back all stages, last first. Each statement of both may find
    that there is nothing to take back, and then does nothing.
    """

    name: str
    purpose: str
    statements: tuple[Statement, ...]
    undo: tuple[Statement, ...] = ()
    late_undo: tuple[Statement, ...] = ()
    proof: Proof = Proof.NONE
    probes: tuple[Statement, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the server that a canary connection begins with."""
    standbys_first: bool = False
    """Whether standbys must have replayed the stages before this one is begun."""


@dataclass(frozen=True, slots=True)
class Words:
    """The statements that the machinery of a deployment needs. ``{}`` in a text stands for what is filled in."""

    lock: str
    """Takes a lock of the session, which only one deployment of a database can hold; waits."""
    lock_in_transaction: str
    """Takes the same lock for as long as the transaction lasts."""
    opening: Mapping[str, str]
    """Settings of each transaction."""
    set: str
    """Changes the setting ``{name}`` to ``{value}``, both literals, until the transaction ends."""
    current: str
    """Gives one row with the ``value`` of the setting ``{name}``, a literal."""
    unbounded: tuple[str, ...]
    """Settings of a session that has to outlive every time-out."""
    lock_timeout: str
    """The setting that bounds the wait for a lock, in milliseconds."""
    statement_timeout: str
    """The setting that bounds a statement, in milliseconds."""
    role: str
    """The setting that turns the session into one of another role."""
    clock: str
    """Gives one row with ``now``, the server's time as a text that ``stuck`` takes."""
    position: str
    """Gives one row with ``position``, up to which everything committed is written."""
    behind: str
    """Gives one row with ``behind``: how many standbys have not replayed up to ``{position}``, a literal."""
    end_stuck: str
    """Ends the logins that hang: begun since ``{since}``, a literal, and for more than ``{seconds}``. A row each."""
    may_be_canary: str
    """Gives one row with ``may``: whether this role may log in with the settings of a canary."""
    without_triggers: Mapping[str, str] = field(default_factory=dict)
    """Parameters with which a privileged connection meets no trigger: for the time a login takes without."""


class Deployment(ABC):
    """One set on one kind of server. Pure: the same arguments give the same answers."""

    verified: ClassVar[Verified] = Verified.UNVERIFIED
    """Whether deploying was seen to work on a server of the vendor's."""

    objects: tuple[DatabaseObject, ...]
    """The objects of the definition, in the order in which they can be made."""
    set_name: str
    words: Words

    @abstractmethod
    def server(self, row: Row) -> Server:
        """Return what the row of the dialect's ``recognition`` says."""

    @abstractmethod
    def delayed(self, seconds: float, statements: Sequence[Statement]) -> str:
        """Return one statement that waits, and then runs all statements, whichever of them fail."""

    @abstractmethod
    def queries(self) -> Sequence[str]:
        """Return the queries that :meth:`inventory` needs; how many must not grow with the set or the server."""

    @abstractmethod
    def inventory(self, results: Sequence[Sequence[Row]]) -> Inventory:
        """Return what the results of :meth:`queries` say, in their order."""

    def leftover(self, found: DatabaseObject, inventory: Inventory) -> bool:
        """Whether an object of the set was made by a deployment for its own use, and is of none any more."""
        return False

    def is_needed(self, found: DatabaseObject, inventory: Inventory) -> bool:
        """Whether an object that a deployment made for its own use has to stay: no definition names it."""
        return False

    @abstractmethod
    def direct(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Statement]:
        """Return the statements of one transaction that makes all changes."""

    @abstractmethod
    def stages(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Stage]:
        """Return the stages that make the changes so that no login can be refused unnoticed."""

    @abstractmethod
    def removal(self, inventory: Inventory, *, with_data: bool) -> Sequence[Stage]:
        """Return the stages that take away all that the set made, and nothing else."""
