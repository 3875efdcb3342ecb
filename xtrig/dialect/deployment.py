"""What a dialect gives so that xtrig can deploy what it compiles: how to read a server, and how to change it.

All of it is text and data. xtrig executes it with the connections of the platform's driver, logs in to prove what it
did, and takes it back. Import from here, not from :mod:`xtrig.plugin`: rendering needs none of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from xtrig.dialect.driver import Row
from xtrig.dialect.evidence import Verified
from xtrig.dialect.objects import Change, DatabaseObject
from xtrig.dialect.platform import Server
from xtrig.script import Statement

if TYPE_CHECKING:
    from xtrig.outputs import StageOutput


@dataclass(frozen=True, slots=True)
class Inventory:
    """The objects that a set names, those that carry its mark, and whatever else a plan depends on.

    ``facts`` are what the choice of statements depends on besides the objects themselves.
    """

    objects: tuple[DatabaseObject, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()
    """What has to be put right before anything may be changed, each with what to do."""
    manipulations: tuple[str, ...] = ()
    """What others have added or changed around the objects, and no plan takes away, each with what to do."""
    notes: tuple[str, ...] = ()
    """What stops nothing, and makes the triggers less than they seem, each with what to do."""

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
    BEFORE_COMMIT = "before commit"
    """They log in while the transaction is still open, and it is rolled back if one cannot: for a vendor whose new
    connections meet what is not committed yet. Where xtrig is killed, the server rolls it back."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command that triggers may fire on; ``kind`` is the vendor's name for such commands."""

    kind: str
    sql: str


@dataclass(frozen=True, slots=True)
class CommandTriggers:
    """Triggers that fire on commands, and how they are rehearsed, in a transaction that is rolled back.

    Each role that rehearses gives the commands twice, without the triggers and with them: so an error that comes from
    them is told from what the role may not do, and from what others' triggers refuse.
    """

    opening: tuple[Statement, ...]
    """What the deploying role does first, so that another role may make ``objects``."""
    objects: tuple[Statement, ...]
    """What the commands are about, made by the role that gives them."""
    triggers: tuple[Statement, ...]
    commands: tuple[Command, ...]
    kinds: frozenset[str]
    """All kinds of commands that the triggers fire on; for some there may be no command."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One transaction of a deployment, and what proves that it did no harm.

    Where a statement has to be committed by itself it is several; see :func:`xtrig.script.transactions`.

    ``undo`` takes back what the stage commits, in its order, in one transaction, or in several where a statement
    says so; ``late_undo`` does the rest once standbys have replayed that. A failure takes back all stages, last
    first. Before that the ``release`` of all stages ends what keeps people out, in a transaction alone, by statements
    that wait for nothing that an ordinary user could hold. Each statement of the three may find that there is
    nothing to take back, and then does nothing. ``instead`` is executed where others hold for too long what the
    stage needs, and keeps nobody out either; then the deployment ends.
    """

    name: str
    """Such as rehearsal, canary or go live."""
    purpose: str
    """What it does, for people."""
    statements: tuple[Statement, ...]
    """What is executed."""
    undo: tuple[Statement, ...] = ()
    """What takes it back."""
    late_undo: tuple[Statement, ...] = ()
    """What takes the rest back, once standbys have replayed that."""
    release: tuple[Statement, ...] = ()
    """What ends, before anything is taken back, that people are kept out."""
    instead: tuple[Statement, ...] = ()
    """What is executed where others hold for too long what it needs."""
    proof: Proof = Proof.NONE
    """What has to be seen before it counts as done."""
    probes: tuple[Statement, ...] = ()
    """What is run as each role that rehearses."""
    commands: CommandTriggers | None = None
    """What is rehearsed besides the probes."""
    tracing: tuple[Statement, ...] = ()
    """Of a rehearsal, statements after which an error that is caught says which step it comes from."""
    planning: tuple[Statement, ...] = ()
    """Of a rehearsal, statements that plan each query of the functions, those of steps that did not run, too.

    The last is the command that runs them.
    """
    unproved: tuple[str, ...] = ()
    """Of a rehearsal, what it does not try, for the report."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the server that a canary connection begins with."""
    standbys_first: bool = False
    """Whether standbys must have replayed the stages before this one is begun."""

    def to_dict(self) -> StageOutput:
        """Return the stage as JSON-able data."""
        return {
            "name": self.name,
            "purpose": self.purpose,
            "proof": str(self.proof),
            "statements": [statement.sql for statement in self.statements],
            "undo": [statement.sql for statement in (*self.undo, *self.late_undo)],
        }


class Deployment(ABC):
    """One set on one kind of server. Pure: the same arguments give the same answers."""

    verified: ClassVar[Verified] = Verified.UNVERIFIED
    """Whether deploying was seen to work on a server of the vendor's."""

    objects: tuple[DatabaseObject, ...]
    """The objects of the definition, in the order in which they can be made."""
    set_name: str

    def notes(self, server: Server) -> Iterable[str]:
        """Yield what whoever deploys this set to ``server`` should know."""
        return ()

    @abstractmethod
    def queries(self) -> Sequence[str]:
        """Return the queries that :meth:`inventory` needs; how many must not grow with the set or the server."""

    def further_queries(self, results: Sequence[Sequence[Row]]) -> Sequence[str]:
        """Return what can be asked only now, after :meth:`queries`: what is in a table that may be missing.

        Such as the table in which a vendor without comments keeps marks. None, as here, where all is in the catalogs.
        """
        return ()

    @abstractmethod
    def inventory(self, results: Sequence[Sequence[Row]]) -> Inventory:
        """Return what the results of :meth:`queries` and :meth:`further_queries` say, in their order."""

    def leftover(self, found: DatabaseObject, inventory: Inventory) -> bool:
        """Whether an object of the set was made by a deployment for its own use, and is of none any more."""
        return False

    def is_needed(self, found: DatabaseObject, inventory: Inventory) -> bool:
        """Whether an object that a deployment made for its own use has to stay: no definition names it."""
        return False

    def undisturbed(self, statements: Sequence[Statement], inventory: Inventory) -> Sequence[Statement]:
        """Return statements of one transaction such that no trigger of the set fires on them; as they are, as here."""
        return statements

    @abstractmethod
    def direct(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Statement]:
        """Return the statements of one transaction that makes all changes."""

    def expecting(self, objects: Sequence[DatabaseObject]) -> Sequence[Statement]:
        """Return the statements that stop a script which nobody compares with a server, unless these are there.

        That is, each with the mark that it was made with. None, as here: such a script is not stopped.
        """
        return ()

    @abstractmethod
    def stages(self, changes: Sequence[Change], inventory: Inventory) -> Sequence[Stage]:
        """Return the stages that make the changes so that no login can be refused unnoticed."""

    @abstractmethod
    def removal(self, inventory: Inventory, *, with_data: bool) -> Sequence[Stage]:
        """Return the stages that take away all that the set made, and nothing else."""
